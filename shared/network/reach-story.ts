// Who reaches whom, told once for each thing that changed: a policy, the labels of a namespace, a new namespace, or what runs in one.
import type { ChangedPolicy } from './changed-policies.ts';
import { changedPolicies } from './changed-policies.ts';
import type { NamespaceBehind } from './namespace-behind.ts';
import { createNamespaceBehind } from './namespace-behind.ts';
import { createOtherEnd } from './other-end.ts';
import type { ReachChange } from './reach-change.ts';
import { compareReach, isPortsAlone, namespaceOf } from './reach-change.ts';
import type { Drafts } from './reach-drafts.ts';
import { createDrafts } from './reach-drafts.ts';
import type { ReachSnapshot } from './reach-snapshot.ts';

export type ReachCause =
  | { readonly kind: 'policies'; readonly policies: readonly ChangedPolicy[] }
  | NamespaceBehind
  /** Nothing that is kept tells: sets of addresses or the order of tiers changed, or an older version stored the snapshot. */
  | { readonly kind: 'untold' };

export interface ReachStory {
  /** Another for every other cause. */
  readonly key: string;
  readonly cause: ReachCause;
  /** At the end that changed; at least one. */
  readonly changes: readonly ReachChange[];
  /** How many workloads at the other end see the same. */
  readonly others: number;
}

/** @returns a story for everything that changed; nothing when nobody reaches more or fewer than before */
export function reachStories(before: ReachSnapshot, after: ReachSnapshot): readonly ReachStory[] {
  const changes = compareReach(before, after);
  const changed = changes.length > 0 ? changedPolicies(before, after) : undefined;
  if (!changed) return changes.filter((change) => !isPortsAlone(change)).map(untold);
  const drafts = createDrafts();
  const own = changes.filter(({ direction, workload }) => changed[direction].has(workload));
  for (const change of own) drafts.ofPolicies(changed[change.direction].get(change.workload)!).add(change);
  const otherEnd = createOtherEnd(own, changed, drafts);
  const namespaceBehind = createNamespaceBehind(before, after);
  for (const change of changes) {
    const { direction, workload, internet } = change;
    // Ports alone are told where a policy of the workload itself changed: its other end sees the same.
    if (changed[direction].has(workload) || isPortsAlone(change)) continue;
    for (const kept of ['gained', 'lost'] as const)
      for (const [draft, names] of otherEnd(direction, change[kept]))
        if (draft) draft.addOtherEnd(change, kept, names);
        else for (const name of names) tellNamespace(drafts, namespaceBehind(change, name), change, kept, name);
    if (internet !== 'same')
      drafts.of(`untold ${namespaceOf(workload)}`, { kind: 'untold' }).add({ ...change, gained: [], lost: [] });
  }
  return drafts.stories();
}

/** Where no policy changed, a connection is told at the end that lets it in. */
function tellNamespace(
  drafts: Drafts,
  cause: NamespaceBehind | undefined,
  change: ReachChange,
  kept: 'gained' | 'lost',
  name: string,
): void {
  if (!cause) return;
  const draft = drafts.of(`${cause.kind} ${cause.namespace}`, cause);
  if (change.direction === 'egress') draft.addOtherEnd(change, kept, [name]);
  else draft.add({ ...change, gained: [], lost: [], internet: 'same', [kept]: [name] });
}

const untold = (change: ReachChange): ReachStory => ({
  key: `${change.direction} ${change.workload}`,
  cause: { kind: 'untold' },
  changes: [change],
  others: 0,
});
