// What each engine of AKS makes of the same policy: every row of the engine matrix.
import { describe, expect, test } from 'vitest';
import { parseCluster } from '../../../shared/estate/parse-cluster.ts';
import { engineOf } from '../../../shared/model/cluster.ts';
import type { EngineProfile } from '../../../shared/network/index.ts';
import { arm, given, judged } from './given.ts';

const ALL = 'All Connections';
const npm: EngineProfile = { engine: 'azure' };
const npmWindows: EngineProfile = { engine: 'azure', windows: true };
const calico: EngineProfile = { engine: 'calico' };
const cilium: EngineProfile = { engine: 'cilium' };

const policy = (spec: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: ${spec}
`;
const ingress = (rule: string) => policy(`{ podSelector: {}, ingress: [${rule}] }`);

describe('which engine it is', () => {
  test.each([
    [{ networkPolicy: 'azure' }, 'azure'],
    [{ networkPolicy: 'Calico' }, 'calico'],
    [{ networkPolicy: 'cilium', networkDataplane: 'cilium' }, 'cilium'],
    [{ networkDataplane: 'cilium' }, 'cilium'],
    [{ networkPolicy: 'none' }, 'none'],
    [{ networkPolicy: null }, 'none'],
  ])('%o is %s', (networkProfile, engine) => {
    const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/one';
    const listed = parseCluster({ id, properties: { networkProfile } });
    expect('cluster' in listed && engineOf(listed.cluster)).toBe(engine);
  });
});

describe('what NPM on Windows cannot express costs the whole policy, and its pods stay open', () => {
  test.each([
    ['named ports', '{ podSelector: {}, ingress: [{ ports: [{ port: http }] }] }'],
    ['SCTP', '{ podSelector: {}, ingress: [{ ports: [{ protocol: SCTP, port: 80 }] }] }'],
    ['negative selectors', '{ podSelector: { matchExpressions: [{ key: x, operator: NotIn, values: [y] }] } }'],
    ['negative selectors', '{ podSelector: { matchExpressions: [{ key: x, operator: DoesNotExist }] } }'],
    [
      'exceptions of an ipBlock',
      '{ podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 8.0.0.0/8, except: [8.8.0.0/16] } }] }] }',
    ],
  ])('%s', (construct, spec) => {
    const { inert, talks } = given(policy(spec), npmWindows);
    expect(inert).toEqual([
      `a/p[NetworkPolicy]: NPM on Windows does not support ${construct} and drops the whole policy`,
    ]);
    expect(talks('b/web', 'a/web')).toBe(ALL);
    for (const engine of [npm, calico, cilium])
      expect(given(policy(spec), engine).talks('b/db', 'a/web')).not.toBe(ALL);
    const pools = { agentPoolProfiles: [{ name: 'win', osType: 'Windows', count: 1 }] };
    expect(judged('npm-windows-constructs', { ...arm.npm, ...pools }, policy(spec))).toEqual([
      'policy/a/p[NetworkPolicy] fail',
    ]);
  });

  test('port ranges it can', () => {
    expect(given(ingress('{ ports: [{ port: 80, endPort: 82 }] }'), npmWindows).talks('b/web', 'a/db')).toBe(
      'TCP 80-82',
    );
  });
});

describe('named ports', () => {
  const named = (port: string) => policy(`{ podSelector: {}, policyTypes: [Egress], egress: [{ ports: [${port}] }] }`);
  test('under Cilium an egress rule by a name that pods give to different ports is decided at run time', () => {
    const { runTime } = given(named('{ port: http }'), cilium);
    expect([runTime('a/db'), runTime('b/db')]).toEqual([['egress'], []]);
    expect(given(named('{ port: http }'), calico).runTime('a/db')).toEqual([]);
  });

  test('under Cilium a name that means one port everywhere, or a rule of ingress, is decided', () => {
    expect(given(named('{ port: sql }'), cilium).runTime('a/db')).toEqual([]);
    expect(given(ingress('{ ports: [{ port: http }] }'), cilium).runTime('a/web')).toEqual([]);
  });

  test('the same holds for Cilium’s own policies', () => {
    const own = `
      kind: CiliumNetworkPolicy
      metadata: { name: c, namespace: a }
      spec: { endpointSelector: {}, egress: [{ toPorts: [{ ports: [{ port: http, protocol: TCP }] }] }] }
    `;
    expect(given(own, cilium).runTime('a/db')).toEqual(['egress']);
  });
});

describe('SCTP', () => {
  test.each([
    ['azure', npm, []],
    ['calico', calico, []],
    ['cilium, where a setting that is off by default decides', cilium, ['ingress']],
  ] as const)('under %s', (_name, engine, runTime) => {
    const world = given(ingress('{ ports: [{ protocol: SCTP, port: 80 }, { port: 81 }] }'), engine);
    expect(world.runTime('a/db')).toEqual(runTime);
    expect(world.talks('b/web', 'a/db')).toBe('SCTP 80,TCP 81');
  });
});

describe('port ranges', () => {
  const range = ingress('{ ports: [{ port: 80, endPort: 82 }] }');
  test.each([
    ['azure', npm, 'TCP 80-82'],
    ['calico', calico, 'TCP 80-82'],
    ['cilium of Kubernetes 1.31', { ...cilium, kubernetes: [1, 31] }, 'TCP 80'],
    ['cilium of Kubernetes 1.32', { ...cilium, kubernetes: [1, 32] }, 'TCP 80-82'],
    ['cilium of Kubernetes 1.36', { ...cilium, kubernetes: [1, 36] }, 'TCP 80-82'],
  ] satisfies [string, EngineProfile, string][])('%s', (_name, engine, expected) => {
    expect(given(range, engine).talks('b/web', 'a/db')).toBe(expected);
  });

  test('are pointed out where they are not understood', () => {
    expect(judged('cilium-end-port', { ...arm.cilium, kubernetesVersion: '1.31.4' }, range)).toEqual([
      'policy/a/p[NetworkPolicy] fail',
    ]);
  });
});

describe('addresses', () => {
  const six = ingress("{ from: [{ ipBlock: { cidr: 'fd00::/8' } }] }");
  test('NPM drops a policy that speaks of IPv6, the others enforce it', () => {
    expect(given(six, npm).inert).toEqual(['a/p[NetworkPolicy]: NPM does not support IPv6 and drops the whole policy']);
    expect([npm, calico, cilium].map((engine) => given(six, engine).talks('b/web', 'a/db'))).toEqual([
      ALL,
      'nothing',
      'nothing',
    ]);
  });

  test('a block that covers pods admits them, except under Cilium', () => {
    const block = ingress('{ from: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }');
    expect([npm, calico, cilium].map((engine) => given(block, engine).talks('b/web', 'a/db'))).toEqual([
      ALL,
      ALL,
      'nothing',
    ]);
    expect(judged('cilium-ip-block', arm.cilium, block)).toEqual(['policy/a/p[NetworkPolicy] fail']);
  });

  test('what a pod may send to its own node differs by engine and is not claimed: nodes are in no line', () => {
    const text = `
      kind: Pod
      metadata: { name: agent, namespace: a }
      spec: { hostNetwork: true }
      status: { podIP: 10.9.0.4, hostIP: 10.9.0.4 }
      ---
      ${policy('{ podSelector: {}, policyTypes: [Egress] }')}
    `;
    for (const engine of [npm, calico, cilium]) {
      const { lines, talks } = given(text, engine);
      expect(lines.filter((line) => line.includes('agent'))).toEqual([]);
      expect(talks('a/web', '8.8.8.8')).toBe('nothing');
    }
    expect(judged('pod-isolated', arm.npm, text)).toContain('workload/a/agent[Pod] notApplicable');
  });
});

describe('what leads around policies under NPM', () => {
  const service = (traffic: string) => `
    kind: Service
    metadata: { name: s, namespace: a }
    spec: { type: LoadBalancer, selector: { app: db }, externalTrafficPolicy: ${traffic} }
    ---
    ${policy('{ podSelector: {} }')}
  `;
  test.each([
    ['azure', 'Cluster', arm.npm, 'fail'],
    ['azure', 'Local', arm.npm, 'pass'],
    ['calico', 'Cluster', arm.calico, 'notApplicable'],
    ['cilium', 'Cluster', arm.cilium, 'notApplicable'],
  ])('under %s a load balancer with externalTrafficPolicy %s', (_engine, traffic, properties, verdict) => {
    expect(judged('npm-load-balancer-bypass', properties, service(traffic))).toEqual([`service/a/s ${verdict}`]);
  });

  test.each([
    [4, 'pass'],
    [5, 'fail'],
  ])('%s address blocks in one policy, whose updates may race: %s', (count, verdict) => {
    const blocks = Array.from({ length: count }, (_, i) => `{ ipBlock: { cidr: 8.8.${i}.0/24 } }`).join();
    expect(judged('npm-ipblock-count', arm.npm, ingress(`{ from: [${blocks}] }`))).toEqual([
      `policy/a/p[NetworkPolicy] ${verdict}`,
    ]);
  });
});

describe('policies of other makers', () => {
  const others = `
    kind: CiliumNetworkPolicy
    metadata: { name: c, namespace: a }
    spec: { endpointSelector: {}, ingress: [{}] }
    ---
    kind: GlobalNetworkPolicy
    metadata: { name: g }
    spec: { ingress: [{ action: Deny }] }
    ---
    kind: ClusterNetworkPolicy
    metadata: { name: n }
    spec:
      { tier: Admin, priority: 1, subject: { namespaces: {} }, ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }
  `;
  test.each([
    ['NPM', npm, ['n[ClusterNetworkPolicy]', 'a/c[CiliumNetworkPolicy]', 'g[GlobalNetworkPolicy]'], ALL],
    ['Calico', calico, ['a/c[CiliumNetworkPolicy]'], 'nothing'],
    ['Cilium', cilium, ['n[ClusterNetworkPolicy]', 'g[GlobalNetworkPolicy]'], 'nothing'],
  ] as const)('%s enforces only its own', (_name, engine, inert, expected) => {
    const world = given(others, engine);
    expect(world.inert.map((line) => line.split(':')[0])).toEqual(inert);
    expect(world.talks('b/web', 'a/db')).toBe(expected);
  });

  test('what needs more than Cilium on AKS has by itself, names and requests, is counted and not guessed', () => {
    const { runTime } = given(
      `
        kind: CiliumNetworkPolicy
        metadata: { name: c, namespace: a }
        spec: { endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: example.com }] }] }
      `,
      cilium,
    );
    expect(runTime('a/web')).toEqual(['egress']);
  });

  test('without an engine every policy does nothing, which is the first thing to know', () => {
    const { inert, talks } = given(`${policy('{ podSelector: {} }')}\n---\n${others}`, { engine: 'none' });
    expect(inert.map((line) => line.split(': ')[1])).toEqual(Array.from({ length: 4 }, () => 'no engine is on'));
    expect(talks('b/web', 'a/db')).toBe(ALL);
    expect(judged('policy-enforced', arm.none, policy('{ podSelector: {} }'))).toEqual(['cluster fail']);
  });
});

describe('limits and ends', () => {
  const pools = (count: number, osType = 'Linux') => ({ agentPoolProfiles: [{ name: 'p', count, osType }] });
  test.each([
    [251, 'fail'],
    [100, 'pass'],
  ])('NPM with %s nodes: %s', (count, verdict) => {
    expect(judged('npm-node-limit', { ...arm.npm, ...pools(count) })).toEqual([`cluster ${verdict}`]);
  });

  test('NPM ends, on Windows earlier than on Linux', () => {
    expect(judged('npm-retirement', { ...arm.npm, ...pools(1) })).toEqual(['cluster fail']);
    expect(judged('npm-retirement', { ...arm.npm, ...pools(1, 'Windows') })).toContain('cluster fail');
    expect(judged('npm-retirement', arm.calico)).toEqual(['cluster notApplicable']);
  });

  test('Cilium is for Linux nodes alone', () => {
    expect(judged('engine-supported', { ...arm.cilium, ...pools(1, 'Windows') })).toEqual(['cluster fail']);
    expect(judged('engine-supported', { ...arm.cilium, ...pools(1) })).toEqual(['cluster pass']);
  });
});
