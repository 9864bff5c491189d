// The other end of a connection: where policies of a workload there changed, they are what opened or closed this end.
import type { ChangedPolicies } from './changed-policies.ts';
import type { Direction } from './objects.ts';
import type { ReachChange } from './reach-change.ts';
import { namespaceOf } from './reach-change.ts';
import type { Draft, Drafts } from './reach-drafts.ts';

/** Names of namespaces by the draft of the policies that changed there; under undefined those where none did. */
export type ByDraft = ReadonlyMap<Draft | undefined, readonly string[]>;

/**
 * @param own the changes of workloads whose own policies changed: they come before workloads that meet the same as before
 * @returns what splits the namespaces at the other end of a direction
 */
export function createOtherEnd(
  own: readonly ReachChange[],
  changed: ChangedPolicies,
  drafts: Drafts,
): (direction: Direction, names: readonly string[]) => ByDraft {
  const splitter = (direction: Direction): ((names: readonly string[]) => ByDraft) => {
    const first = own.filter((change) => change.direction === direction).map(({ workload }) => workload);
    const behind = new Map<string, Draft>();
    for (const workload of [...first, ...changed[direction].keys()]) {
      const place = namespaceOf(workload);
      if (!behind.has(place)) behind.set(place, drafts.ofPolicies(changed[direction].get(workload)!));
    }
    // Thousands of changes share their lists of names.
    const known = new Map<readonly string[], ByDraft>();
    return (names) => {
      const split = known.get(names) ?? Map.groupBy(names, (name) => behind.get(name));
      known.set(names, split);
      return split;
    };
  };
  const split = { ingress: splitter('egress'), egress: splitter('ingress') };
  return (direction, names) => split[direction](names);
}
