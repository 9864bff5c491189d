// Who reaches whom, boiled down to namespaces and the internet per workload, and by which policies: small enough to keep with history, enough to
// tell what changed, and what changed it, without the pods.
import type { Connectivity } from './compile.ts';
import { fingerprint } from './fingerprint.ts';
import { formatBits, parseSet, union } from './index-sets.ts';
import { ALL, NONE } from './port-sets.ts';
import type { MetPorts } from './reach-ports.ts';
import { keptPorts, portWords } from './reach-ports.ts';
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
  /** Distinct pairs of ports: on which pods are met, and on which the internet is; absent in snapshots that older versions stored. */
  readonly ports?: readonly MetPorts[];
  readonly workloads: readonly WorkloadEntry[];
}

/** Workload, set that reaches it, whether the internet does, set it reaches, whether it reaches the internet; the policies that select it; the ports. */
export type WorkloadEntry = readonly [
  name: string,
  from: number,
  fromInternet: 0 | 1,
  to: number,
  toInternet: 0 | 1,
  forIngress?: number,
  forEgress?: number,
  onIngress?: number,
  onEgress?: number,
];

/** @returns the snapshot of a cluster's connectivity */
export function toReachSnapshot(net: Connectivity): ReachSnapshot {
  const order = net.objects.namespaces
    .map(({ name, labels }, index) => ({ name, labels, index }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const place = new Int32Array(order.length);
  for (const [position, { index }] of order.entries()) place[index] = position;
  const sets = new Map<string, number>();
  const ports = new Map<string, number>();
  const from = reachIn(net, 'ingress', place, sets, ports);
  const to = reachIn(net, 'egress', place, sets, ports);
  const { kept, selecting } = keepPolicies(net);
  const selection = (direction: Direction, classes: readonly number[]): number =>
    intern(sets, formatBits(selecting(direction, classes), kept.length));
  // Thousands of workloads are of the same few classes.
  const known = new Map<string, Reach>();
  const reachOf = (classes: readonly number[]): Reach => {
    const [ingress, egress] = [from(classes), to(classes)];
    return [
      ...ingress.met,
      ...egress.met,
      selection('ingress', classes),
      selection('egress', classes),
      ingress.on,
      egress.on,
    ];
  };
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
    ports: [...ports.keys()].map((key) => JSON.parse(key) as MetPorts),
    workloads,
  };
}

type Reach = readonly [number, 0 | 1, number, 0 | 1, number, number, number, number];

/** @returns the number of the set, a new one where it is new */
function intern(sets: Map<string, number>, text: string): number {
  const id = sets.get(text) ?? sets.size;
  sets.set(text, id);
  return id;
}

/**
 * @param place of each namespace in the order of names
 * @param sets takes every new set of namespaces, with its number
 * @param ports takes every new pair of ports, with its number
 * @returns what tells which set of namespaces some classes can talk with, whether they can with the internet, and on which ports
 */
function reachIn(
  net: Connectivity,
  direction: Direction,
  place: Int32Array,
  sets: Map<string, number>,
  ports: Map<string, number>,
): (classes: readonly number[]) => { readonly met: readonly [number, 0 | 1]; readonly on: number } {
  const met = namespacesMet(net, direction, place);
  const { rows, rowOf } = net[direction];
  const toInternet = rows.map((row) => net.ports.unionOf([...new Set(row.subarray(net.classes.length))]));
  // Most classes meet the same namespaces as another.
  const known = new Map<Uint32Array, number>();
  const setOf = (bits: Uint32Array): number => {
    const id = intern(sets, formatBits(bits, place.length));
    known.set(bits, id);
    return id;
  };
  return (classes) => {
    const bits = union([...new Set(classes.map((index) => met[index]!.bits))]);
    const pods = net.ports.unionOf(classes.map((index) => met[index]!.ports));
    const internet = net.ports.unionOf(classes.map((index) => toInternet[rowOf[index]!] ?? ALL));
    const on: MetPorts = [keptPorts(net.ports, pods), keptPorts(net.ports, internet)];
    return { met: [known.get(bits) ?? setOf(bits), internet === NONE ? 0 : 1], on: intern(ports, JSON.stringify(on)) };
  };
}

export interface WorkloadReach {
  /** `NAMESPACE/NAME[Kind]` */
  readonly workload: string;
  readonly from: ReachedEnd;
  readonly to: ReachedEnd;
}

export interface ReachedEnd {
  readonly namespaces: readonly string[];
  readonly internet: boolean;
  /** On which ports the pods there are met, and the internet, for people to read; absent in what older versions stored. */
  readonly on?: { readonly pods: string; readonly internet: string };
}

/** @returns a snapshot written out: who reaches each workload, and whom it reaches, in the order of names */
export function readReach({ namespaces, sets, ports, workloads }: ReachSnapshot): readonly WorkloadReach[] {
  const named = sets.map((set) => parseSet(set).map((index) => namespaces[index]!));
  const end = (set: number, internet: 0 | 1, on: number | undefined): ReachedEnd => {
    const met = ports?.[on ?? -1];
    return {
      namespaces: named[set] ?? [],
      internet: internet === 1,
      ...(met ? { on: { pods: portWords(met[0]), internet: portWords(met[1]) } } : {}),
    };
  };
  return workloads.map(([workload, from, fromInternet, to, toInternet, , , onIngress, onEgress]) => ({
    workload,
    from: end(from, fromInternet, onIngress),
    to: end(to, toInternet, onEgress),
  }));
}
