// Exposure: the share of ordered pod pairs that can talk, counted exactly without looking at every pair.
import type { Connectivity } from './compile.ts';
import { ALL, NONE } from './port-sets.ts';
import { between } from './reach.ts';

export interface Exposure {
  /** Ordered pairs of distinct pods that may talk on at least one port. */
  readonly open: number;
  /** All ordered pairs of distinct pods. */
  readonly pairs: number;
  /** `open / pairs`; 0 when there are no two pods. */
  readonly share: number;
}

const exposure = (open: number, pairs: number): Exposure => ({ open, pairs, share: pairs === 0 ? 0 : open / pairs });

/**
 * Sources that share an egress row differ towards a destination only in what its ingress row says of them. So for each ingress row the
 * sources are weighed once by (egress row, port set); a destination then asks each egress row for one port set and adds up the weights that fit.
 * @returns the exposure of the cluster, and of each namespace as the target, by its name
 */
export function exposureOf(net: Connectivity): {
  readonly cluster: Exposure;
  readonly namespaces: ReadonlyMap<string, Exposure>;
} {
  const { classes, egress, ingress, ports } = net;
  const names = net.objects.namespaces;
  const openInto = new Float64Array(names.length);
  const podsIn = new Float64Array(names.length);
  const destinations = Map.groupBy(classes.keys(), (index) => ingress.rowOf[index]!);
  for (const [row, members] of destinations) {
    const weighed = weighSources(net, row);
    for (const d of members) {
      let from = 0;
      for (const { egressRow, sets } of weighed) {
        const leaves = egressRow === -1 ? ALL : egress.rows[egressRow]![d]!;
        if (leaves === NONE) continue;
        for (const { set, weight } of sets) if (ports.intersect(leaves, set) !== NONE) from += weight;
      }
      const { namespace, weight } = classes[d]!;
      // A pod does not make a pair with itself.
      if (between(net, d, d) !== NONE) from -= 1;
      openInto[namespace]! += from * weight;
      podsIn[namespace]! += weight;
    }
  }
  const pods = podsIn.reduce((sum, count) => sum + count, 0);
  const open = openInto.reduce((sum, count) => sum + count, 0);
  const others = Math.max(0, pods - 1);
  return {
    cluster: exposure(open, pods * others),
    namespaces: new Map(names.map(({ name }, i) => [name, exposure(openInto[i]!, podsIn[i]! * others)] as const)),
  };
}

interface Weighed {
  readonly egressRow: number;
  readonly sets: readonly { readonly set: number; readonly weight: number }[];
}

/** @param ingressRow -1 lets everything in @returns pods by egress row and by what the ingress row lets in from them */
function weighSources({ classes, egress, ingress }: Connectivity, ingressRow: number): readonly Weighed[] {
  const row = ingressRow === -1 ? undefined : ingress.rows[ingressRow]!;
  const weights = new Map<number, Map<number, number>>();
  for (const [s, { weight }] of classes.entries()) {
    const set = row === undefined ? ALL : row[s]!;
    if (set === NONE) continue;
    const out = egress.rowOf[s]!;
    let sets = weights.get(out);
    if (!sets) weights.set(out, (sets = new Map()));
    sets.set(set, (sets.get(set) ?? 0) + weight);
  }
  return [...weights].map(([egressRow, sets]) => ({
    egressRow,
    sets: [...sets].map(([set, weight]) => ({ set, weight })),
  }));
}
