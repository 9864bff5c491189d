// Who reaches whom, over two states of a small cluster: each change is told once, at the object that changed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tellReach } from '../../shared/drift/reach.ts';
import type { ReachSnapshot } from '../../shared/network/index.ts';
import {
  compareReach,
  compile,
  isPortsAlone,
  parseObjects,
  specification,
  toReachSnapshot,
} from '../../shared/network/index.ts';
import { calicoClusters, ciliumClusters, clusters } from '../network/arbitrary.ts';
import { runs } from '../support/runs.ts';

type Labels = Readonly<Record<string, string>>;

const namespace = (name: string, labels: Labels = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
});

const deployment = (place: string, name: string, replicas = 1, labels: Labels = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: place },
  spec: { replicas, template: { metadata: { labels: { app: name, ...labels } }, spec: {} } },
});

const policy = (place: string, name: string, spec: Readonly<Record<string, unknown>>) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: place },
  spec,
});

const inNamespace = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const port = (number: number) => ({ protocol: 'TCP', port: number });

/** The policy of the database lets in one namespace by name, and those with a label. */
const db = (from: readonly unknown[] = [inNamespace('shop'), team], number = 5432, name = 'db') =>
  policy('payments', name, {
    podSelector: { matchLabels: { app: 'db' } },
    ingress: [{ from, ports: [port(number)] }],
  });
const anyPort = policy('payments', 'db', {
  podSelector: { matchLabels: { app: 'db' } },
  ingress: [{ from: [inNamespace('shop')] }],
});
const team = { namespaceSelector: { matchLabels: { team: 'pay' } } };
const everyone = { namespaceSelector: {} };
const closed = policy('reviews', 'closed', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
const lockedShop = policy('shop', 'egress', {
  podSelector: {},
  policyTypes: ['Egress'],
  egress: [{ to: [inNamespace('shop')] }],
});

const lockedApi = policy('payments', 'api', { podSelector: { matchLabels: { app: 'api' } } });

const places = [namespace('payments'), namespace('shop'), namespace('media'), namespace('reviews')];
const workloads = [
  deployment('payments', 'db'),
  deployment('payments', 'api'),
  deployment('shop', 'cart'),
  deployment('shop', 'web'),
  deployment('media', 'resizer'),
  deployment('reviews', 'stars'),
];

const stateOf = (...objects: readonly unknown[]): ReachSnapshot =>
  toReachSnapshot(compile(parseObjects([...objects]).objects));
const state = (...more: readonly unknown[]): ReachSnapshot => stateOf(...places, ...workloads, closed, ...more);

const tell = (before: ReachSnapshot, after: ReachSnapshot) => tellReach(before, after, 'shop-prod');
const lines = (before: ReachSnapshot, after: ReachSnapshot): string[] =>
  tell(before, after).map(({ severity, subject, title }) => `${severity} ${subject}: ${title}`);

const relabelled = stateOf(
  ...places.filter(({ metadata }) => metadata.name !== 'media'),
  namespace('media', { team: 'pay' }),
  ...workloads,
  closed,
  db(),
);
const sandbox = (labels: Labels, ...more: readonly unknown[]) =>
  state(db(), ...more, namespace('sandbox', labels), deployment('sandbox', 'toy'));

describe('a change is told at the object that changed', () => {
  test.each<[string, ReachSnapshot, ReachSnapshot, readonly string[]]>([
    [
      'a policy that opens',
      state(db()),
      state(db([everyone])),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable from 3 namespaces (was 1): media, payments; by db (NetworkPolicy), port 5432',
      ],
    ],
    [
      'a policy that closes',
      state(db([everyone])),
      state(db()),
      [
        'info workload/payments/db[Deployment]: payments/db in shop-prod is reachable from 1 namespace (was 3), no longer from media, payments; by db (NetworkPolicy), port 5432',
      ],
    ],
    [
      'a policy that is deleted',
      state(db()),
      state(),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable from the internet and from 3 namespaces (was 1): media, payments; by the removal of db (NetworkPolicy)',
      ],
    ],
    [
      'a new policy',
      state(),
      state(db()),
      [
        'info workload/payments/db[Deployment]: payments/db in shop-prod is no longer reachable from the internet, and is reachable from 1 namespace (was 3), no longer from media, payments; by the new db (NetworkPolicy), port 5432',
      ],
    ],
    [
      'a policy that selects several workloads',
      state(db(), lockedShop),
      state(db()),
      [
        'low policy/shop/egress[NetworkPolicy]: shop/cart in shop-prod reaches the internet and 3 namespaces (was 1), and 1 more workload changed; by the removal of egress (NetworkPolicy)',
      ],
    ],
    ['a policy that is renamed', state(db()), state(db(undefined, undefined, 'database')), []],
    [
      'another port',
      state(db()),
      state(db(undefined, 5433)),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable on TCP 5433 (was TCP 5432) from 1 namespace; by db (NetworkPolicy), port 5433',
      ],
    ],
    [
      'every port in place of one',
      state(db()),
      state(anyPort),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable on every port (was TCP 5432) from 1 namespace; by db (NetworkPolicy)',
      ],
    ],
    [
      'one port in place of all',
      state(anyPort),
      state(db()),
      [
        'info workload/payments/db[Deployment]: payments/db in shop-prod is reachable on TCP 5432 (was every port) from 1 namespace; by db (NetworkPolicy), port 5432',
      ],
    ],
    [
      'a policy that a workload evades with another label',
      state(db()),
      stateOf(...places, ...workloads.slice(1), deployment('payments', 'db', 1, { app: 'data' }), closed, db()),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable from the internet and from 3 namespaces (was 1): media, payments; by leaving db (NetworkPolicy)',
      ],
    ],
    [
      'two policies',
      state(db(), lockedShop),
      state(db([everyone])),
      [
        'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable from 3 namespaces (was 0): media, payments, shop; by db (NetworkPolicy), port 5432',
        'low policy/shop/egress[NetworkPolicy]: shop/cart in shop-prod reaches the internet and 3 namespaces (was 1), and 1 more workload changed; by the removal of egress (NetworkPolicy)',
      ],
    ],
    [
      'a namespace with other labels',
      state(db()),
      relabelled,
      [
        'medium namespace/media: payments/db in shop-prod is reachable from 2 namespaces (was 1): media; by the labels of namespace media',
      ],
    ],
    [
      'a new namespace that a policy lets in',
      state(db(), lockedShop),
      sandbox({ team: 'pay' }, lockedShop),
      [
        'low namespace/sandbox: media/resizer in shop-prod is reachable from 3 namespaces (was 2), and 4 more workloads changed; by the new namespace sandbox',
      ],
    ],
    ['a namespace that is gone', sandbox({ team: 'pay' }), state(db()), []],
    ['a namespace that is new and empty', state(db()), state(db(), namespace('sandbox')), []],
    ['more pods', state(db()), state(db(), deployment('shop', 'cart', 5)), []],
    [
      'the first pods of a namespace',
      state(db(), namespace('batch', { team: 'pay' }), deployment('batch', 'job', 0)),
      state(db(), namespace('batch', { team: 'pay' }), deployment('batch', 'job')),
      [
        'info namespace/batch: media/resizer in shop-prod is reachable from 4 namespaces (was 3), and 4 more workloads changed; by what runs in namespace batch',
      ],
    ],
  ])('%s', (_name, before, after, expected) => {
    expect(lines(before, after)).toEqual(expected);
  });

  test('the other end is counted, and not told again', () => {
    const [event, ...more] = tell(state(db(), lockedApi), state(db([everyone]), lockedApi));
    expect(more).toEqual([]);
    expect(event!.detail).toBe('Opened: media, payments. 2 workloads at the other end changed with it.');
  });

  test('what was stored before policies were kept is compared all the same, without a cause', () => {
    const { labels: _labels, policies: _policies, ...kept } = state(db());
    const workloads = kept.workloads.map(
      ([name, from, fromInternet, to, toInternet]) => [name, from, fromInternet, to, toInternet] as const,
    );
    const [first] = lines({ ...kept, workloads }, state(db([everyone])));
    expect(first).toBe(
      'medium workload/payments/db[Deployment]: payments/db in shop-prod is reachable from 3 namespaces (was 1): media, payments',
    );
  });
});

test('names that are too many are counted, in the headline sooner than below it', () => {
  const teams = Array.from({ length: 13 }, (_, i) => deployment(`team-${String(i).padStart(2, '0')}`, 'app'));
  const inside = [{ podSelector: {} }];
  const [event] = tell(state(...teams, db(inside)), state(...teams, db([everyone])));
  expect(event!.title).toBe(
    'payments/db in shop-prod is reachable from 16 namespaces (was 1): media, shop, team-00, team-01 and 11 more; by db (NetworkPolicy), port 5432',
  );
  expect(event!.detail).toContain(
    'Opened: media, shop, team-00, team-01, team-02, team-03, team-04, team-05 and 7 more.',
  );
});

test('many policies that change at once are counted, not listed', () => {
  const teams = Array.from({ length: 25 }, (_, i) => `team-${i}`);
  const all = teams.map((name) => deployment(name, 'app'));
  const before = state(...all, ...teams.map((name) => policy(name, 'deny', { podSelector: {} })));
  const told = tell(before, state(...all));
  expect(told).toHaveLength(21);
  expect(told.at(-1)!.title).toBe('Who reaches whom in shop-prod changed in 5 more places');
});

describe('whatever the cluster, one policy that changed is one item, and none where nobody reaches more or fewer', () => {
  test.each([
    ['network policies', specification, clusters(true)],
    ['Cilium', { engine: 'cilium' } as const, ciliumClusters()],
    ['Calico', specification, calicoClusters()],
  ])('under policies of %s', (_, profile, given) => {
    fc.assert(
      fc.property(given, fc.nat(), (objects, at) => {
        const kinds = ['policies', 'adminPolicies', 'ciliumPolicies', 'calicoPolicies'] as const;
        const all = kinds.flatMap((kind) => objects[kind].map((_one, index) => ({ kind, index })));
        fc.pre(all.length > 0);
        const { kind, index } = all[at % all.length]!;
        const without = { ...objects, [kind]: objects[kind].filter((_one, i) => i !== index) };
        const [before, after] = [objects, without].map((one) => toReachSnapshot(compile(one, profile))) as [
          ReachSnapshot,
          ReachSnapshot,
        ];
        for (const [from, to] of [
          [before, after],
          [after, before],
        ] as const) {
          const told = tell(from, to).length;
          const others = compareReach(from, to).filter((change) => !isPortsAlone(change));
          expect(told).toBeGreaterThanOrEqual(Math.min(1, others.length));
          expect(told).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: runs(200) },
    );
  });
});
