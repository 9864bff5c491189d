// What two reach snapshots of a cluster tell apart: which workload is reached from, or reaches, more or fewer namespaces than before.
import type { Direction } from './objects.ts';
import type { ReachSnapshot } from './reach-snapshot.ts';
import { parseSet } from './index-sets.ts';
import type { MetPorts, PortsChange } from './reach-ports.ts';
import { comparePorts } from './reach-ports.ts';

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
  /** Other ports than before: with pods, and with the internet. */
  readonly ports?: { readonly pods?: PortsChange | undefined; readonly internet?: PortsChange | undefined };
}

/** @returns true when who is met is the same as before, and only the ports are others */
export const isPortsAlone = ({ gained, lost, internet }: ReachChange): boolean =>
  gained.length === 0 && lost.length === 0 && internet === 'same';

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
      const at = columns[direction];
      const sets = compareSets(past[at.set], entry[at.set]);
      const internet = past[at.internet] === entry[at.internet] ? 'same' : entry[at.internet] === 1 ? 'gained' : 'lost';
      const ports = compareMet(before.ports?.[past[at.on] ?? -1], after.ports?.[entry[at.on] ?? -1]);
      const change: ReachChange = { workload: entry[0], direction, ...sets, internet, ...(ports ? { ports } : {}) };
      return isPortsAlone(change) && !ports ? [] : [change];
    });
  });
}

/** Where a workload's entry has what it meets. */
const columns = { ingress: { set: 1, internet: 2, on: 7 }, egress: { set: 3, internet: 4, on: 8 } } as const;

function compareMet(past: MetPorts | undefined, now: MetPorts | undefined): ReachChange['ports'] {
  if (!past || !now) return undefined;
  const [pods, internet] = [comparePorts(past[0], now[0]), comparePorts(past[1], now[1])];
  return pods || internet ? { pods, internet } : undefined;
}

const compareNames = (then: ReadonlySet<string>, now: ReadonlySet<string>) => ({
  before: then.size,
  after: now.size,
  gained: [...now].filter((name) => !then.has(name)),
  lost: [...then].filter((name) => !now.has(name)),
});
