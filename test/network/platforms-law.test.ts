// Clusters of mixed nodes: each pod is governed as in a cluster of its own kind of nodes, and where no engine runs nothing governs it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findAtom, parseIp } from '../../shared/network/ip.ts';
import type { Connectivity, EngineProfile } from '../../shared/network/index.ts';
import { compile, withAtom } from '../../shared/network/index.ts';
import type { ClusterObjects, Direction, Platform, Pod } from '../../shared/network/objects.ts';
import { protocols } from '../../shared/network/objects.ts';
import { ALL } from '../../shared/network/port-sets.ts';
import { calicoClusters, ciliumClusters, clusters, interestingPorts } from './arbitrary.ts';
import { runs } from '../support/runs.ts';

const platforms: readonly Platform[] = ['linux', 'windows', 'virtual'];
const mixed = (base: fc.Arbitrary<ClusterObjects>): fc.Arbitrary<ClusterObjects> =>
  fc.tuple(base, fc.array(fc.constantFrom(...platforms), { minLength: 7, maxLength: 7 })).map(([objects, where]) => ({
    ...objects,
    pods: objects.pods.map((pod, i) => ({ ...pod, platform: where[i]! })),
  }));
const only = (objects: ClusterObjects, platform: Platform): ClusterObjects => ({
  ...objects,
  pods: objects.pods.map((pod) => ({ ...pod, platform })),
});

const classOf = (net: Connectivity, name: string): number =>
  net.classes.findIndex((c) => c.members.some((member) => net.objects.pods[member]!.name === name));
/** Every interesting port that a set has, as text. */
const shown = (net: Connectivity, set: number): string =>
  protocols
    .flatMap((protocol) =>
      interestingPorts.filter((port) => net.ports.includes(set, protocol, port)).map((port) => `${protocol}${port}`),
    )
    .join();

/** What the policies of one pod let through towards another, in one direction. */
function side(net: Connectivity, direction: Direction, self: string, other: string): string {
  const row = net[direction].rowOf[classOf(net, self)]!;
  return shown(net, row === -1 ? ALL : net[direction].rows[row]![classOf(net, other)]!);
}
const sides = ({ pods }: ClusterObjects): readonly (readonly [Pod, Pod, Direction])[] =>
  pods.flatMap((self) =>
    pods
      .filter((other) => other !== self)
      .flatMap((other) => [[self, other, 'ingress'] as const, [self, other, 'egress'] as const]),
  );
const everything = (net: Connectivity): string => shown(net, ALL);

describe('each pod of mixed nodes is governed as if all nodes were like its own', () => {
  test.each<[string, EngineProfile, fc.Arbitrary<ClusterObjects>]>([
    ['NPM', { engine: 'azure' }, clusters(false)],
    ['Calico', { engine: 'calico' }, clusters(true)],
    ['Calico and its own policies', { engine: 'calico' }, calicoClusters()],
  ])('under %s, and on virtual nodes not at all', (_name, profile, base) => {
    fc.assert(
      fc.property(mixed(base), (objects) => {
        const net = compile(objects, profile);
        const alike = {
          linux: compile(only(objects, 'linux'), profile),
          windows: compile(only(objects, 'windows'), profile),
        };
        for (const [self, other, direction] of sides(objects)) {
          const { platform } = self;
          const expected =
            platform === 'virtual' ? everything(net) : side(alike[platform!], direction, self.name, other.name);
          expect(side(net, direction, self.name, other.name)).toBe(expected);
        }
      }),
      { numRuns: runs(200) },
    );
  });
});

test('under Cilium a pod on Windows or on a virtual node is open, and an address to all others', () => {
  fc.assert(
    fc.property(mixed(ciliumClusters()), (objects) => {
      const profile: EngineProfile = { engine: 'cilium' };
      const net = compile(objects, profile);
      const alone = compile({ ...objects, pods: objects.pods.filter(({ platform }) => platform === 'linux') }, profile);
      const expected = (self: Pod, other: Pod, direction: Direction): string | undefined => {
        if (self.platform !== 'linux') return everything(net);
        if (other.platform === 'linux') return side(alone, direction, self.name, other.name);
        const atom = findAtom(alone.atoms, parseIp(other.ips[0] ?? '') ?? -1n);
        // Of a pod without an address nothing can be said.
        if (atom === -1) return undefined;
        return shown(alone, withAtom(alone, direction, classOf(alone, self.name), atom));
      };
      for (const [self, other, direction] of sides(objects)) {
        const found = side(net, direction, self.name, other.name);
        expect(found).toBe(expected(self, other, direction) ?? found);
      }
    }),
    { numRuns: runs(200) },
  );
});

test('all nodes Windows, said of the cluster, is the same as said of each pod', () => {
  fc.assert(
    fc.property(clusters(false), (objects) => {
      const [told, said] = [
        compile(objects, { engine: 'azure', windows: true }),
        compile(only(objects, 'windows'), { engine: 'azure' }),
      ];
      expect(said.inert).toEqual(told.inert);
      for (const [self, other, direction] of sides(objects))
        expect(side(said, direction, self.name, other.name)).toBe(side(told, direction, self.name, other.name));
    }),
    { numRuns: runs(100) },
  );
});
