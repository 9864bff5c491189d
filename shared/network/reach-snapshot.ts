// Who reaches whom, boiled down to namespaces and the internet per workload: small enough to keep with history, enough to tell drift without the pods.
import type { Connectivity } from './compile.ts';
import { ALL, NONE } from './port-sets.ts';
import { withAtom, workloadName, workloadsOf } from './reach.ts';
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
  const from = peersOf(net, 'ingress', place);
  const to = peersOf(net, 'egress', place);
  const sets: string[] = [];
  const ids = new Map<string, number>();
  const intern = (bits: Uint32Array): number => {
    const text = formatBits(bits, order.length);
    const known = ids.get(text);
    if (known !== undefined) return known;
    ids.set(text, sets.length);
    return sets.push(text) - 1;
  };
  const join = (all: readonly Uint32Array[], classes: readonly number[]): Uint32Array =>
    classes.slice(1).reduce((sum, c) => sum.map((word, i) => word | all[c]![i]!), all[classes[0]!]!.slice());
  const internet = (direction: Direction, classes: readonly number[]): 0 | 1 =>
    classes.some((c) => net.atoms.some((_, atom) => withAtom(net, direction, c, atom) !== NONE)) ? 1 : 0;
  // Thousands of workloads are of the same few classes.
  const known = new Map<string, readonly [number, 0 | 1, number, 0 | 1]>();
  const reachOf = (classes: readonly number[]): readonly [number, 0 | 1, number, 0 | 1] => {
    const key = classes.join();
    const reach = known.get(key) ?? [
      intern(join(from, classes)),
      internet('ingress', classes),
      intern(join(to, classes)),
      internet('egress', classes),
    ];
    known.set(key, reach);
    return reach;
  };
  const workloads = workloadsOf(net)
    .filter((workload) => workload.pods > 0)
    .map((workload) => [workloadName(workload), ...reachOf(workload.classes)] as const);
  return { namespaces: order.map(({ name }) => name), sets, workloads };
}

/** For every class the namespaces it can talk with, as bits; others that share a row are looked at once. */
function peersOf(net: Connectivity, direction: Direction, place: Int32Array): readonly Uint32Array[] {
  const own = net[direction];
  const other = net[direction === 'ingress' ? 'egress' : 'ingress'];
  const words = Math.ceil(place.length / 32);
  const result: Uint32Array[] = Array.from({ length: net.classes.length });
  for (const [row, members] of Map.groupBy(net.classes.keys(), (index) => own.rowOf[index]!)) {
    const groups = new Map<number, { readonly otherRow: number; readonly set: number; readonly bits: Uint32Array }>();
    for (const [index, { namespace, weight }] of net.classes.entries()) {
      const set = row === -1 ? ALL : own.rows[row]![index]!;
      if (set === NONE || weight === 0) continue;
      // Port sets are numbered in 16 bits.
      const key = (other.rowOf[index]! + 1) * 65_536 + set;
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { otherRow: other.rowOf[index]!, set, bits: new Uint32Array(words) }));
      group.bits[place[namespace]! >> 5]! |= 1 << (place[namespace]! & 31);
    }
    for (const self of members) {
      const bits = new Uint32Array(words);
      for (const { otherRow, set, bits: more } of groups.values()) {
        const back = otherRow === -1 ? ALL : other.rows[otherRow]![self]!;
        if (back !== NONE && net.ports.intersect(back, set) !== NONE)
          for (let i = 0; i < words; i++) bits[i]! |= more[i]!;
      }
      result[self] = bits;
    }
  }
  return result;
}

function formatBits(bits: Uint32Array, count: number): string {
  const ranges: string[] = [];
  const has = (index: number): boolean => index < count && ((bits[index >> 5]! >>> (index & 31)) & 1) === 1;
  for (let i = 0; i < count; i++) {
    if (!has(i)) continue;
    const start = i;
    while (has(i + 1)) i++;
    ranges.push(start === i ? `${i}` : `${start}-${i}`);
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

export interface ReachChange {
  /** `NAMESPACE/NAME[Kind]` */
  readonly workload: string;
  readonly direction: Direction;
  /** How many namespaces reached it, or were reached, before and now. */
  readonly before: number;
  readonly after: number;
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  readonly internet: 'gained' | 'lost' | 'same';
}

/** @returns what changed for the workloads that are in both, in the order of their names, ingress first */
export function compareReach(before: ReachSnapshot, after: ReachSnapshot): readonly ReachChange[] {
  const old = new Map(before.workloads.map((entry) => [entry[0], entry]));
  // Most sets stay as they are: each is read once.
  const expand = (snapshot: ReachSnapshot): ((set: number) => ReadonlySet<string>) => {
    const known = new Map<number, ReadonlySet<string>>();
    return (set) => {
      const found =
        known.get(set) ?? new Set(parseSet(snapshot.sets[set] ?? '').map((index) => snapshot.namespaces[index]!));
      known.set(set, found);
      return found;
    };
  };
  const [was, is] = [expand(before), expand(after)];
  const known = new Map<string, Pick<ReachChange, 'before' | 'after' | 'gained' | 'lost'>>();
  const compareSets = (past: number, now: number): Pick<ReachChange, 'before' | 'after' | 'gained' | 'lost'> => {
    const key = `${past} ${now}`;
    const found = known.get(key) ?? compareNames(was(past), is(now));
    known.set(key, found);
    return found;
  };
  return after.workloads.flatMap((entry) => {
    const past = old.get(entry[0]);
    if (!past) return [];
    return (['ingress', 'egress'] as const).flatMap((direction) => {
      const at = direction === 'ingress' ? 1 : 3;
      const sets = compareSets(past[at], entry[at]);
      const internet = past[at + 1] === entry[at + 1] ? 'same' : entry[at + 1] === 1 ? 'gained' : 'lost';
      if (sets.gained.length === 0 && sets.lost.length === 0 && internet === 'same') return [];
      return [{ workload: entry[0], direction, ...sets, internet } as const];
    });
  });
}

const compareNames = (then: ReadonlySet<string>, now: ReadonlySet<string>) => ({
  before: then.size,
  after: now.size,
  gained: [...now].filter((name) => !then.has(name)),
  lost: [...then].filter((name) => !now.has(name)),
});

function parseSet(text: string): number[] {
  if (text === '') return [];
  return text.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
