// Who reaches whom, boiled down to namespaces and the internet per workload, and by which policies: small enough to keep with history, enough to
// tell what changed, and what changed it, without the pods.
import type { Connectivity } from './compile.ts';
import { fingerprint } from './fingerprint.ts';
import { formatBits, parseSet, union } from './index-sets.ts';
import { NONE } from './port-sets.ts';
import type { KeptPolicy } from './reach-policies.ts';
import { keepPolicies } from './reach-policies.ts';
import { workloadName, workloadsOf } from './reach.ts';
import { namespacesMet } from './peers.ts';
import type { Direction } from './objects.ts';

export interface ReachSnapshot {
  /** In order of their names; sets refer to them by index. */
  readonly namespaces: readonly string[];
  /** What tells the labels of each namespace from others; absent in snapshots that older versions stored. */
  readonly labels?: readonly string[];
  /** The policies that the engine enforces, in order of their names; absent in snapshots that older versions stored. */
  readonly policies?: readonly KeptPolicy[];
  /** Distinct sets of namespaces, or of policies, as ranges of indices like `0-3,7`. */
  readonly sets: readonly string[];
  readonly workloads: readonly WorkloadEntry[];
}

/** Workload, set that reaches it, whether the internet does, set it reaches, whether it reaches the internet; the policies that select it. */
export type WorkloadEntry = readonly [
  name: string,
  from: number,
  fromInternet: 0 | 1,
  to: number,
  toInternet: 0 | 1,
  forIngress?: number,
  forEgress?: number,
];

/** @returns the snapshot of a cluster's connectivity, on any port */
export function toReachSnapshot(net: Connectivity): ReachSnapshot {
  const order = net.objects.namespaces
    .map(({ name, labels }, index) => ({ name, labels, index }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const place = new Int32Array(order.length);
  for (const [position, { index }] of order.entries()) place[index] = position;
  const sets = new Map<string, number>();
  const from = reachIn(net, 'ingress', place, sets);
  const to = reachIn(net, 'egress', place, sets);
  const { kept, selecting } = keepPolicies(net);
  const selection = (direction: Direction, classes: readonly number[]): number =>
    intern(sets, formatBits(selecting(direction, classes), kept.length));
  // Thousands of workloads are of the same few classes.
  const known = new Map<string, Reach>();
  const reachOf = (classes: readonly number[]): Reach => [
    ...from(classes),
    ...to(classes),
    selection('ingress', classes),
    selection('egress', classes),
  ];
  const workloads = workloadsOf(net)
    .filter((workload) => workload.pods > 0)
    .map((workload) => {
      const { classes } = workload;
      const key = classes.join();
      const reach = known.get(key) ?? reachOf(classes);
      known.set(key, reach);
      return [workloadName(workload), ...reach] as const;
    });
  return {
    namespaces: order.map(({ name }) => name),
    labels: order.map(({ labels }) => fingerprint(JSON.stringify(labels, Object.keys(labels).toSorted()))),
    policies: kept,
    sets: [...sets.keys()],
    workloads,
  };
}

type Reach = readonly [number, 0 | 1, number, 0 | 1, number, number];

/** @returns the number of the set, a new one where it is new */
function intern(sets: Map<string, number>, text: string): number {
  const id = sets.get(text) ?? sets.size;
  sets.set(text, id);
  return id;
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
    const id = intern(sets, formatBits(bits, place.length));
    known.set(bits, id);
    return id;
  };
  return (classes) => {
    const bits = union([...new Set(classes.map((index) => met[index]!))]);
    return [known.get(bits) ?? setOf(bits), classes.some((index) => isOpen[rowOf[index]!] ?? true) ? 1 : 0];
  };
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
