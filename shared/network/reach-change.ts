// What two reach snapshots of a cluster tell apart: which workload is reached from, or reaches, more or fewer namespaces than before.
import type { Direction } from './objects.ts';
import type { ReachSnapshot } from './reach-snapshot.ts';
import { parseSet } from './index-sets.ts';

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

/** @param workload `NAMESPACE/NAME[Kind]` */
export const namespaceOf = (workload: string): string => workload.slice(0, workload.indexOf('/'));

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
