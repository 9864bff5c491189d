// Who reaches whom, told once for each thing that changed: a policy, the labels of a namespace, a new namespace, or what runs in one.
import type { ChangedPolicy } from './changed-policies.ts';
import { changedPolicies } from './changed-policies.ts';
import type { NamespaceBehind } from './namespace-behind.ts';
import { createNamespaceBehind } from './namespace-behind.ts';
import { createOtherEnd } from './other-end.ts';
import type { ReachChange } from './reach-change.ts';
import { compareReach, namespaceOf } from './reach-change.ts';
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
  if (!changed) return changes.map(untold);
  const drafts = new Map<string, Draft>();
  const draftOf = (key: string, cause: ReachCause): Draft => {
    const draft = drafts.get(key) ?? { key, cause, policies: new Map(), own: [], mirrored: [] };
    drafts.set(key, draft);
    return draft;
  };
  // What one policy changed is one story, whatever else changed at some of its workloads.
  const ofPolicies = (policies: readonly ChangedPolicy[]): Draft => {
    const draft = draftOf(policies[0]!.name, { kind: 'policies', policies });
    for (const policy of policies) if (!draft.policies.has(policy.name)) draft.policies.set(policy.name, policy);
    return draft;
  };
  const [own, rest] = [true, false].map((is) =>
    changes.filter((one) => changed[one.direction].has(one.workload) === is),
  ) as [ReachChange[], ReachChange[]];
  for (const change of own) ofPolicies(changed[change.direction].get(change.workload)!).own.push(change);
  const atOtherEnd = createOtherEnd(own, changed);
  const namespaceBehind = createNamespaceBehind(before, after);
  for (const change of rest) {
    const { direction, workload, internet } = change;
    const quiet: ReachChange = { ...change, gained: [], lost: [], internet: 'same' };
    for (const kept of ['gained', 'lost'] as const)
      for (const [policies, names] of atOtherEnd(direction, change[kept]))
        if (policies) put(ofPolicies(policies).mirrored, { ...quiet, [kept]: names });
        else
          for (const name of names) {
            const cause = namespaceBehind(change, name);
            if (!cause) continue;
            const draft = draftOf(`${cause.kind} ${cause.namespace}`, cause);
            put(direction === 'ingress' ? draft.own : draft.mirrored, { ...quiet, [kept]: [name] });
          }
    if (internet !== 'same')
      put(draftOf(`untold ${namespaceOf(workload)}`, { kind: 'untold' }).own, { ...quiet, internet });
  }
  return [...drafts.values()].map(toStory);
}

interface Draft extends Pick<ReachStory, 'key' | 'cause'> {
  readonly policies: Map<string, ChangedPolicy>;
  readonly own: ReachChange[];
  readonly mirrored: ReachChange[];
}

/** What one end of a connection sees is told only where the other end does not tell it. */
function toStory({ key, cause, policies, own, mirrored }: Draft): ReachStory {
  const changes = own.length > 0 ? own : mirrored;
  const told = new Set(changes.map(({ workload }) => workload));
  return {
    key,
    cause: cause.kind === 'policies' ? { ...cause, policies: [...policies.values()] } : cause,
    changes,
    others: new Set(mirrored.map(({ workload }) => workload).filter((workload) => !told.has(workload))).size,
  };
}

const untold = (change: ReachChange): ReachStory => ({
  key: `${change.direction} ${change.workload}`,
  cause: { kind: 'untold' },
  changes: [change],
  others: 0,
});

/** Parts of one change stand one after another: those of one cause are told as one. */
function put(parts: ReachChange[], part: ReachChange): void {
  const last = parts.at(-1);
  if (last?.workload === part.workload && last.direction === part.direction)
    parts[parts.length - 1] = { ...last, gained: [...last.gained, ...part.gained], lost: [...last.lost, ...part.lost] };
  else parts.push(part);
}
