// networking.k8s.io/v1, whom a policy and its rules mean: every row of the gotcha table about isolation, selectors and pods.
import { describe, expect, test } from 'vitest';
import { arm, given, judged, objectsOf } from './given.ts';
import { exposureOf } from '../../../shared/network/index.ts';

const ALL = 'All Connections';

describe('which directions a policy isolates', () => {
  test('without policyTypes ingress always is, egress only with an egress rule', () => {
    const ingressOnly = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, egress: [] }
    `);
    expect(ingressOnly.talks('b/web', 'a/db')).toBe('nothing');
    expect(ingressOnly.talks('a/db', 'b/web')).toBe(ALL);
    const both = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, egress: [{ ports: [{ port: 443 }] }] }
    `);
    expect(both.talks('b/web', 'a/db')).toBe('nothing');
    expect(both.talks('a/db', 'b/web')).toBe('TCP 443');
  });

  test('an egress-only policy without rules denies all egress and leaves the pod open to ingress', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, policyTypes: [Egress] }
    `);
    expect(talks('a/db', 'b/web')).toBe('nothing');
    expect(talks('a/db', '8.8.8.8')).toBe('nothing');
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });

  const unlisted = `
    kind: NetworkPolicy
    metadata: { name: in, namespace: a }
    spec: { podSelector: {}, policyTypes: [Ingress], egress: [{ ports: [{ port: 443 }] }] }
    ---
    kind: NetworkPolicy
    metadata: { name: out, namespace: b }
    spec: { podSelector: {}, policyTypes: [Egress], ingress: [{ ports: [{ port: 80 }] }] }
  `;
  test('rules of a direction that policyTypes does not list mean nothing', () => {
    const { talks } = given(unlisted);
    expect(talks('a/db', '8.8.8.8')).toBe(ALL);
    expect(talks('8.8.8.8', 'b/db')).toBe(ALL);
  });

  test('Cilium enforces rules of a direction that policyTypes does not list', () => {
    const { talks } = given(unlisted, { engine: 'cilium' });
    expect(talks('a/db', '8.8.8.8')).toBe('TCP 443');
    expect(talks('8.8.8.8', 'b/db')).toBe('TCP 80');
  });

  test.each(['', 'ingress: null', 'ingress: []'])('no ingress rule (%s) denies all', (ingress) => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec:
        podSelector: {}
        ${ingress}
    `);
    expect(talks('a/web', 'a/db')).toBe('nothing');
    expect(talks('8.8.8.8', 'a/db')).toBe('nothing');
  });

  test('one empty ingress rule allows all', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{}] }
    `);
    expect(talks('b/web', 'a/db')).toBe(ALL);
    expect(talks('8.8.8.8', 'a/db')).toBe(ALL);
  });
});

describe('whom a rule means', () => {
  test.each(['', 'from: []', 'from: null'])('a rule without peers (%s) means everybody, addresses too', (from) => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec:
        podSelector: {}
        ingress:
          - ports: [{ port: 80 }]
            ${from}
    `);
    expect([talks('b/web', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual(['TCP 80', 'TCP 80']);
  });

  test('a peer without a field is refused, as the API server does, and allows nobody', () => {
    const { problems, net } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{ from: [{}] }] }
    `);
    expect(problems).toEqual([
      'a/p[NetworkPolicy] spec.ingress[0].from[0]: a peer needs podSelector, namespaceSelector or ipBlock',
    ]);
    expect(net.governing.policies).toEqual([]);
  });

  test.each(['{}', '{ podSelector: {} }', '{ podSelector: null }'])(
    'a policy whose podSelector is empty or absent (%s) selects every pod of its namespace and no other',
    (spec) => {
      const { talks } = given(`
        kind: NetworkPolicy
        metadata: { name: p, namespace: a }
        spec: ${spec}
      `);
      expect(['a/web', 'a/db', 'b/db'].map((pod) => talks('b/web', pod))).toEqual(['nothing', 'nothing', ALL]);
    },
  );

  test('a peer with an empty podSelector alone means the policy’s own namespace', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }
    `);
    expect([talks('a/web', 'a/db'), talks('b/web', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual([
      ALL,
      'nothing',
      'nothing',
    ]);
  });

  test('an empty namespaceSelector means every namespace, and no address', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }] }] }
    `);
    expect([talks('a/web', 'a/db'), talks('b/web', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual([ALL, ALL, 'nothing']);
  });

  test('two selectors in one peer must both hold; in two peers either may', () => {
    const ingressFrom = (from: string) =>
      given(`
        kind: NetworkPolicy
        metadata: { name: p, namespace: a }
        spec: { podSelector: { matchLabels: { app: db } }, ingress: [{ from: ${from} }] }
      `);
    const senders = ['a/web', 'b/web', 'b/db'];
    const team = 'namespaceSelector: { matchLabels: { team: blue } }';
    const web = 'podSelector: { matchLabels: { app: web } }';
    const both = ingressFrom(`[{ ${team}, ${web} }]`);
    expect(senders.map((pod) => both.talks(pod, 'a/db'))).toEqual(['nothing', ALL, 'nothing']);
    const either = ingressFrom(`[{ ${team} }, { ${web} }]`);
    expect(senders.map((pod) => either.talks(pod, 'a/db'))).toEqual([ALL, ALL, ALL]);
  });

  test('NotIn and DoesNotExist hold for an absent key, In and Exists do not; all requirements must hold', () => {
    const selecting = (requirement: string): string[] => {
      const { talks } = given(`
        kind: Pod
        metadata: { name: bare, namespace: a }
        ---
        kind: NetworkPolicy
        metadata: { name: p, namespace: a }
        spec: { podSelector: ${requirement} }
      `);
      return ['a/web', 'a/db', 'a/bare'].filter((pod) => talks('b/web', pod) === 'nothing');
    };
    const by = (expression: string) => selecting(`{ matchExpressions: [${expression}] }`);
    expect(by('{ key: app, operator: NotIn, values: [web] }')).toEqual(['a/db', 'a/bare']);
    expect(by('{ key: app, operator: DoesNotExist }')).toEqual(['a/bare']);
    expect(by('{ key: app, operator: In, values: [web] }')).toEqual(['a/web']);
    expect(by('{ key: app, operator: Exists }')).toEqual(['a/web', 'a/db']);
    const and = '{ matchLabels: { app: web }, matchExpressions: [{ key: app, operator: NotIn, values: [web] }] }';
    expect(selecting(and)).toEqual([]);
  });

  test('every namespace carries its name as a label, also one that says otherwise or that no manifest declares', () => {
    const { talks } = given(`
      kind: Namespace
      metadata: { name: liar, labels: { kubernetes.io/metadata.name: b } }
      ---
      kind: Pod
      metadata: { name: x, namespace: liar }
      ---
      kind: Pod
      metadata: { name: x, namespace: nowhere }
      ---
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec:
        podSelector: {}
        ingress:
          - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: b } } }]
            ports: [{ port: 80 }]
          - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: nowhere } } }]
            ports: [{ port: 81 }]
    `);
    expect(['b/db', 'liar/x', 'nowhere/x'].map((pod) => talks(pod, 'a/db'))).toEqual(['TCP 80', 'nothing', 'TCP 81']);
  });
});

describe('which pods there are', () => {
  const denyAll = `
    kind: NetworkPolicy
    metadata: { name: p, namespace: a }
    spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
  `;

  test('a pod with itself is no connection; replicas with each other are pairs like any', () => {
    const two = `
      kind: Deployment
      metadata: { name: twins, namespace: a }
      spec: { replicas: 2, template: { metadata: { labels: { app: twins } } } }
    `;
    const { net, lines } = given(two);
    expect(lines.filter((line) => line.startsWith('a/twins') && line.includes('=> a/twins'))).toEqual([]);
    expect(exposureOf(net).cluster).toEqual({ open: 30, pairs: 30, share: 1 });
    const denied = given(`${two}\n---\n${denyAll}`);
    // Only the two pods of namespace b still talk with each other.
    expect(exposureOf(denied.net).cluster).toMatchObject({ open: 2, pairs: 30 });
  });

  test('a pod of the node’s network, which a node’s own traffic looks like, is neither selected nor a peer', () => {
    const text = `
      kind: Pod
      metadata: { name: agent, namespace: a, labels: { app: web } }
      spec: { hostNetwork: true }
      status: { podIP: 10.9.0.4 }
      ---
      ${denyAll}
    `;
    const { lines, net } = given(text);
    expect(lines.filter((line) => line.includes('agent'))).toEqual([]);
    expect(net.classes.flatMap((c) => c.members).map((member) => net.objects.pods[member]!.name)).not.toContain(
      'agent',
    );
    expect(judged('pod-isolated', arm.npm, text)).toContain('workload/a/agent[Pod] notApplicable');
  });

  test('an address block may mean the address of a node, on whose network such a pod is', () => {
    const { talks } = given(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.9.0.0/16 } }] }] }
    `);
    expect([talks('10.9.0.4', 'a/db'), talks('10.8.0.4', 'a/db')]).toEqual([ALL, 'nothing']);
  });

  test.each([
    ['succeeded', 'status: { phase: Succeeded, podIP: 10.0.1.9 }'],
    ['failed', 'status: { phase: Failed }'],
  ])('a pod that %s is no endpoint any more', (_phase, status) => {
    const { lines } = given(`
      kind: Pod
      metadata: { name: job, namespace: a }
      ${status}
    `);
    expect(lines.filter((line) => line.includes('a/job'))).toEqual([]);
  });

  test('a pod whose deletion has run its time is no endpoint any more; one that is still leaving is', () => {
    const deleted = (seconds: number) =>
      given(`
        kind: Pod
        metadata:
          { name: old, namespace: a, deletionTimestamp: '2026-11-20T10:00:00Z', deletionGracePeriodSeconds: ${seconds} }
        status: { phase: Running, podIP: 10.0.1.9 }
      `).lines.some((line) => line.startsWith('a/old'));
    expect([deleted(0), deleted(30)]).toEqual([false, true]);
  });

  test('a pod that waits for its address is judged as the endpoint it will be', () => {
    const { talks } = given(`
      kind: Pod
      metadata: { name: new, namespace: a }
      status: { phase: Pending }
      ---
      ${denyAll}
    `);
    expect([talks('b/web', 'a/new'), talks('a/new', 'b/web')]).toEqual(['nothing', 'nothing']);
  });

  test('a policy that selects no pod is no mistake of its own, and is pointed out', () => {
    const text = `
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: { matchLabels: { app: nobody } } }
    `;
    const { problems, talks } = given(text);
    expect(problems).toEqual([]);
    expect(talks('b/web', 'a/db')).toBe(ALL);
    expect(judged('no-dangling-policy', arm.calico, text)).toEqual(['policy/a/p[NetworkPolicy] fail']);
  });

  test('manifests may leave the namespace out, which means default', () => {
    const { talks } = given(`
      kind: Pod
      metadata: { name: alone }
      ---
      kind: NetworkPolicy
      metadata: { name: p }
      spec: {}
    `);
    expect(talks('a/web', 'default/alone')).toBe('nothing');
  });

  test('of two policies of one name the later counts, as applying them would, and the other is named', () => {
    const { policies, problems } = objectsOf(`
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {}, ingress: [{}] }
      ---
      kind: NetworkPolicy
      metadata: { name: p, namespace: a }
      spec: { podSelector: {} }
    `);
    expect(policies.map((policy) => policy.ingress)).toEqual([[]]);
    expect(problems).toMatchObject([{ ref: { kind: 'NetworkPolicy', namespace: 'a', name: 'p' } }]);
  });
});
