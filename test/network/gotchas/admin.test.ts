// AdminNetworkPolicy, BaselineAdminNetworkPolicy and ClusterNetworkPolicy: every row of the gotcha table.
import { describe, expect, test } from 'vitest';
import { given } from './given.ts';

const ALL = 'All Connections';
const EVERYBODY = '{ namespaces: {} }';

const cnp = (name: string, tier: 'Admin' | 'Baseline', priority: number, sections: string) => `
  kind: ClusterNetworkPolicy
  metadata: { name: ${name} }
  spec: { tier: ${tier}, priority: ${priority}, subject: { namespaces: {} }, ${sections} }
`;
const fromEverybody = (action: string) => `ingress: [{ action: ${action}, from: [${EVERYBODY}] }]`;
const all = (...documents: string[]) => given(documents.join('\n---\n'));
const denyNamespaceA = `
  kind: NetworkPolicy
  metadata: { name: p, namespace: a }
  spec: { podSelector: {} }
`;

describe('the order of the tiers', () => {
  test('an admin allowance wins over a network policy, and so does an admin denial', () => {
    expect(all(cnp('x', 'Admin', 1, fromEverybody('Accept')), denyNamespaceA).talks('b/web', 'a/db')).toBe(ALL);
    const open = denyNamespaceA.replace('podSelector: {}', 'podSelector: {}, ingress: [{}]');
    expect(all(cnp('x', 'Admin', 1, fromEverybody('Deny')), open).talks('b/web', 'a/db')).toBe('nothing');
  });

  test('a network policy is final for the pods it selects: no baseline is asked', () => {
    const baseline = cnp('x', 'Baseline', 1, fromEverybody('Accept'));
    expect(all(baseline, denyNamespaceA).talks('b/web', 'a/db')).toBe('nothing');
  });

  test('a baseline denial counts where nothing else decides, and the rest is allowed', () => {
    const { talks } = all(cnp('x', 'Baseline', 1, 'ingress: [{ action: Deny, from: [{ namespaces: {} }] }]'));
    expect([talks('b/web', 'a/db'), talks('8.8.8.8', 'a/db')]).toEqual(['nothing', ALL]);
  });

  test('a lower priority number goes first, then rules in their order: the first match decides', () => {
    const deny = (priority: number) => cnp('deny', 'Admin', priority, fromEverybody('Deny'));
    const accept = cnp('accept', 'Admin', 5, fromEverybody('Accept'));
    expect(all(deny(4), accept).talks('b/web', 'a/db')).toBe('nothing');
    expect(all(deny(6), accept).talks('b/web', 'a/db')).toBe(ALL);
    const two = `ingress: [
      { action: Accept, from: [${EVERYBODY}], protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
      { action: Deny, from: [${EVERYBODY}] }]`;
    expect(all(cnp('two', 'Admin', 1, two)).talks('b/web', 'a/db')).toBe('TCP 80');
  });

  test('two of one priority are taken by name, as Calico does; the API leaves it open', () => {
    const [deny, accept] = [fromEverybody('Deny'), fromEverybody('Accept')];
    const named = (first: string, second: string) =>
      all(cnp('b', 'Admin', 1, first), cnp('a', 'Admin', 1, second)).talks('b/web', 'a/db');
    expect([named(deny, accept), named(accept, deny)]).toEqual([ALL, 'nothing']);
  });

  test('two of one priority are told of, for the API leaves their order open', () => {
    const { net } = all(
      cnp('b', 'Admin', 1, fromEverybody('Deny')),
      cnp('a', 'Admin', 1, fromEverybody('Accept')),
      cnp('c', 'Baseline', 1, fromEverybody('Deny')),
    );
    expect(net.objects.notes.map(({ ref, path, message }) => `${ref.name} ${path}: ${message}`)).toEqual([
      'a spec.priority: 1 is also the priority of b[ClusterNetworkPolicy]: which of them decides first is undefined (Calico goes by name)',
    ]);
  });

  test('several baseline policies may stand side by side', () => {
    const { talks } = all(
      cnp('later', 'Baseline', 9, fromEverybody('Deny')),
      cnp(
        'first',
        'Baseline',
        1,
        'ingress: [{ action: Accept, from: [{ namespaces: { matchLabels: { team: red } } }] }]',
      ),
    );
    expect([talks('a/web', 'b/db'), talks('b/web', 'b/db')]).toEqual([ALL, 'nothing']);
  });

  test('there is one BaselineAdminNetworkPolicy, and its name is default', () => {
    const { problems, talks } = given(`
      kind: BaselineAdminNetworkPolicy
      metadata: { name: other }
      spec: { subject: { namespaces: {} }, ${fromEverybody('Deny')} }
    `);
    expect(problems).toEqual([
      'other[BaselineAdminNetworkPolicy] metadata.name: "other" is not default, the only name it may have',
    ]);
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });

  test.each([-1, 1001, 1.5])('a priority of %s is refused', (priority) => {
    expect(all(cnp('x', 'Admin', priority, fromEverybody('Deny'))).problems).toEqual([
      `x[ClusterNetworkPolicy] spec.priority: ${priority} is not a priority: 0 to 1000`,
    ]);
  });

  test('more than 25 rules are refused', () => {
    const rules = Array.from({ length: 26 }, () => `{ action: Deny, from: [${EVERYBODY}] }`).join();
    expect(all(cnp('x', 'Admin', 1, `ingress: [${rules}]`)).problems).toEqual([
      'x[ClusterNetworkPolicy] spec.ingress: has 26 items; at most 25 are allowed',
    ]);
  });
});

describe('Pass', () => {
  test('leaves its tier, not only its policy: the next tier decides', () => {
    const policies = [cnp('one', 'Admin', 1, fromEverybody('Pass')), cnp('two', 'Admin', 2, fromEverybody('Deny'))];
    expect(all(...policies).talks('b/web', 'a/db')).toBe(ALL);
    expect(all(...policies, denyNamespaceA).talks('b/web', 'a/db')).toBe('nothing');
    expect(all(...policies, cnp('base', 'Baseline', 1, fromEverybody('Deny'))).talks('b/web', 'a/db')).toBe('nothing');
  });

  test('in the baseline tier allows, as nothing comes after it', () => {
    const { talks } = all(
      cnp('one', 'Baseline', 1, fromEverybody('Pass')),
      cnp('two', 'Baseline', 2, fromEverybody('Deny')),
    );
    expect(talks('b/web', 'a/db')).toBe(ALL);
  });
});

describe('who is meant', () => {
  test('nobody is isolated by being selected: what matches no rule goes on', () => {
    const only = 'ingress: [{ action: Deny, from: [{ namespaces: { matchLabels: { team: red } } }] }]';
    const { talks } = all(cnp('x', 'Admin', 1, only));
    expect([talks('a/web', 'b/db'), talks('b/web', 'b/db'), talks('8.8.8.8', 'b/db')]).toEqual(['nothing', ALL, ALL]);
  });

  test('a subject may be pods, by namespace and label', () => {
    const { talks } = given(`
      kind: AdminNetworkPolicy
      metadata: { name: x }
      spec:
        priority: 1
        subject: { pods: { namespaceSelector: { matchLabels: { team: red } }, podSelector: { matchLabels: { app: db } } } }
        ingress: [{ action: Deny, from: [${EVERYBODY}] }]
    `);
    expect(['a/db', 'a/web', 'b/db'].map((pod) => talks('b/web', pod))).toEqual(['nothing', ALL, ALL]);
  });

  test('networks mean pods by their address too', () => {
    const { talks } = all(
      cnp('x', 'Admin', 1, 'egress: [{ action: Deny, to: [{ networks: [10.0.2.0/24, 8.8.0.0/16] }] }]'),
    );
    expect(['b/web', 'a/db', '8.8.8.8', '9.9.9.9'].map((to) => talks('a/web', to))).toEqual([
      'nothing',
      ALL,
      'nothing',
      ALL,
    ]);
  });

  test('nodes are not pods: a denial of them denies no pod and no known address', () => {
    const { talks } = all(cnp('x', 'Admin', 1, 'egress: [{ action: Deny, to: [{ nodes: { matchLabels: {} } }] }]'));
    expect([talks('a/web', 'b/db'), talks('a/web', '8.8.8.8')]).toEqual([ALL, ALL]);
  });

  test('pods of the node’s network are neither subject nor peer', () => {
    const { lines } = all(
      `
        kind: Pod
        metadata: { name: agent, namespace: a }
        spec: { hostNetwork: true }
      `,
      cnp('x', 'Admin', 1, fromEverybody('Deny')),
    );
    expect(lines.some((line) => line.includes('agent'))).toBe(false);
  });

  test('a peer of the future fails closed: it allows nobody, and denies everybody', () => {
    const future = (action: string) =>
      all(
        cnp('x', 'Admin', 1, `egress: [{ action: ${action}, to: [{ galaxies: {} }] }]`),
        cnp('y', 'Admin', 2, `egress: [{ action: Deny, to: [{ networks: [8.8.0.0/16] }] }]`),
      ).talks('a/web', '8.8.8.8');
    expect([future('Accept'), future('Deny'), future('Pass')]).toEqual(['nothing', 'nothing', 'nothing']);
    const other = all(cnp('x', 'Admin', 1, 'egress: [{ action: Pass, to: [{ galaxies: {} }] }]'));
    expect(other.talks('a/web', 'b/db')).toBe('nothing');
  });

  test('an allowance by domain names is decided at run time: it allows nothing for certain, and is counted', () => {
    const { talks, runTime } = all(
      cnp('x', 'Admin', 1, `egress: [{ action: Accept, to: [{ domainNames: ['*.example.com'] }] }]`),
      cnp('y', 'Baseline', 1, 'egress: [{ action: Deny, to: [{ networks: [0.0.0.0/0] }] }]'),
    );
    expect(talks('a/web', '8.8.8.8')).toBe('nothing');
    expect(runTime('a/web')).toEqual(['egress']);
  });
});

describe('actions and ports', () => {
  test('v1alpha1 says Allow, portNumber, portRange and namedPort', () => {
    const { talks } = given(`
      kind: AdminNetworkPolicy
      metadata: { name: x }
      spec:
        priority: 1
        subject: { namespaces: {} }
        ingress:
          - action: Allow
            from: [${EVERYBODY}]
            ports:
              - portNumber: { protocol: UDP, port: 53 }
              - portRange: { protocol: TCP, start: 80, end: 82 }
              - namedPort: http
          - { action: Deny, from: [${EVERYBODY}] }
    `);
    expect([talks('b/web', 'a/web'), talks('b/web', 'a/db')]).toEqual(['TCP 80-82,8080,UDP 53', 'TCP 80-82,UDP 53']);
  });

  test('v1alpha2 says Accept and protocols: tcp, udp, sctp with a number or a range, and destinationNamedPort', () => {
    const { talks } = all(
      cnp(
        'x',
        'Admin',
        1,
        `ingress: [
          { action: Accept, from: [${EVERYBODY}], protocols: [
            { tcp: { destinationPort: { range: { start: 80, end: 82 } } } },
            { udp: { destinationPort: { number: 53 } } },
            { sctp: { destinationPort: { range: { start: 1, end: 65535 } } } },
            { destinationNamedPort: http }] },
          { action: Deny, from: [${EVERYBODY}] }]`,
      ),
    );
    expect(talks('b/web', 'a/web')).toBe('SCTP 1-65535,TCP 80-82,8080,UDP 53');
  });

  test.each([
    ['AdminNetworkPolicy', 'Allow', 'ports: [{ namedPort: dns }]'],
    ['ClusterNetworkPolicy', 'Accept', 'protocols: [{ destinationNamedPort: dns }]'],
  ])('a named port of %s is of whatever protocol the destination pod declares', (kind, action, ports) => {
    const { talks } = given(`
      kind: Pod
      metadata: { name: dns, namespace: a }
      spec: { containers: [{ ports: [{ name: dns, containerPort: 53, protocol: UDP }] },
        { ports: [{ name: dns, containerPort: 5353 }] }] }
      ---
      kind: ${kind}
      metadata: { name: x }
      spec:
        tier: Admin
        priority: 1
        subject: { namespaces: {} }
        egress:
          - { action: ${action}, to: [${EVERYBODY}], ${ports} }
          - { action: Deny, to: [${EVERYBODY}] }
    `);
    expect([talks('b/web', 'a/dns'), talks('b/web', 'a/web')]).toEqual(['TCP 5353,UDP 53', 'nothing']);
  });
});

describe('under Calico', () => {
  const allowTier = (tier: string, order: string) => `
    kind: Tier
    metadata: { name: ${tier} }
    spec: { ${order} }
    ---
    kind: GlobalNetworkPolicy
    metadata: { name: ${tier}.open }
    spec: { tier: ${tier}, ingress: [{ action: Allow }] }
  `;

  test.each([
    ['order: 999', ALL],
    ['order: 1001', 'nothing'],
  ])('the admin tier is at order 1,000: a tier with %s', (order, expected) => {
    expect(all(allowTier('own', order), cnp('x', 'Admin', 1, fromEverybody('Deny'))).talks('b/web', 'a/db')).toBe(
      expected,
    );
  });

  test.each([
    ['order: 9999999', ALL],
    ['order: 10000001', 'nothing'],
    ['', 'nothing'],
  ])('the baseline tier is at order 10,000,000: a tier with %s', (order, expected) => {
    expect(all(allowTier('own', order), cnp('x', 'Baseline', 1, fromEverybody('Deny'))).talks('b/web', 'a/db')).toBe(
      expected,
    );
  });
});
