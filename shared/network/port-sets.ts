// Sets of ports over TCP, UDP and SCTP, interned: a set is a small number, and sums and cuts of sets are looked up.
import type { Protocol } from './objects.ts';
import { TooInvolved } from './too-involved.ts';

/** Ports 1 to 65535 of each protocol, one after another on one axis, in the order they are printed. */
const SPAN = 65_536;
const axis: readonly Protocol[] = ['SCTP', 'TCP', 'UDP'];
const END = axis.length * SPAN;

/** Sorted, disjoint, joined where they touch: `[from, to)` pairs flattened. */
type Intervals = readonly number[];

export const NONE = 0;
export const ALL = 1;

/** Rows hold ids in 16 bits. */
const MOST_SETS = 65_535;
/** Some 50 MB with their keys: real clusters come to a few thousand. */
const MOST_NUMBERS = 3_000_000;

export interface PortSets {
  /** @returns the id of ports `from` to `to` of a protocol, inclusive */
  range(protocol: Protocol, from: number, to: number): number;
  /** @returns the id of all of these together, at once: sums of sums would leave thousands of sets behind */
  ranges(list: readonly { readonly protocol: Protocol; readonly from: number; readonly to: number }[]): number;
  unionOf(ids: readonly number[]): number;
  union(a: number, b: number): number;
  intersect(a: number, b: number): number;
  /** What is in `a` and not in `b`. */
  subtract(a: number, b: number): number;
  includes(id: number, protocol: Protocol, port: number): boolean;
  /** `All Connections`, or like `TCP 80,8080-8090,UDP 53`; empty for none. */
  format(id: number): string;
  /** How many different sets there are. */
  readonly size: number;
  /** For compact snapshots. */
  intervals(id: number): Intervals;
  fromIntervals(intervals: Intervals): number;
}

const everything: Intervals = axis.flatMap((_, i) => [i * SPAN + 1, (i + 1) * SPAN]);

export function createPortSets(): PortSets {
  const sets: Intervals[] = [];
  const texts: string[] = [];
  const ids = new Map<string, number>();
  let size = 0;
  const intern = (intervals: Intervals): number => {
    const key = intervals.join(' ');
    const known = ids.get(key);
    if (known !== undefined) return known;
    size += intervals.length;
    if (sets.length > MOST_SETS || size > MOST_NUMBERS)
      throw new TooInvolved('The policies name more different sets of ports than can be judged.');
    sets.push(intervals);
    ids.set(key, sets.length - 1);
    return sets.length - 1;
  };
  intern([]);
  intern(everything);

  const memo = (
    combine: (a: Intervals, b: Intervals) => Intervals,
    quick: (a: number, b: number) => number | undefined,
  ) => {
    // One flat table while there are few sets, which is always so in practice; a map beyond.
    const side = 512;
    const table = new Uint16Array(side * side);
    const rest = new Map<number, number>();
    return (a: number, b: number): number => {
      const fast = quick(a, b);
      if (fast !== undefined) return fast;
      const small = a < side && b < side;
      const key = small ? a * side + b : a * 65_536 + b;
      const known = small ? table[key]! - 1 : (rest.get(key) ?? -1);
      if (known >= 0) return known;
      const id = intern(combine(sets[a]!, sets[b]!));
      if (small && id < 65_535) table[key] = id + 1;
      else rest.set(key, id);
      return id;
    };
  };

  return {
    range: (protocol, from, to) => {
      const base = axis.indexOf(protocol) * SPAN;
      const [low, high] = [Math.max(1, from), Math.min(SPAN - 1, to)];
      return low > high ? NONE : intern([base + low, base + high + 1]);
    },
    ranges: (list) =>
      intern(joined(list.map(({ protocol, from, to }) => [at(protocol, from), at(protocol, to) + 1] as const))),
    unionOf: (ids) => {
      const distinct = [...new Set(ids)];
      return distinct.length === 1 ? distinct[0]! : intern(joined(distinct.flatMap((id) => pairsOf(sets[id]!))));
    },
    union: memo(
      (a, b) => sweep(a, b, (x, y) => x || y),
      (a, b) => (a === b || b === NONE ? a : a === NONE ? b : a === ALL || b === ALL ? ALL : undefined),
    ),
    intersect: memo(
      (a, b) => sweep(a, b, (x, y) => x && y),
      (a, b) => (a === b || b === ALL ? a : a === ALL ? b : a === NONE || b === NONE ? NONE : undefined),
    ),
    subtract: memo(
      (a, b) => sweep(a, b, (x, y) => x && !y),
      (a, b) => (a === b || a === NONE || b === ALL ? NONE : b === NONE ? a : undefined),
    ),
    includes: (id, protocol, port) => {
      const at = axis.indexOf(protocol) * SPAN + port;
      const intervals = sets[id]!;
      for (let i = 0; i < intervals.length; i += 2) if (at >= intervals[i]! && at < intervals[i + 1]!) return true;
      return false;
    },
    format: (id) => (texts[id] ??= id === ALL ? 'All Connections' : formatIntervals(sets[id]!)),
    get size() {
      return sets.length;
    },
    intervals: (id) => sets[id]!,
    fromIntervals: intern,
  };
}

const at = (protocol: Protocol, port: number): number => axis.indexOf(protocol) * SPAN + port;

const pairsOf = (set: Intervals): (readonly [number, number])[] =>
  Array.from({ length: set.length / 2 }, (_, i) => [set[2 * i]!, set[2 * i + 1]!]);

/** @param pairs from, and the end that is not in it */
function joined(pairs: readonly (readonly [from: number, end: number])[]): Intervals {
  const result: number[] = [];
  for (const [from, end] of pairs.toSorted(([a], [b]) => a - b))
    if (result.length > 0 && from <= result.at(-1)!) result[result.length - 1] = Math.max(result.at(-1)!, end);
    else result.push(from, end);
  return result;
}

/** Walks both sets at once and keeps the places for which `keep` holds; it must not hold for a place in neither. */
function sweep(a: Intervals, b: Intervals, keep: (inA: boolean, inB: boolean) => boolean): Intervals {
  const result: number[] = [];
  let [i, j, from] = [0, 0, 0];
  while (from < END) {
    // After an odd number of ends the place is inside.
    while (i < a.length && a[i]! <= from) i++;
    while (j < b.length && b[j]! <= from) j++;
    const to = Math.min(a[i] ?? END, b[j] ?? END);
    if (keep(i % 2 === 1, j % 2 === 1)) {
      if (result.at(-1) === from) result[result.length - 1] = to;
      else result.push(from, to);
    }
    from = to;
  }
  return result;
}

function formatIntervals(intervals: Intervals): string {
  const parts: string[] = [];
  for (const [index, protocol] of axis.entries()) {
    const base = index * SPAN;
    const ranges: string[] = [];
    for (let i = 0; i < intervals.length; i += 2) {
      const [from, to] = [intervals[i]! - base, intervals[i + 1]! - base - 1];
      if (from < 1 || from >= SPAN) continue;
      ranges.push(from === to ? `${from}` : `${from}-${to}`);
    }
    if (ranges.length > 0) parts.push(`${protocol} ${ranges.join(',')}`);
  }
  return parts.join(',');
}
