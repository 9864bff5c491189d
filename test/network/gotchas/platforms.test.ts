// Clusters with nodes of several kinds: what a policy does depends on where each pod runs.
import { describe, expect, test } from 'vitest';
import type { EngineProfile } from '../../../shared/network/index.ts';
import { explainReach, findWorkload } from '../../../shared/network/index.ts';
import { arm, given, judged } from './given.ts';

const ALL = 'All Connections';
const pod = (name: string, spec: string, labels = '{}', ip = '10.0.3.1') => `
  kind: Pod
  metadata: { name: ${name}, namespace: a, labels: ${labels} }
  spec: ${spec}
  status: { podIP: ${ip} }
`;
const windows = '{ nodeName: akswin000000, containers: [{ ports: [{ name: http, containerPort: 8080 }] }] }';
const virtual = '{ nodeName: virtual-node-aci-linux }';
const policy = (spec: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: ${spec}
`;
const world = (engine: EngineProfile['engine'], ...documents: string[]) => given(documents.join('\n---\n'), { engine });

describe('a policy that NPM on Windows drops', () => {
  const named = policy('{ podSelector: {}, ingress: [{ ports: [{ port: http }] }] }');

  test('holds for Linux pods and leaves Windows pods open, in one cluster', () => {
    const { talks, inert } = world('azure', pod('w', windows), named);
    expect([talks('b/web', 'a/web'), talks('b/web', 'a/db'), talks('b/web', 'a/w')]).toEqual([
      'TCP 8080',
      'nothing',
      ALL,
    ]);
    expect(inert).toEqual([]);
  });

  test('is isolation of Linux workloads only', () => {
    const both = policy('{ podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{ ports: [{ port: http }] }] }');
    expect(
      judged('pod-isolated', arm.npm, `${pod('w', windows)}\n---\n${both}`).filter((line) => line.includes('/a/')),
    ).toEqual(['workload/a/w[Pod] fail', 'workload/a/db[Pod] pass', 'workload/a/web[Pod] pass']);
  });

  test('means Windows pods where it is enforced: from Linux pods they are reached as it says', () => {
    const out = policy(
      '{ podSelector: { matchLabels: { app: db } }, policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchExpressions: [{ key: x, operator: DoesNotExist }] } }] }] }',
    );
    const { talks } = world('azure', pod('w', windows), pod('x', windows, '{ x: y }', '10.0.3.2'), out);
    expect([talks('a/db', 'a/w'), talks('a/db', 'a/x')]).toEqual([ALL, 'nothing']);
  });
});

test('Calico skips on Windows only the rules that it cannot express there', () => {
  const rules = policy('{ podSelector: {}, ingress: [{ ports: [{ port: http }] }, { ports: [{ port: 90 }] }] }');
  const { talks } = world('calico', pod('w', windows), rules);
  expect([talks('b/web', 'a/web'), talks('b/web', 'a/w')]).toEqual(['TCP 90,8080', 'TCP 90']);
  const own = `
    kind: GlobalNetworkPolicy
    metadata: { name: g }
    spec: { selector: all(), ingress: [{ action: Allow, protocol: TCP, destination: { ports: [http] } }, { action: Allow, protocol: TCP, destination: { ports: [90] } }] }
  `;
  const tiered = world('calico', pod('w', windows), own);
  expect([tiered.talks('b/web', 'a/web'), tiered.talks('b/web', 'a/w')]).toEqual(['TCP 90,8080', 'TCP 90']);
});

describe('a pod on a virtual node', () => {
  const closed = policy('{ podSelector: {}, policyTypes: [Ingress, Egress] }');

  test.each<EngineProfile['engine']>(['azure', 'calico', 'cilium'])(
    'is open under %s, whatever selects it',
    (engine) => {
      const { talks, runTime } = world(engine, pod('v', virtual), closed);
      expect([talks('b/web', 'a/v'), talks('a/v', 'b/web'), talks('8.8.8.8', 'a/v')]).toEqual([ALL, ALL, ALL]);
      expect([talks('a/v', 'a/web'), talks('a/web', 'a/v')]).toEqual(['nothing', 'nothing']);
      expect(runTime('a/v')).toEqual([]);
    },
  );

  const toPods = policy(
    '{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ podSelector: { matchLabels: { app: v } } }] }] }',
  );
  const toBlock = policy(
    '{ podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 10.0.3.0/24 } }] }] }',
  );
  test.each<[EngineProfile['engine'], string, string]>([
    ['azure', ALL, ALL],
    ['calico', ALL, ALL],
    ['cilium', 'nothing', ALL],
  ])('is to others under %s by its labels %s, by its address %s', (engine, byLabels, byAddress) => {
    const v = pod('v', virtual, '{ app: v }');
    expect(world(engine, v, toPods).talks('a/web', 'a/v')).toBe(byLabels);
    expect(world(engine, v, toBlock).talks('a/web', 'a/v')).toBe(byAddress);
  });

  test('is explained as what it is', () => {
    const { net } = world('calico', pod('v', virtual), closed);
    const [from, to] = [findWorkload(net, 'b/web')[0]!, findWorkload(net, 'a/v')[0]!];
    expect(explainReach(net, from, to).sentences.join('\n')).toContain(
      'a/v[Pod] runs on virtual nodes, where the engine enforces nothing: everything is allowed.',
    );
  });

  test('is asked for no other remedy than to move', () => {
    const rules = ['dns-reachable', 'metadata-endpoint-blocked', 'cross-namespace-ingress', 'internet-ingress'];
    for (const rule of rules)
      expect(judged(rule, arm.calico, pod('v', virtual)).filter((line) => line.includes('/a/v['))).toEqual([]);
  });
});
