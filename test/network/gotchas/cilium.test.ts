// Cilium's own policies: every row of the gotcha table.
import { describe, expect, test } from 'vitest';
import { arm, given, judged } from './given.ts';

const ALL = 'All Connections';
const cilium = { engine: 'cilium' } as const;

const cnp = (spec: string) => `
  kind: CiliumNetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { endpointSelector: {}, ${spec} }
`;
const ccnp = (spec: string) => `
  kind: CiliumClusterwideNetworkPolicy
  metadata: { name: g }
  spec: { ${spec} }
`;
const all = (...documents: string[]) => given(documents.join('\n---\n'), cilium);

describe('default deny', () => {
  test('a pod that no rule selects is open', () => {
    const { talks } = all(cnp('ingress: [{}]'));
    expect([talks('a/web', 'b/db'), talks('8.8.8.8', 'b/db')]).toEqual([ALL, ALL]);
  });

  test('each direction is closed by a section of its own', () => {
    const { talks } = all(cnp('egress: [{ toEntities: [cluster] }]'));
    expect([talks('a/web', 'b/db'), talks('a/web', '8.8.8.8'), talks('8.8.8.8', 'a/web')]).toEqual([
      ALL,
      'nothing',
      ALL,
    ]);
  });

  test('a policy that only denies closes as well', () => {
    const { talks } = all(cnp('ingressDeny: [{ fromEndpoints: [{ matchLabels: { app: web } }] }]'));
    expect([talks('a/web', 'a/db'), talks('b/db', 'a/db')]).toEqual(['nothing', 'nothing']);
  });

  test('enableDefaultDeny false adds rules without closing', () => {
    const { talks } = all(
      cnp('enableDefaultDeny: { ingress: false }, ingressDeny: [{ fromEntities: [world] }], ingress: [{}]'),
    );
    expect([talks('b/db', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual([ALL, 'nothing']);
  });
});

describe('denials', () => {
  test('win over every allowance, those of network policies too', () => {
    const { talks } = all(
      cnp('ingress: [{ fromEntities: [all] }]'),
      `
        kind: NetworkPolicy
        metadata: { name: open, namespace: a }
        spec: { podSelector: {}, ingress: [{}] }
      `,
      ccnp('endpointSelector: {}, ingressDeny: [{ toPorts: [{ ports: [{ port: "22", protocol: TCP }] }] }]'),
    );
    expect(talks('b/web', 'a/db')).toBe('SCTP 1-65535,TCP 1-21,23-65535,UDP 1-65535');
  });

  test.each([
    ['names', 'egressDeny: [{ toFQDNs: [{ matchName: example.com }] }]', 'egressDeny[0]: toFQDNs'],
    [
      'requests',
      'ingressDeny: [{ toPorts: [{ ports: [{ port: "80" }], rules: { http: [{}] } }] }]',
      'ingressDeny[0].toPorts: rules',
    ],
  ])('cannot be by %s: the policy is refused', (_name, spec, what) => {
    expect(all(cnp(spec)).problems).toEqual([`a/p[CiliumNetworkPolicy] spec.${what} cannot be denied, only allowed`]);
  });
});

describe('empty sections and rules, which are not as in NetworkPolicy', () => {
  test.each(['ingress: []', ''])('no ingress rule (%s) does nothing', (section) => {
    expect(all(cnp(section)).talks('b/web', 'a/db')).toBe(ALL);
  });

  test('one empty ingress rule denies all', () => {
    expect(all(cnp('ingress: [{}]')).talks('a/web', 'a/db')).toBe('nothing');
  });

  test('an empty endpoint selector means the own namespace, in a cluster-wide policy every one', () => {
    const own = all(cnp('ingress: [{ fromEndpoints: [{}] }]'));
    expect([own.talks('a/web', 'a/db'), own.talks('b/web', 'a/db'), own.talks('8.8.8.8', 'a/db')]).toEqual([
      ALL,
      'nothing',
      'nothing',
    ]);
    const wide = all(ccnp('endpointSelector: {}, ingress: [{ fromEndpoints: [{}] }]'));
    expect([wide.talks('b/web', 'a/db'), wide.talks('8.8.8.8', 'a/db')]).toEqual([ALL, 'nothing']);
  });

  test('an empty list of endpoints selects nobody', () => {
    expect(all(cnp('ingress: [{ fromEndpoints: [] }]')).talks('a/web', 'a/db')).toBe('nothing');
  });

  test.each([
    'fromEndpoints: [{}], fromCIDR: []',
    'fromEntities: [all], fromCIDRSet: []',
    'fromCIDR: [], toPorts: [{ ports: [{ port: "80" }] }]',
  ])('an empty list beside other peers makes them nobody: %s', (peers) => {
    expect(all(cnp(`ingress: [{ ${peers} }]`)).talks('a/web', 'a/db')).toBe('nothing');
  });

  test('an empty list of names is as absent, and so is one of ports', () => {
    const ports = 'toPorts: [{ ports: [{ port: "80", protocol: TCP }] }]';
    expect(all(cnp(`egress: [{ toFQDNs: [], ${ports} }]`)).talks('a/web', '8.8.8.8')).toBe('TCP 80');
    expect(all(cnp('ingress: [{ toPorts: [] }]')).talks('a/web', 'a/db')).toBe('nothing');
    expect(all(cnp('egress: [{ toEndpoints: [{}], toFQDNs: [], toPorts: [] }]')).talks('a/web', 'a/db')).toBe(ALL);
  });

  test('ports alone mean every peer on these ports', () => {
    const { talks } = all(cnp('ingress: [{ toPorts: [{ ports: [{ port: "80", protocol: TCP }] }] }]'));
    expect([talks('b/web', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual(['TCP 80', 'TCP 80']);
  });
});

describe('ports', () => {
  const on = (port: string) => all(cnp(`ingress: [{ toPorts: [{ ports: [${port}] }] }]`)).talks('b/web', 'a/web');
  test('port 0 means all, no protocol and ANY mean TCP, UDP and SCTP', () => {
    expect(on('{ port: "0", protocol: UDP }')).toBe('UDP 1-65535');
    expect(on('{ port: "53" }')).toBe('SCTP 53,TCP 53,UDP 53');
    expect(on('{ port: "53", protocol: ANY }')).toBe('SCTP 53,TCP 53,UDP 53');
  });

  test('a range and a name are understood', () => {
    expect(on('{ port: "80", endPort: 82, protocol: TCP }')).toBe('TCP 80-82');
    expect(on('{ port: http, protocol: TCP }')).toBe('TCP 8080');
  });

  test('names compare in lower case', () => {
    expect(on('{ port: HTTP, protocol: TCP }')).toBe('TCP 8080');
  });

  test('a list of protocols that have no ports is not every port', () => {
    expect(on('{ port: "0", protocol: VRRP }')).toBe('nothing');
  });

  test.each([
    ['{ port: 80 }', '.port: must be a string'],
    ['{ protocol: TCP }', '.port: is missing'],
    ['{ port: "080" }', '.port: "080" begins with 0: write it without leading zeros'],
    ['{ port: "90000" }', '.port: 90000 is not a port: 1 to 65535'],
    [
      '{ port: http_x }',
      '.port: "http_x" is not a port name: lower-case letters, digits and single dashes inside, at least one letter',
    ],
    ['{ port: "80", protocol: QUIC }', '.protocol: "QUIC" is not TCP, UDP, SCTP or ANY'],
  ])('%s is refused', (port, problem) => {
    expect(all(cnp(`ingress: [{ toPorts: [{ ports: [${port}] }] }]`)).problems).toEqual([
      `a/p[CiliumNetworkPolicy] spec.ingress[0].toPorts[0].ports[0]${problem}`,
    ]);
  });

  test('a rule of ICMP alone allows no port and still closes', () => {
    expect(all(cnp('ingress: [{ icmps: [{ fields: [{ type: 8 }] }] }]')).talks('b/web', 'a/db')).toBe('nothing');
  });

  test('more than 40 ports in one list are refused', () => {
    const ports = Array.from({ length: 41 }, (_, i) => `{ port: "${i + 1}" }`).join();
    expect(all(cnp(`ingress: [{ toPorts: [{ ports: [${ports}] }] }]`)).problems).toEqual([
      'a/p[CiliumNetworkPolicy] spec.ingress[0].toPorts[0].ports: has 41 ports; Cilium takes at most 40',
    ]);
  });
});

describe('what Cilium refuses, and a policy of which is not enforced', () => {
  test.each([
    [
      'two kinds of peer in one rule',
      'ingress: [{ fromEndpoints: [{}], fromCIDR: [10.0.0.0/8] }]',
      'spec.ingress[0]: combines fromEndpoints and fromCIDR, which Cilium rejects',
    ],
    [
      'services with ports',
      'egress: [{ toServices: [{ k8sService: { serviceName: db } }], toPorts: [{ ports: [{ port: "80" }] }] }]',
      'spec.egress[0]: combines toServices and toPorts, which Cilium rejects',
    ],
    [
      'ICMP with ports',
      'ingress: [{ icmps: [{ fields: [{ type: 8 }] }], toPorts: [{ ports: [{ port: "80" }] }] }]',
      'spec.ingress[0]: combines icmps and toPorts, which Cilium rejects',
    ],
    [
      'an address that is not a block',
      'ingress: [{ fromCIDR: [10.0.0.1] }]',
      'spec.ingress[0].fromCIDR[0]: "10.0.0.1" is an address, not a CIDR block: write 10.0.0.1/32',
    ],
    [
      'an IPv6 address that is not a block',
      "ingress: [{ fromCIDRSet: [{ cidr: 'fd00::1' }] }]",
      'spec.ingress[0].fromCIDRSet[0].cidr: "fd00::1" is an address, not a CIDR block: write fd00::1/128',
    ],
    [
      'an entity that does not exist',
      'ingress: [{ fromEntities: [martians] }]',
      'spec.ingress[0].fromEntities[0]: "martians" is not an entity',
    ],
  ])('%s', (_name, spec, problem) => {
    const { problems, talks } = all(cnp(spec));
    expect(problems).toEqual([`a/p[CiliumNetworkPolicy] ${problem}`]);
    expect(talks('b/web', 'a/db')).toBe(ALL);
    expect(judged('pod-isolated', arm.cilium, cnp(spec))).toContain('workload/a/db[Pod] unknown');
  });

  test.each(['ingress: [{ fromRequires: [{ matchLabels: { app: web } }] }]', 'order: 5, ingress: [{}]'])(
    'what this version cannot weigh is named, and answers are unknown: %s',
    (spec) => {
      expect(all(cnp(spec)).problems).toHaveLength(1);
      expect(judged('pod-isolated', arm.cilium, cnp(spec))).toContain('workload/a/db[Pod] unknown');
    },
  );
});

describe('a policy needs one subject', () => {
  test.each([
    ['ingress: [{}]', 'spec: needs an endpointSelector (or a nodeSelector): Cilium refuses it'],
    [
      'endpointSelector: {}, nodeSelector: {}, ingress: [{}]',
      'spec: has both endpointSelector and nodeSelector: Cilium takes only one',
    ],
  ])('%s', (spec, problem) => {
    const { problems, talks } = all(ccnp(spec));
    expect(problems).toEqual([`g[CiliumClusterwideNetworkPolicy] ${problem}`]);
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });
});

describe('labels', () => {
  const from = (labels: string) => {
    const { talks } = all(cnp(`ingress: [{ fromEndpoints: [{ matchLabels: { ${labels} } }] }]`));
    return ['a/web', 'b/web', 'b/db'].filter((pod) => talks(pod, 'a/db') === ALL);
  };
  test.each([
    ['"k8s:app": web', ['a/web']],
    ['"any:app": web', ['a/web']],
    ['"k8s:io.kubernetes.pod.namespace": b', ['b/web', 'b/db']],
    ['io.kubernetes.pod.namespace: b, app: web', ['b/web']],
    ['"k8s:io.cilium.k8s.namespace.labels.team": blue', ['b/web', 'b/db']],
  ])('%s', (labels, expected) => {
    expect(from(labels)).toEqual(expected);
  });

  test.each(['io.cilium.k8s.policy.serviceaccount: robot', '"k8s:io.cilium.k8s.policy.cluster": east'])(
    '%s is what no pod object carries: it allows nothing for certain, and is counted',
    (labels) => {
      const { talks, runTime } = all(cnp(`ingress: [{ fromEndpoints: [{ matchLabels: { ${labels} } }] }]`));
      expect(talks('a/web', 'a/db')).toBe('nothing');
      expect(runTime('a/db')).toEqual(['ingress']);
    },
  );

  test.each([
    ['"reserved:host": ""', []],
    ['"reserved:health": "", app: web', []],
    ['"reserved:world": ""', ['8.8.8.8']],
  ])('%s means an identity that no pod has', (labels, expected) => {
    const { talks, runTime } = all(cnp(`ingress: [{ fromEndpoints: [{ matchLabels: { ${labels} } }] }]`));
    expect(['a/web', 'b/web', '8.8.8.8'].filter((sender) => talks(sender, 'a/db') === ALL)).toEqual(expected);
    expect(runTime('a/db')).toEqual([]);
  });

  test('a key is cut at its source’s colon alone', () => {
    const labelled = (key: string) => `
      kind: Pod
      metadata: { name: own, namespace: a, labels: { ${key}: x } }
    `;
    const from = (key: string, wanted: string) =>
      all(labelled(key), cnp(`ingress: [{ fromEndpoints: [{ matchLabels: { "${wanted}": x } }] }]`)).talks(
        'a/own',
        'a/db',
      );
    expect(from('any.example.com/team', 'any.example.com/team')).toBe(ALL);
    expect(from('team', 'container:team')).toBe('nothing');
  });

  test('the policy of a namespace selects pods of that namespace whatever its selector says', () => {
    const { talks } = all(`
      kind: CiliumNetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { endpointSelector: { matchLabels: { io.kubernetes.pod.namespace: b, app: db } }, ingress: [{}] }
    `);
    expect(['a/db', 'a/web', 'b/db'].map((pod) => talks('b/web', pod))).toEqual(['nothing', ALL, ALL]);
  });

  test('a cluster-wide policy selects pods by namespace', () => {
    const { talks } = all(
      ccnp('endpointSelector: { matchLabels: { "k8s:io.kubernetes.pod.namespace": b } }, ingress: [{}]'),
    );
    expect([talks('a/web', 'b/db'), talks('b/web', 'a/db')]).toEqual(['nothing', ALL]);
  });
});

describe('labels that Cilium leaves out of identities', () => {
  const labelled = (key: string) => `
    kind: Pod
    metadata: { name: own, namespace: a, labels: { ${key}: x } }
  `;
  const np = (selector: string) => `
    kind: NetworkPolicy
    metadata: { name: k, namespace: a }
    spec: { podSelector: { ${selector} } }
  `;
  const closes = (key: string, ...policies: string[]): boolean =>
    all(labelled(key), ...policies).talks('b/web', 'a/own') === 'nothing';

  test.each([
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
    'batch.kubernetes.io/job-completion-index',
    'batch.kubernetes.io/controller-uid',
    'controller-uid',
    'pod-template-hash',
    'controller-revision-hash',
    'pod-template-generation',
    'io.kubernetes.pod.name',
    'kubernetes.io/os',
    'k8s.io/role',
    'failure-domain.beta.kubernetes.io/zone',
    'annotation.x',
    'etcd_node',
  ])('%s selects nothing, in its own policies and in those of Kubernetes', (key) => {
    const own = `endpointSelector: { matchLabels: { ${key}: x } }, ingress: [{}]`;
    expect([closes(key, ccnp(own)), closes(key, np(`matchLabels: { ${key}: x }`))]).toEqual([false, false]);
    expect(closes(key, np(`matchExpressions: [{ key: ${key}, operator: Exists }]`))).toBe(false);
    // It is absent, as far as Cilium can see.
    expect(closes(key, np(`matchExpressions: [{ key: ${key}, operator: DoesNotExist }]`))).toBe(true);
    expect(closes(key, np(`matchExpressions: [{ key: ${key}, operator: NotIn, values: [x] }]`))).toBe(true);
    const calico = given(`${labelled(key)}\n---\n${np(`matchLabels: { ${key}: x }`)}`, { engine: 'calico' });
    expect(calico.talks('b/web', 'a/own')).toBe('nothing');
  });

  test.each(['app.kubernetes.io/name', 'job-name', 'batch.kubernetes.io/job-name', 'app', 'example.com/k8s.io'])(
    '%s selects',
    (key) => {
      expect(closes(key, np(`matchLabels: { ${key}: x }`))).toBe(true);
    },
  );

  test('a peer that asks for one means nobody', () => {
    const { talks } = all(
      labelled('pod-template-hash'),
      cnp('ingress: [{ fromEndpoints: [{ matchLabels: { pod-template-hash: x } }] }]'),
    );
    expect(talks('a/own', 'a/db')).toBe('nothing');
  });

  test('the name of a namespace is kept', () => {
    const { talks } = all(`
      kind: NetworkPolicy
      metadata: { name: k, namespace: a }
      spec:
        podSelector: {}
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: b } } }] }]
    `);
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });
});

describe('entities and addresses', () => {
  const from = (peers: string) => {
    const { talks } = all(cnp(`ingress: [{ ${peers} }]`));
    return ['b/web', '8.8.8.8', '10.0.2.1'].filter((sender) => talks(sender, 'a/db') === ALL);
  };
  test.each([
    ['fromEntities: [all]', ['b/web', '8.8.8.8', '10.0.2.1']],
    ['fromEntities: [cluster]', ['b/web']],
    ['fromEntities: [world]', ['8.8.8.8', '10.0.2.1']],
    ['fromEntities: [host, remote-node, kube-apiserver, ingress, init, health, unmanaged]', []],
  ])('%s', (peers, expected) => {
    expect(from(peers)).toEqual(expected);
  });

  test('a CIDR never means a pod, also where it covers its address', () => {
    expect(from('fromCIDR: [0.0.0.0/0]')).toEqual(['8.8.8.8', '10.0.2.1']);
    expect(from('fromCIDRSet: [{ cidr: 10.0.0.0/8, except: [10.1.0.0/16] }]')).toEqual(['10.0.2.1']);
  });

  test.each([
    'egress: [{ toFQDNs: [{ matchPattern: "*.example.com" }] }]',
    'egress: [{ toServices: [{ k8sService: { serviceName: db } }] }]',
    'egress: [{ toCIDRSet: [{ cidrGroupRef: partners }] }]',
    'egress: [{ toEndpoints: [{}], toPorts: [{ ports: [{ port: "80", protocol: TCP }], rules: { http: [{}] } }] }]',
    'egress: [{ toEntities: [all], toPorts: [{ ports: [{ port: "443", protocol: TCP }], serverNames: [example.com] }] }]',
    'egress: [{ toEntities: [all], toPorts: [{ ports: [{ port: "80" }], listener: { name: own, envoyConfig: { name: e } } }] }]',
    'egress: [{ toEntities: [all], toPorts: [{ ports: [{ port: "443" }], originatingTLS: { secret: { name: s } } }] }]',
    'egress: [{ toEntities: [all], authentication: { mode: required } }]',
  ])('what only run time decides allows nothing for certain, and is counted: %s', (egress) => {
    const { talks, runTime } = all(cnp(egress));
    expect([talks('a/web', 'a/db'), talks('a/web', '8.8.8.8')]).toEqual(['nothing', 'nothing']);
    expect([runTime('a/web'), runTime('b/web')]).toEqual([['egress'], []]);
  });
});

test('authentication that is off decides nothing', () => {
  const { talks, runTime } = all(cnp('egress: [{ toEntities: [all], authentication: { mode: disabled } }]'));
  expect([talks('a/web', 'b/db'), runTime('a/web')]).toEqual([ALL, []]);
});

describe('hosts', () => {
  test('a pod of the node’s network has the identity of the host, and no policy of pods selects it', () => {
    const { lines } = all(
      `
        kind: Pod
        metadata: { name: agent, namespace: a }
        spec: { hostNetwork: true }
      `,
      cnp('ingress: [{ fromEntities: [host] }]'),
    );
    expect(lines.filter((line) => line.includes('agent'))).toEqual([]);
  });

  test('a host policy closes no pod', () => {
    const { problems, talks } = all(ccnp('nodeSelector: {}, ingress: [{}]'));
    expect(problems).toEqual([]);
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });

  test('only a cluster-wide policy may be one for hosts', () => {
    const { problems } = all(`
      kind: CiliumNetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { nodeSelector: {}, ingress: [{}] }
    `);
    expect(problems).toEqual([
      'a/p[CiliumNetworkPolicy] spec.nodeSelector: selects nodes, which only a cluster-wide policy may do',
    ]);
  });
});
