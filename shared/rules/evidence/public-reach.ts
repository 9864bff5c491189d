// Which public addresses policies let in to a workload, and which of the ways to it they can take.
import type { Connectivity, Workload } from '../../network/index.ts';
import { addressReach } from '../../network/index.ts';
import type { IpRange } from '../../network/ip.ts';
import { parseCidr } from '../../network/ip.ts';
import { NONE } from '../../network/port-sets.ts';
import { publicParts } from '../../network/public-addresses.ts';
import type { View } from './view.ts';
import type { WayTo } from './ways-in.ts';

/** Addresses that are let in, with what of them is public. */
export interface Admitted {
  readonly range: IpRange;
  readonly parts: readonly IpRange[];
  readonly ports: number;
}

/** @returns a function that tells which public addresses get in to a workload; it answers once for all that the same policies close */
export function publicReach({ net, cluster }: View): (workload: Workload) => readonly Admitted[] {
  // Blocks that the cluster uses itself are not the internet, whatever they are elsewhere.
  const { podCidrs = [], serviceCidrs = [] } = cluster.network ?? {};
  const local = [...podCidrs, ...serviceCidrs].flatMap((cidr) => parseCidr(cidr) ?? []);
  const known = new Map<string, readonly Admitted[]>();
  return (workload) => {
    const rows = new Set(workload.classes.map((index) => net.ingress.rowOf[index]!));
    const key = [...rows].toSorted((a, b) => a - b).join();
    const found =
      known.get(key) ??
      addressReach(net, 'ingress', workload).flatMap(({ range, ports }) => {
        const parts = publicParts(range, local);
        return parts.length > 0 ? [{ range, parts, ports }] : [];
      });
    known.set(key, found);
    return found;
  };
}

/** @returns the ways by which some of those addresses get to the workload, with the ports that they reach */
export function usedWays(net: Connectivity, admitted: readonly Admitted[], ways: readonly WayTo[]): readonly WayTo[] {
  return ways.flatMap(({ way, ports }) => {
    const { sources } = way;
    const through = admitted.filter(
      ({ parts }) => sources === undefined || parts.some((part) => sources.some((block) => overlap(part, block))),
    );
    const reached = net.ports.intersect(net.ports.unionOf(through.map((entry) => entry.ports)), ports);
    return reached === NONE ? [] : [{ way, ports: reached }];
  });
}

const overlap = (a: IpRange, b: IpRange): boolean => a.from <= b.to && b.from <= a.to;
