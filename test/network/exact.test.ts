// The engine against the naive evaluator, every pair and every interesting port of thousands of generated clusters; and the laws.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Connectivity } from '../../shared/network/index.ts';
import {
  between,
  compile,
  connectionsOf,
  diff,
  exposureOf,
  formatConnection,
  withAtom,
} from '../../shared/network/index.ts';
import { findAtom, parseIp } from '../../shared/network/ip.ts';
import type { ClusterObjects, NetworkPolicy } from '../../shared/network/objects.ts';
import { protocols } from '../../shared/network/objects.ts';
import { NONE } from '../../shared/network/port-sets.ts';
import { addresses, calicoClusters, ciliumClusters, clusters, interestingPorts } from './arbitrary.ts';
import type { SideRule } from './naive.ts';
import { allowed, kubernetesSide } from './naive.ts';
import { calicoSide, ciliumSide } from './naive-engines.ts';
import { runs } from '../support/runs.ts';

const RUNS = runs(600);

const classOf = (net: Connectivity, pod: number): number => net.classes.findIndex((c) => c.members.includes(pod));

/** @returns the packets that the engine judges otherwise */
function disagreements(objects: ClusterObjects, net: Connectivity, side: SideRule): Parameters<typeof allowed>[1][] {
  const found: Parameters<typeof allowed>[1][] = [];
  const check = (id: number, packet: Parameters<typeof allowed>[1]): void => {
    const engine = net.ports.includes(id, packet.protocol, packet.port);
    if (engine !== allowed(objects, packet, side)) found.push(packet);
  };
  for (const protocol of protocols)
    for (const port of interestingPorts)
      for (const [s, source] of objects.pods.entries()) {
        for (const [d, destination] of objects.pods.entries())
          if (s !== d)
            check(between(net, classOf(net, s), classOf(net, d)), {
              source: { pod: source },
              destination: { pod: destination },
              protocol,
              port,
            });
        for (const ip of addresses) {
          const atom = findAtom(net.atoms, parseIp(ip)!);
          if (atom === -1) continue;
          check(withAtom(net, 'egress', classOf(net, s), atom), {
            source: { pod: source },
            destination: { ip },
            protocol,
            port,
          });
          check(withAtom(net, 'ingress', classOf(net, s), atom), {
            source: { ip },
            destination: { pod: source },
            protocol,
            port,
          });
        }
      }
  return found;
}

describe('every packet is judged as the naive evaluator judges it', () => {
  test('with network policies', () => {
    fc.assert(
      fc.property(clusters(false), (objects) => {
        expect(disagreements(objects, compile(objects), kubernetesSide)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('with admin policies of both tiers too', () => {
    fc.assert(
      fc.property(clusters(true), (objects) => {
        expect(disagreements(objects, compile(objects), kubernetesSide)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('under Cilium: denials first, blocks never cover pods, admin policies do nothing', () => {
    fc.assert(
      fc.property(ciliumClusters(), (objects) => {
        expect(disagreements(objects, compile(objects, { engine: 'cilium' }), ciliumSide)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('under Calico: tiers, orders, passes and its own selectors', () => {
    fc.assert(
      fc.property(calicoClusters(), (objects) => {
        expect(disagreements(objects, compile(objects, { engine: 'calico' }), calicoSide)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('laws', () => {
  const pairs = (net: Connectivity): number => exposureOf(net).cluster.open;
  const lines = (net: Connectivity): string => connectionsOf(net).map(formatConnection).join('\n');

  test('without an engine every policy is inert and everything is open', () => {
    fc.assert(
      fc.property(clusters(true), (objects) => {
        const net = compile(objects, { engine: 'none' });
        expect(exposureOf(net).cluster.share).toBe(objects.pods.length > 1 ? 1 : 0);
        expect(net.inert).toHaveLength(objects.policies.length + objects.adminPolicies.length);
      }),
      { numRuns: runs(100) },
    );
  });

  test('the order of pods and policies changes nothing', () => {
    fc.assert(
      fc.property(clusters(true), (objects) => {
        const turned = {
          ...objects,
          pods: objects.pods.toReversed(),
          policies: objects.policies.toReversed(),
          adminPolicies: objects.adminPolicies.toReversed(),
        };
        expect(lines(compile(turned))).toBe(lines(compile(objects)));
      }),
      { numRuns: runs(100) },
    );
  });

  test('a rule split into two allows the same', () => {
    const split = (rules: NetworkPolicy['ingress']): NetworkPolicy['ingress'] =>
      rules?.flatMap((rule) =>
        rule.peers === undefined || rule.peers.length < 2
          ? [rule]
          : rule.peers.map((peer) => ({ ...rule, peers: [peer] })),
      );
    fc.assert(
      fc.property(clusters(false), (objects) => {
        const policies = objects.policies.map((policy) => ({
          ...policy,
          ingress: split(policy.ingress),
          egress: split(policy.egress),
        }));
        expect(lines(compile({ ...objects, policies }))).toBe(lines(compile(objects)));
      }),
      { numRuns: runs(100) },
    );
  });

  test('another allowing policy on pods that are isolated already closes nothing', () => {
    fc.assert(
      fc.property(clusters(false), (objects) => {
        const [first] = objects.policies;
        fc.pre(first !== undefined);
        const more: NetworkPolicy = {
          ...first,
          name: 'more',
          ingress: first.ingress && [{ peers: undefined, ports: undefined }],
          egress: first.egress && [{ peers: undefined, ports: undefined }],
        };
        expect(pairs(compile({ ...objects, policies: [...objects.policies, more] }))).toBeGreaterThanOrEqual(
          pairs(compile(objects)),
        );
      }),
      { numRuns: runs(100) },
    );
  });

  test('exposure counts exactly the ordered pairs that can talk', () => {
    fc.assert(
      fc.property(clusters(true), (objects) => {
        const net = compile(objects);
        let open = 0;
        for (const s of objects.pods.keys())
          for (const d of objects.pods.keys())
            if (s !== d && between(net, classOf(net, s), classOf(net, d)) !== NONE) open++;
        const { cluster, namespaces } = exposureOf(net);
        expect(cluster).toMatchObject({ open, pairs: objects.pods.length * (objects.pods.length - 1) });
        expect([...namespaces.values()].reduce((sum, exposure) => sum + exposure.open, 0)).toBe(open);
      }),
      { numRuns: runs(100) },
    );
  });

  test('a difference names exactly what two states do not share, and none between equals', () => {
    fc.assert(
      fc.property(clusters(false), clusters(false), (before, after) => {
        const [a, b] = [compile(before), compile({ ...before, policies: after.policies })];
        expect(diff(a, a)).toEqual([]);
        const workloads = (net: Connectivity) =>
          new Map(
            connectionsOf(net)
              .filter((c) => !`${c.source}${c.destination}`.includes('[External]'))
              .map((c) => [`${c.source} ${c.destination}`, c.connections]),
          );
        const [old, now] = [workloads(a), workloads(b)];
        const gained = [...now.keys()].filter((key) => !old.has(key)).length;
        const lost = [...old.keys()].filter((key) => !now.has(key)).length;
        const changed = [...now].filter(([key, connections]) => old.has(key) && old.get(key) !== connections).length;
        const inside = diff(a, b).filter((d) => !`${d.source}${d.destination}`.includes('[External]'));
        const count = (kind: string): number => inside.filter((d) => d.kind === kind).length;
        expect([count('+'), count('-'), count('~')]).toEqual([gained, lost, changed]);
      }),
      { numRuns: runs(150) },
    );
  });
});
