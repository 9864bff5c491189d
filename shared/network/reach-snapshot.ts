// Who reaches whom, boiled down to namespaces and the internet per workload: small enough to keep with history, enough to tell drift without the pods.
import type { Connectivity } from './compile.ts';
import { NONE } from './port-sets.ts';
import { workloadName, workloadsOf } from './reach.ts';
import { namespacesMet } from './peers.ts';
import type { Direction } from './objects.ts';

export interface ReachSnapshot {
  /** In order of their names; sets refer to them by index. */
  readonly namespaces: readonly string[];
  /** Distinct sets of namespaces, as ranges of indices like `0-3,7`. */
  readonly sets: readonly string[];
  /** Workload, set that reaches it, whether the internet does, set it reaches, whether it reaches the internet. */
  readonly workloads: readonly (readonly [
    name: string,
    from: number,
    fromInternet: 0 | 1,
    to: number,
    toInternet: 0 | 1,
  ])[];
}

/** @returns the snapshot of a cluster's connectivity, on any port */
export function toReachSnapshot(net: Connectivity): ReachSnapshot {
  const order = net.objects.namespaces
    .map(({ name }, index) => ({ name, index }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const place = new Int32Array(order.length);
  for (const [position, { index }] of order.entries()) place[index] = position;
  const sets = new Map<string, number>();
  const from = reachIn(net, 'ingress', place, sets);
  const to = reachIn(net, 'egress', place, sets);
  // Thousands of workloads are of the same few classes.
  const known = new Map<string, readonly [number, 0 | 1, number, 0 | 1]>();
  const workloads = workloadsOf(net)
    .filter((workload) => workload.pods > 0)
    .map((workload) => {
      const { classes } = workload;
      const key = classes.join();
      const reach = known.get(key) ?? ([...from(classes), ...to(classes)] as const);
      known.set(key, reach);
      return [workloadName(workload), ...reach] as const;
    });
  return { namespaces: order.map(({ name }) => name), sets: [...sets.keys()], workloads };
}

/**
 * @param place of each namespace in the order of names
 * @param sets takes every new set of namespaces, with its number
 * @returns what tells which set of namespaces some classes can talk with, and whether they can with the internet
 */
function reachIn(
  net: Connectivity,
  direction: Direction,
  place: Int32Array,
  sets: Map<string, number>,
): (classes: readonly number[]) => readonly [number, 0 | 1] {
  const met = namespacesMet(net, direction, place);
  const { rows, rowOf } = net[direction];
  const isOpen = rows.map((row) => row.subarray(net.classes.length).some((ports) => ports !== NONE));
  // Most classes meet the same namespaces as another.
  const known = new Map<Uint32Array, number>();
  const setOf = (bits: Uint32Array): number => {
    const text = formatBits(bits, place.length);
    const id = sets.get(text) ?? sets.size;
    sets.set(text, id);
    known.set(bits, id);
    return id;
  };
  return (classes) => {
    const bits = union([...new Set(classes.map((index) => met[index]!))]);
    return [known.get(bits) ?? setOf(bits), classes.some((index) => isOpen[rowOf[index]!] ?? true) ? 1 : 0];
  };
}

const union = ([first, ...rest]: readonly Uint32Array[]): Uint32Array =>
  rest.reduce((sum, more) => sum.map((word, i) => word | more[i]!), first!);

/** @returns the indices of the bits that are set, as ranges: `0-3,7` */
function formatBits(bits: Uint32Array, count: number): string {
  /** The first bit from here on that is set, or is not: a whole word is looked at in one step. */
  const next = (from: number, isSet: boolean): number => {
    for (let i = from; i < count; i = (i | 31) + 1) {
      const word = (isSet ? bits[i >> 5]! : ~bits[i >> 5]!) >>> (i & 31);
      if (word !== 0) return Math.min(count, i + 31 - Math.clz32(word & -word));
    }
    return count;
  };
  const ranges: string[] = [];
  for (let start = next(0, true), end; start < count; start = next(end, true)) {
    end = next(start, false);
    ranges.push(end === start + 1 ? `${start}` : `${start}-${end - 1}`);
  }
  return ranges.join();
}

export interface WorkloadReach {
  /** `NAMESPACE/NAME[Kind]` */
  readonly workload: string;
  readonly from: { readonly namespaces: readonly string[]; readonly internet: boolean };
  readonly to: { readonly namespaces: readonly string[]; readonly internet: boolean };
}

/** @returns a snapshot written out: who reaches each workload, and whom it reaches, in the order of names */
export function readReach({ namespaces, sets, workloads }: ReachSnapshot): readonly WorkloadReach[] {
  const named = sets.map((set) => parseSet(set).map((index) => namespaces[index]!));
  return workloads.map(([workload, from, fromInternet, to, toInternet]) => ({
    workload,
    from: { namespaces: named[from] ?? [], internet: fromInternet === 1 },
    to: { namespaces: named[to] ?? [], internet: toInternet === 1 },
  }));
}

/** @returns the indices that a set names: the reverse of how it is written */
export function parseSet(text: string): number[] {
  if (text === '') return [];
  return text.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
