// Calico's own policies, tiers and selectors: every row of the gotcha table.
import { describe, expect, test } from 'vitest';
import { arm, given, judged } from './given.ts';

const ALL = 'All Connections';

const global = (name: string, spec: string) => `
  kind: GlobalNetworkPolicy
  metadata: { name: ${name} }
  spec: { ${spec} }
`;
const namespaced = (spec: string) => `
  apiVersion: projectcalico.org/v3
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { ${spec} }
`;
const kubernetes = (name: string, spec: string) => `
  kind: NetworkPolicy
  metadata: { name: ${name}, namespace: a }
  spec: ${spec}
`;
const tier = (name: string, spec: string) => `
  kind: Tier
  metadata: { name: ${name} }
  spec: { ${spec} }
`;
const all = (...documents: string[]) => given(documents.join('\n---\n'));
const [allow, deny] = ['ingress: [{ action: Allow }]', 'ingress: [{ action: Deny }]'];

describe('what decides first', () => {
  test('tiers in their order, those without one last and by name', () => {
    const state = (order: string) =>
      all(
        tier('early', 'order: 10'),
        tier('own', order),
        global('early.x', `tier: early, ${allow}`),
        global('own.x', `tier: own, ${deny}`),
      ).talks('b/web', 'a/db');
    expect([state('order: 5'), state('order: 20'), state('')]).toEqual(['nothing', ALL, ALL]);
    const unordered = all(
      tier('b', ''),
      tier('a', ''),
      global('b.x', `tier: b, ${deny}`),
      global('a.x', `tier: a, ${allow}`),
    );
    expect(unordered.talks('b/web', 'a/db')).toBe(ALL);
  });

  test('policies of a tier in their order, those without one last, of the same by name', () => {
    const two = (denies: string, allows: string) =>
      all(global('b', `${denies} ${deny}`), global('a', `${allows} ${allow}`)).talks('b/web', 'a/db');
    expect(two('order: 1,', 'order: 2,')).toBe('nothing');
    expect(two('order: 2,', '')).toBe('nothing');
    expect(two('', '')).toBe(ALL);
  });

  test('rules in their order: Log goes on, Allow and Deny are final, Pass leaves the tier', () => {
    const rules = (list: string) => all(global('x', `ingress: [${list}]`)).talks('b/web', 'a/db');
    expect(rules('{ action: Log }, { action: Allow }, { action: Deny }')).toBe(ALL);
    expect(rules('{ action: Deny }, { action: Allow }')).toBe('nothing');
    // The default tier is the last: what leaves it is for the profile of the namespace, which allows.
    expect(rules('{ action: Pass }, { action: Deny }')).toBe(ALL);
  });

  test('what no policy of a tier decided is denied, unless the tier passes; default always denies', () => {
    const some = 'ingress: [{ action: Allow, protocol: TCP, destination: { ports: [80] } }]';
    const own = (action: string) => all(tier('own', action), global('own.x', `tier: own, ${some}`));
    expect(own('order: 1').talks('b/web', 'a/db')).toBe('TCP 80');
    expect(own('order: 1, defaultAction: Pass').talks('b/web', 'a/db')).toBe(ALL);
    const inDefault = all(tier('default', 'order: 1000000, defaultAction: Pass'), global('x', some));
    expect(inDefault.talks('b/web', 'a/db')).toBe('TCP 80');
  });

  test('a tier of which no policy applies to the pod and direction is skipped', () => {
    const { talks } = all(tier('own', 'order: 1'), global('own.x', "tier: own, selector: app == 'web', ingress: []"));
    expect([talks('b/db', 'a/db'), talks('b/db', 'a/web'), talks('a/web', 'b/db')]).toEqual([ALL, 'nothing', ALL]);
  });

  test('a network policy of Kubernetes is of order 1000 in the default tier', () => {
    const withKubernetes = (order: number) =>
      all(kubernetes('k', '{ podSelector: {} }'), global('x', `order: ${order}, ${allow}`)).talks('b/web', 'a/db');
    expect(withKubernetes(999)).toBe(ALL);
    const after = all(kubernetes('k', '{ podSelector: {}, ingress: [{}] }'), global('x', `order: 1001, ${deny}`));
    expect(after.talks('b/web', 'a/db')).toBe(ALL);
    // One that allows nothing decides nothing; it only makes the tier's end a denial.
    expect(withKubernetes(1001)).toBe(ALL);
  });

  test('a rule that names what no pod has allows nothing, and its policy still closes', () => {
    const { talks } = all(kubernetes('k', '{ podSelector: {}, ingress: [{ ports: [{ port: nobody }] }] }'));
    expect(talks('b/web', 'a/db')).toBe('nothing');
  });

  test('the pods of Kubernetes carry the label of their orchestrator and of their namespace', () => {
    const { talks } = all(
      global('x', `selector: "projectcalico.org/orchestrator == 'k8s' && projectcalico.org/namespace == 'a'", ${deny}`),
    );
    expect([talks('b/web', 'a/db'), talks('b/web', 'b/db')]).toEqual(['nothing', ALL]);
  });
});

describe('which directions apply', () => {
  const egress = 'egress: [{ action: Deny }]';
  test.each([
    ['no rules: ingress', '', ['nothing', ALL]],
    ['ingress rules: ingress', deny, ['nothing', ALL]],
    ['egress rules: egress alone, unlike Kubernetes', egress, [ALL, 'nothing']],
    ['both', `${deny}, ${egress}`, ['nothing', 'nothing']],
    ['types win over rules', `types: [Egress], ${deny}, ${egress}`, [ALL, 'nothing']],
  ])('by default, %s', (_name, spec, [into, out]) => {
    const { talks } = all(namespaced(spec!));
    expect([talks('b/web', 'a/db'), talks('a/db', 'b/web')]).toEqual([into, out]);
  });
});

describe('which policies govern pods', () => {
  test('a global policy’s selectors must all hold', () => {
    const { talks } = all(global('x', `selector: app == 'db', namespaceSelector: team == 'red', ${deny}`));
    expect(['a/db', 'a/web', 'b/db'].map((pod) => talks('b/web', pod))).toEqual(['nothing', ALL, ALL]);
  });

  test('a selector of service accounts cannot be judged by the objects: the policy is named, and answers are unknown', () => {
    const text = global('x', `serviceAccountSelector: "has(role)", ${deny}`);
    expect(all(text).problems).toEqual([
      'x[GlobalNetworkPolicy] spec.serviceAccountSelector: this version of Bulkhead does not judge service accounts',
    ]);
    expect(judged('pod-isolated', arm.calico, text)).toContain('workload/a/db[Pod] unknown');
  });

  test.each(['doNotTrack: true', 'preDNAT: true'])('%s speaks of host endpoints alone', (field) => {
    expect(all(global('x', `${field}, ${deny}`)).talks('b/web', 'a/db')).toBe(ALL);
  });

  test('applyOnForward adds host endpoints and takes no pod away', () => {
    expect(all(global('x', `applyOnForward: true, ${deny}`)).talks('b/web', 'a/db')).toBe('nothing');
  });

  test('staged policies are not enforced', () => {
    const { talks } = all(`
      apiVersion: projectcalico.org/v3
      kind: StagedGlobalNetworkPolicy
      metadata: { name: x }
      spec: { ${deny} }
    `);
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });

  test('pods of the node’s network and finished ones are no endpoints', () => {
    const { lines } = all(
      `
        kind: Pod
        metadata: { name: agent, namespace: a }
        spec: { hostNetwork: true }
        ---
        kind: Pod
        metadata: { name: job, namespace: a }
        status: { phase: Succeeded }
      `,
      global('x', allow),
    );
    expect(lines.filter((line) => /agent|job/.test(line))).toEqual([]);
  });
});

describe('whom a rule means', () => {
  const from = (source: string, make = namespaced) => {
    const { talks } = all(
      `
        kind: GlobalNetworkSet
        metadata: { name: partners, labels: { role: partner } }
        spec: { nets: [8.8.0.0/16] }
        ---
        kind: NetworkSet
        metadata: { name: near, namespace: a, labels: { role: near } }
        spec: { nets: [9.9.0.0/16] }
      `,
      make(`ingress: [{ action: Allow, source: { ${source} } }]`),
    );
    return ['a/web', 'b/web', 'b/db', '8.8.8.8', '9.9.9.9', '7.7.7.7'].filter(
      (sender) => talks(sender, 'a/db') === ALL,
    );
  };
  const protocols = { ipv4: '8.8.8.8', ipv6: 'fd00::1' };
  const families = (rule: string): readonly string[] => {
    const { talks } = all(global('x', `ingress: [{ action: Allow, ${rule} }]`));
    return Object.entries(protocols).flatMap(([family, sender]) => (talks(sender, 'a/db') === ALL ? [family] : []));
  };
  const globalAs = (spec: string) => global('x', spec);

  test('a selector alone means the own namespace in a policy of one, everywhere in a global one', () => {
    expect(from("selector: app == 'web'")).toEqual(['a/web']);
    expect(from("selector: app == 'web'", globalAs)).toEqual(['a/web', 'b/web']);
  });

  test('a namespaceSelector chooses the namespaces of the selector', () => {
    expect(from("selector: app == 'web', namespaceSelector: team == 'blue'")).toEqual(['b/web']);
  });

  test('network sets join in by their labels, and global() means the global ones alone', () => {
    expect(from("selector: role == 'partner'", globalAs)).toEqual(['8.8.8.8']);
    expect(from("selector: role == 'near'")).toEqual(['9.9.9.9']);
    expect(from("selector: role == 'partner', namespaceSelector: global()")).toEqual(['8.8.8.8']);
    expect(from('selector: has(role), namespaceSelector: global()')).toEqual(['8.8.8.8']);
  });

  test('a namespaceSelector alone finds the sets of its namespaces, and global() those of none', () => {
    expect(from("namespaceSelector: team == 'red'")).toEqual(['a/web', '9.9.9.9']);
    expect(from('namespaceSelector: all()')).toEqual(['a/web', 'b/web', 'b/db', '9.9.9.9']);
    expect(from('namespaceSelector: global()')).toEqual(['8.8.8.8']);
    expect(from("selector: projectcalico.org/namespace == 'a'", globalAs)).toEqual(['a/web', '9.9.9.9']);
  });

  test('notSelector alone keeps the own namespace of a policy, or those of its namespaceSelector', () => {
    expect(from("notSelector: app == 'db'")).toEqual(['a/web', '9.9.9.9']);
    expect(from("notSelector: app == 'db', namespaceSelector: team == 'blue'")).toEqual(['b/web']);
    expect(from("notSelector: role == 'near'")).toEqual(['a/web']);
    expect(from("notSelector: role == 'partner'", globalAs)).toEqual(['a/web', 'b/web', 'b/db', '9.9.9.9', '7.7.7.7']);
  });

  test('single addresses are blocks of one, in rules and in sets', () => {
    expect(from('nets: [10.0.2.1, 8.8.8.8]')).toEqual(['b/web', '8.8.8.8']);
    const { talks, problems } = all(
      `
        kind: GlobalNetworkSet
        metadata: { name: one, labels: { role: one } }
        spec: { nets: [6.6.6.6, 'fd00::6'] }
      `,
      global('x', "ingress: [{ action: Allow, source: { selector: role == 'one' } }]"),
    );
    expect(problems).toEqual([]);
    expect(['6.6.6.6', '6.6.6.7', 'fd00::6'].filter((sender) => talks(sender, 'a/db') === ALL)).toEqual([
      '6.6.6.6',
      'fd00::6',
    ]);
  });

  test('an empty list of nets asks for nothing', () => {
    expect(from('nets: []', globalAs)).toEqual(['a/web', 'b/web', 'b/db', '8.8.8.8', '9.9.9.9', '7.7.7.7']);
  });

  test.each([
    ['ipVersion: 4', ['ipv4']],
    ['ipVersion: 6', ['ipv6']],
    ['ipVersion: 6, source: { notNets: [10.0.0.0/8] }', []],
    ["source: { notNets: [10.0.0.0/8] }, destination: { notNets: ['fd01::/16'] }", []],
    ["source: { notNets: [10.0.0.0/8, 'fd01::/16'] }", ['ipv4', 'ipv6']],
  ])('a rule is enforced in the families that its version and its nets leave: %s', (rule, expected) => {
    expect(families(rule)).toEqual(expected);
  });

  test('a rule of one family decides about pods that have it', () => {
    const between = (rule: string) => all(global('x', `ingress: [{ action: Allow, ${rule} }]`)).talks('b/web', 'a/db');
    expect([between('ipVersion: 4'), between('ipVersion: 6')]).toEqual([ALL, 'nothing']);
  });

  test('between pods of both families a denial in one leaves the other open, which is counted', () => {
    const pod = (name: string, last: number) => `
      kind: Pod
      metadata: { name: ${name}, namespace: a, labels: { dual: both } }
      status: { podIP: 10.9.0.${last}, podIPs: [{ ip: 10.9.0.${last} }, { ip: 'fd09::${last}' }] }
    `;
    const dual = (rules: string) => all(pod('one', 1), pod('two', 2), global('x', `selector: has(dual), ${rules}`));
    const denied = dual('ingress: [{ action: Deny, ipVersion: 4 }, { action: Allow }]');
    expect([denied.talks('a/one', 'a/two'), denied.runTime('a/two')]).toEqual([ALL, ['ingress']]);
    expect(dual('ingress: [{ action: Allow, ipVersion: 6 }]').talks('a/one', 'a/two')).toBe(ALL);
  });

  test('another version is refused', () => {
    expect(all(namespaced('ingress: [{ action: Allow, ipVersion: 5 }]')).problems).toEqual([
      'a/p[NetworkPolicy.projectcalico.org] spec.ingress[0].ipVersion: 5 is neither 4 nor 6',
    ]);
  });

  test('nets and notNets mean addresses, those of pods too', () => {
    expect(from('nets: [10.0.2.0/24]')).toEqual(['b/web', 'b/db']);
    expect(from('nets: [10.0.0.0/8], notNets: [10.0.2.1/32]')).toEqual(['a/web', 'b/db']);
  });

  test('notSelector holds for what is no endpoint', () => {
    expect(from("notSelector: app == 'web'", globalAs)).toEqual(['b/db', '8.8.8.8', '9.9.9.9', '7.7.7.7']);
  });

  test('ports need a protocol, and notPorts take away', () => {
    const rule = (text: string) => all(namespaced(`ingress: [{ action: Allow, ${text} }]`));
    expect(rule('protocol: TCP, destination: { ports: [80, "8080:8082", http] }').talks('b/web', 'a/db')).toBe(
      'TCP 80,8080-8082',
    );
    expect(rule('protocol: UDP, destination: { notPorts: ["2:65535"] }').talks('b/web', 'a/db')).toBe('UDP 1');
    expect(rule('destination: { ports: [80] }').problems).toEqual([
      'a/p[NetworkPolicy.projectcalico.org] spec.ingress[0].destination.ports: needs the protocol TCP, UDP or SCTP beside it',
    ]);
  });

  test.each(['serviceAccounts: { names: [robot] }', 'services: { name: db }'])(
    '%s is decided at run time: it allows nothing for certain, and is counted',
    (source) => {
      expect(from(source)).toEqual([]);
      expect(all(namespaced(`ingress: [{ action: Allow, source: { ${source} } }]`)).runTime('a/db')).toEqual([
        'ingress',
      ]);
    },
  );
});

describe('the selector language', () => {
  const selected = (selector: string): string[] => {
    const { talks, problems } = all(
      `
        kind: Pod
        metadata: { name: bare, namespace: a }
      `,
      global('x', `selector: "${selector}", ${deny}`),
    );
    expect(problems).toEqual([]);
    return ['a/web', 'a/db', 'a/bare'].filter((pod) => talks('b/web', pod) === 'nothing');
  };
  test.each([
    ['all()', ['a/web', 'a/db', 'a/bare']],
    ['global()', []],
    ["app == 'web'", ['a/web']],
    ["app != 'web'", ['a/db', 'a/bare']],
    ["app in {'web', 'db'}", ['a/web', 'a/db']],
    ["app not in {'web'}", ['a/db', 'a/bare']],
    ['has(app)', ['a/web', 'a/db']],
    ['!has(app)', ['a/bare']],
    ["app contains 'e'", ['a/web']],
    ["app starts with 'd'", ['a/db']],
    ["app ends with 'b'", ['a/web', 'a/db']],
    ["has(app) && (app == 'web' || app == 'x')", ['a/web']],
  ])('%s', (selector, expected) => {
    expect(selected(selector)).toEqual(expected);
  });
});

describe('on Windows nodes', () => {
  const windows = { engine: 'calico', windows: true } as const;
  test.each([
    ['named ports', '{ ports: [{ port: http }] }'],
    ['exceptions', '{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [8.8.8.0/24] } }] }'],
    ['IPv6', "{ from: [{ ipBlock: { cidr: '::/0' } }] }"],
  ])('a rule with %s is skipped, and its policy still closes', (_name, rule) => {
    const text = kubernetes('k', `{ podSelector: {}, ingress: [${rule}, { ports: [{ port: 81 }] }] }`);
    expect(given(text, windows).talks('9.9.9.9', 'a/web')).toBe('TCP 81');
  });

  test.each(['source: { notNets: [8.8.8.0/24] }', "source: { notSelector: app == 'db' }", 'notProtocol: UDP'])(
    'a Calico rule with a negative match is skipped: %s',
    (match) => {
      const text = namespaced(`ingress: [{ action: Allow, ${match} }]`);
      expect(given(text, windows).talks('9.9.9.9', 'a/web')).toBe('nothing');
    },
  );
});
