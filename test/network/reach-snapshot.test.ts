// The compact snapshot says what the connectivity says, and two of them what changed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  between,
  compareReach,
  compile,
  parseObjects,
  readReach,
  toReachSnapshot,
  workloadsOf,
} from '../../shared/network/index.ts';
import { NONE } from '../../shared/network/port-sets.ts';
import { tellReach } from '../../shared/drift/reach.ts';
import { clusters } from './arbitrary.ts';

test('for every workload it names exactly the namespaces that reach it and that it reaches', () => {
  fc.assert(
    fc.property(clusters(true), (objects) => {
      const net = compile(objects);
      const reach = readReach(toReachSnapshot(net));
      for (const workload of workloadsOf(net)) {
        const name = `${workload.namespace}/${workload.name}[${workload.kind}]`;
        const { from, to } = reach.find((entry) => entry.workload === name)!;
        const peers = (talks: (own: number, other: number) => number): string[] => [
          ...new Set(
            net.classes.flatMap((c, other) =>
              workload.classes.some((own) => talks(own, other) !== NONE) ? [objects.namespaces[c.namespace]!.name] : [],
            ),
          ),
        ];
        expect([...from.namespaces].toSorted()).toEqual(peers((own, other) => between(net, other, own)).toSorted());
        expect([...to.namespaces].toSorted()).toEqual(peers((own, other) => between(net, own, other)).toSorted());
      }
    }),
  );
});

test('nothing changed between a state and itself, and it survives being stored', () => {
  fc.assert(
    fc.property(clusters(true), (objects) => {
      const snapshot = toReachSnapshot(compile(objects));
      expect(compareReach(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot, snapshot)).toEqual([]);
    }),
  );
});

describe('in words', () => {
  const deployment = (namespace: string, name: string) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { template: { metadata: { labels: { app: name } }, spec: {} } },
  });
  const policy = (spec: unknown) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'p', namespace: 'payments' },
    spec,
  });
  const others = Array.from({ length: 13 }, (_, i) => deployment(`team-${i}`, 'app'));
  const snapshotOf = (...policies: unknown[]) =>
    toReachSnapshot(
      compile(
        parseObjects([deployment('payments', 'db'), deployment('payments', 'web'), ...others, ...policies]).objects,
      ),
    );
  const closed = snapshotOf(
    policy({ podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [{ podSelector: {} }] }] }),
  );
  const opened = snapshotOf(
    policy({ podSelector: { matchLabels: { app: 'db' } }, ingress: [{ from: [{ namespaceSelector: {} }] }] }),
  );
  const gone = snapshotOf();

  test('an opened workload says from how many namespaces, and from how many before', () => {
    expect(tellReach(closed, opened, 'shop')).toMatchObject([
      {
        subject: 'workload/payments/db[Deployment]',
        severity: 'medium',
        title: 'payments/db is now reachable from 14 namespaces (was 1) in shop',
      },
    ]);
  });

  test('closing it again is information', () => {
    expect(tellReach(opened, closed, 'shop')).toMatchObject([
      { severity: 'info', title: 'payments/db is now reachable from 1 namespace (was 14) in shop' },
    ]);
  });

  test('a policy that is gone opens the internet too', () => {
    expect(tellReach(opened, gone, 'shop')).toMatchObject([
      { title: 'payments/db is now reachable from the internet in shop' },
    ]);
  });

  test('many changes at once are counted, not listed', () => {
    const deny = others.map((d) => ({
      ...policy({ podSelector: {} }),
      metadata: { name: 'p', namespace: d.metadata.namespace },
    }));
    const twice = [...others, ...others.map((d) => deployment(d.metadata.namespace, 'second'))];
    const state = (policies: unknown[]) => toReachSnapshot(compile(parseObjects([...twice, ...policies]).objects));
    const told = tellReach(state(deny), state([]), 'shop');
    expect(told).toHaveLength(21);
    expect(told.at(-1)!.title).toMatch(/more changes of who reaches whom in shop/);
  });
});
