// Which of the policies that select a workload are others than before.
import type { Direction } from './objects.ts';
import { parseSet } from './index-sets.ts';
import type { KeptPolicy } from './reach-policies.ts';
import type { ReachSnapshot } from './reach-snapshot.ts';

export interface ChangedPolicy {
  /** `NAMESPACE/NAME[Kind]` */
  readonly name: string;
  /** `left`: it is there, and no longer selects the workload. */
  readonly how: 'new' | 'gone' | 'changed' | 'left';
  /** Like `80, UDP 53`; empty where it names none, or selects the workload no longer. */
  readonly ports: string;
}

/** By direction, then by workload: the policies that select it now and did not, select it no longer, or say something else. */
export type ChangedPolicies = Readonly<Record<Direction, ReadonlyMap<string, readonly ChangedPolicy[]>>>;

/** Where a workload's entry has its policies, and a policy its content and ports. */
const columns = {
  ingress: { selection: 5, content: 1, ports: 3 },
  egress: { selection: 6, content: 2, ports: 4 },
} as const;

/** @returns what changed for the workloads that are in both; undefined when a snapshot is of a version that did not keep policies */
export function changedPolicies(before: ReachSnapshot, after: ReachSnapshot): ChangedPolicies | undefined {
  if (!before.policies || !after.policies) return undefined;
  const [was, is] = [reader(before, before.policies), reader(after, after.policies)];
  const old = new Map(before.workloads.map((entry) => [entry[0], entry]));
  const inDirection = (direction: Direction): ReadonlyMap<string, readonly ChangedPolicy[]> => {
    const { selection } = columns[direction];
    // Thousands of workloads are selected by the same few sets of policies.
    const known = new Map<string, readonly ChangedPolicy[]>();
    const found = new Map<string, readonly ChangedPolicy[]>();
    for (const entry of after.workloads) {
      const [then, now] = [old.get(entry[0])?.[selection], entry[selection]];
      if (then === undefined || now === undefined) continue;
      const key = `${then} ${now}`;
      const changed = known.get(key) ?? compare(was, is, then, now, direction);
      known.set(key, changed);
      if (changed.length > 0) found.set(entry[0], changed);
    }
    return found;
  };
  return { ingress: inDirection('ingress'), egress: inDirection('egress') };
}

interface Reader {
  readonly named: ReadonlyMap<string, KeptPolicy>;
  readonly selection: (set: number) => ReadonlySet<string>;
}

const reader = ({ sets }: ReachSnapshot, policies: readonly KeptPolicy[]): Reader => ({
  named: new Map(policies.map((policy) => [policy[0], policy])),
  selection: (set) => new Set(parseSet(sets[set] ?? '').map((index) => policies[index]![0])),
});

function compare(was: Reader, is: Reader, then: number, now: number, direction: Direction): readonly ChangedPolicy[] {
  const { content, ports } = columns[direction];
  const [old, selected] = [was.selection(then), is.selection(now)];
  return [...new Set([...old, ...selected])].toSorted().flatMap((name): ChangedPolicy[] => {
    const [past, present] = [was.named.get(name), is.named.get(name)];
    if (!present) return [{ name, how: 'gone', ports: '' }];
    if (!past) return [{ name, how: 'new', ports: present[ports] }];
    if (!selected.has(name)) return [{ name, how: 'left', ports: '' }];
    return old.has(name) && past[content] === present[content] ? [] : [{ name, how: 'changed', ports: present[ports] }];
  });
}
