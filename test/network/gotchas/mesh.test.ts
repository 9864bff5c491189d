// Meshes without sidecars: what policies say of TCP ports between two of their pods is decided by the tunnel's port at run time.
import { describe, expect, test } from 'vitest';
import { explainReach, findWorkload } from '../../../shared/network/index.ts';
import { arm, given, judged } from './given.ts';

const ambient = 'istio.io/dataplane-mode: ambient';
const namespace = (name: string, label: string) => `
  kind: Namespace
  metadata: { name: ${name}, labels: { ${label} } }
`;
const policy = (rules: string) => `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { podSelector: { matchLabels: { app: web } }, ${rules} }
`;
const pod = (name: string, labels: string) => `
  kind: Pod
  metadata: { name: ${name}, namespace: a, labels: { app: web, ${labels} } }
`;
const world = (...documents: string[]) => given(documents.join('\n---\n'), { engine: 'cilium' });
const meshed = (rules: string) =>
  world(namespace('a', ambient), namespace('b', ambient), policy(rules)).runTime('a/web');
const onPort = 'ingress: [{ ports: [{ port: 80 }] }]';

describe('what is let in on some TCP ports only', () => {
  test.each([
    ['by Istio’s label of both namespaces', [namespace('a', ambient), namespace('b', ambient)], ['ingress']],
    [
      'by Cilium’s label of both',
      ['a', 'b'].map((name) => namespace(name, 'io.cilium/mtls-enabled: "true"')),
      ['ingress'],
    ],
    ['within one meshed namespace', [namespace('a', ambient)], ['ingress']],
    ['of none', [], []],
    ['where only others are meshed', [namespace('b', ambient)], []],
    ['where mTLS is off', ['a', 'b'].map((name) => namespace(name, 'io.cilium/mtls-enabled: "false"')), []],
  ])('is decided at run time in a mesh: %s', (_name, namespaces, expected) => {
    expect(world(...namespaces, policy(onPort)).runTime('a/web')).toEqual(expected);
  });

  test('a pod may join or leave alone', () => {
    const alone = world(pod('in', ambient), namespace('b', ambient), policy(onPort));
    expect([alone.runTime('a/in'), alone.runTime('a/web')]).toEqual([['ingress'], []]);
    const out = world(namespace('a', ambient), pod('out', 'istio.io/dataplane-mode: none'), policy(onPort));
    expect([out.runTime('a/out'), out.runTime('a/web')]).toEqual([[], ['ingress']]);
  });
});

test.each([
  ['every port', 'ingress: [{ from: [{ namespaceSelector: {} }] }]'],
  ['no port', 'ingress: []'],
  ['every TCP port', 'ingress: [{ ports: [{ protocol: TCP }] }]'],
  ['UDP alone, which no tunnel carries', 'ingress: [{ ports: [{ protocol: UDP, port: 53 }] }]'],
])('a rule on %s is certain in a mesh as well', (_name, rules) => {
  expect(meshed(rules)).toEqual([]);
});

test('towards addresses no tunnel leads', () => {
  const out = 'policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: 8.0.0.0/8 } }], ports: [{ port: 443 }] }]';
  expect(meshed(out)).toEqual([]);
});

test('who asks why is told of the tunnel', () => {
  const { net } = world(namespace('a', ambient), namespace('b', ambient), policy(onPort));
  const [from, to] = [findWorkload(net, 'b/web')[0]!, findWorkload(net, 'a/web')[0]!];
  const { sentences, runTime } = explainReach(net, from, to);
  expect(sentences.join('\n')).toContain('policies see it on port 15008');
  expect(runTime).toBe(true);
});

test('isolation stays certain', () => {
  const both = `${namespace('a', ambient)}\n---\n${policy('policyTypes: [Ingress, Egress], ' + onPort)}`;
  expect(judged('pod-isolated', arm.cilium, both).find((line) => line.includes('a/web'))).toBe(
    'workload/a/web[Pod] pass',
  );
});
