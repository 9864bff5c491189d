// Stories of reach while they are put together: what one cause changed, at the end that changed and at the other.
import type { ChangedPolicy } from './changed-policies.ts';
import type { ReachChange } from './reach-change.ts';
import type { ReachCause, ReachStory } from './reach-story.ts';

export interface Draft {
  /** Takes a change, or a part of one, at the end that changed. */
  add(change: ReachChange): void;
  /** Takes what the other end sees: these names of what a change gained, or lost. The changes of one workload come one after another. */
  addOtherEnd(change: ReachChange, kept: 'gained' | 'lost', names: readonly string[]): void;
  /** Undefined while it holds nothing. */
  toStory(): ReachStory | undefined;
}

export interface Drafts {
  /** What one policy changed is one story, whatever else changed at some of its workloads. */
  readonly ofPolicies: (policies: readonly ChangedPolicy[]) => Draft;
  readonly of: (key: string, cause: ReachCause) => Draft;
  readonly stories: () => readonly ReachStory[];
}

/** @returns a place for drafts, one for each cause */
export function createDrafts(): Drafts {
  const drafts = new Map<string, Draft>();
  const named = new Map<string, Map<string, ChangedPolicy>>();
  const of = (key: string, cause: () => ReachCause): Draft => {
    const draft = drafts.get(key) ?? createDraft(key, cause);
    drafts.set(key, draft);
    return draft;
  };
  return {
    of: (key, cause) => of(key, () => cause),
    ofPolicies: (policies) => {
      const key = policies[0]!.name;
      const all = named.get(key) ?? new Map<string, ChangedPolicy>();
      named.set(key, all);
      for (const policy of policies) if (!all.has(policy.name)) all.set(policy.name, policy);
      return of(key, () => ({ kind: 'policies', policies: [...all.values()] }));
    },
    stories: () => [...drafts.values()].flatMap((draft) => draft.toStory() ?? []),
  };
}

function createDraft(key: string, cause: () => ReachCause): Draft {
  const own: ReachChange[] = [];
  const told = new Set<string>();
  const other: ReachChange[] = [];
  let others = 0;
  let last = '';
  return {
    add: (change) => {
      told.add(change.workload);
      put(own, change);
    },
    // What one end of a connection sees is told only where the other end does not tell it: here it is counted.
    addOtherEnd: (change, kept, names) => {
      if (own.length === 0) put(other, { ...change, gained: [], lost: [], internet: 'same', [kept]: names });
      if (change.workload !== last && !told.has(change.workload)) others++;
      last = change.workload;
    },
    toStory: () => {
      if (own.length + other.length === 0) return undefined;
      return { key, cause: cause(), ...(own.length > 0 ? { changes: own, others } : { changes: other, others: 0 }) };
    },
  };
}

/** Parts of one change come one after another: those of one cause are told as one. */
function put(parts: ReachChange[], part: ReachChange): void {
  const last = parts.at(-1);
  if (last?.workload === part.workload && last.direction === part.direction)
    parts[parts.length - 1] = { ...last, gained: [...last.gained, ...part.gained], lost: [...last.lost, ...part.lost] };
  else parts.push(part);
}
