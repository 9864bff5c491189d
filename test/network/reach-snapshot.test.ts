// The compact snapshot says what the connectivity says, and two of them what changed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connectivity, WorkloadReach } from '../../shared/network/index.ts';
import type { Direction } from '../../shared/network/objects.ts';
import {
  between,
  compareReach,
  compile,
  parseObjects,
  readReach,
  specification,
  toReachSnapshot,
  withAtom,
  workloadName,
  workloadsOf,
} from '../../shared/network/index.ts';
import { NONE } from '../../shared/network/port-sets.ts';
import { keptPorts, portWords } from '../../shared/network/reach-ports.ts';
import { generateCluster } from '../bench/network.ts';
import { runs } from '../support/runs.ts';
import { calicoClusters, ciliumClusters, clusters } from './arbitrary.ts';

/** The same, by asking every pair of classes one by one. */
function askedOneByOne(net: Connectivity): readonly WorkloadReach[] {
  const peersOf = (classes: readonly number[], talks: (own: number, other: number) => number): readonly string[] => {
    const met = net.classes.filter(
      ({ weight }, other) => weight > 0 && classes.some((own) => talks(own, other) !== NONE),
    );
    return [...new Set(met.map(({ namespace }) => net.objects.namespaces[namespace]!.name))].toSorted();
  };
  const hasInternet = (classes: readonly number[], direction: Direction): boolean =>
    classes.some((own) => net.atoms.some((_, atom) => withAtom(net, direction, own, atom) !== NONE));
  const portsOf = (ids: readonly number[]): string => portWords(keptPorts(net.ports, net.ports.unionOf(ids)));
  const on = (classes: readonly number[], direction: Direction, talks: (own: number, other: number) => number) => ({
    pods: portsOf(
      classes.flatMap((own) => net.classes.flatMap(({ weight }, other) => (weight > 0 ? talks(own, other) : []))),
    ),
    internet: portsOf(classes.flatMap((own) => net.atoms.map((_, atom) => withAtom(net, direction, own, atom)))),
  });
  return workloadsOf(net)
    .filter(({ pods }) => pods > 0)
    .map((workload) => ({
      workload: workloadName(workload),
      from: {
        namespaces: peersOf(workload.classes, (own, other) => between(net, other, own)),
        internet: hasInternet(workload.classes, 'ingress'),
        on: on(workload.classes, 'ingress', (own, other) => between(net, other, own)),
      },
      to: {
        namespaces: peersOf(workload.classes, (own, other) => between(net, own, other)),
        internet: hasInternet(workload.classes, 'egress'),
        on: on(workload.classes, 'egress', (own, other) => between(net, own, other)),
      },
    }));
}

describe('for every workload it names exactly the namespaces and the internet that reach it and that it reaches', () => {
  test.each([
    ['network policies', specification, clusters(true)],
    ['Cilium', { engine: 'cilium' } as const, ciliumClusters()],
    ['Calico', specification, calicoClusters()],
  ])('under policies of %s', (_, profile, given) => {
    fc.assert(
      fc.property(given, fc.nat(3), ({ pods, ...objects }, every) => {
        // Some workloads are scaled to nothing: they reach nobody, and nobody reaches them.
        const scaled = pods.map((pod, i) => (every > 0 && i % every === 0 ? { ...pod, replicas: 0 } : pod));
        const net = compile({ ...objects, pods: scaled }, profile);
        expect(readReach(toReachSnapshot(net))).toEqual(askedOneByOne(net));
      }),
      { numRuns: runs(100) },
    );
  });

  test('in a hundred namespaces', () => {
    const raws = generateCluster({ pods: 300, namespaces: 100, policies: 150, unique: false });
    const net = compile(parseObjects(raws).objects);
    expect(readReach(toReachSnapshot(net))).toEqual(askedOneByOne(net));
  });
});

test('nothing changed between a state and itself, and it survives being stored', () => {
  fc.assert(
    fc.property(clusters(true), (objects) => {
      const snapshot = toReachSnapshot(compile(objects));
      expect(compareReach(JSON.parse(JSON.stringify(snapshot)) as typeof snapshot, snapshot)).toEqual([]);
    }),
    { numRuns: runs(100) },
  );
});
