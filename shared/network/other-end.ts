// The other end of a connection: where policies of a workload there changed, they are what opened or closed this end.
import type { ChangedPolicies, ChangedPolicy } from './changed-policies.ts';
import type { Direction } from './objects.ts';
import { directions } from './objects.ts';
import type { ReachChange } from './reach-change.ts';
import { namespaceOf } from './reach-change.ts';

type Policies = readonly ChangedPolicy[];

/** Names of namespaces by the policies that changed there; under undefined those where none did. */
export type ByPolicies = ReadonlyMap<Policies | undefined, readonly string[]>;

/**
 * @param own the changes of workloads whose own policies changed: they come before workloads that meet the same as before
 * @returns what splits the namespaces at the other end of a direction
 */
export function createOtherEnd(
  own: readonly ReachChange[],
  changed: ChangedPolicies,
): (direction: Direction, names: readonly string[]) => ByPolicies {
  const inDirection = (direction: Direction): ReadonlyMap<string, Policies> => {
    const first = own.filter((change) => change.direction === direction).map(({ workload }) => workload);
    const found = new Map<string, Policies>();
    for (const workload of [...first, ...changed[direction].keys()]) {
      const place = namespaceOf(workload);
      if (!found.has(place)) found.set(place, changed[direction].get(workload)!);
    }
    return found;
  };
  const splitter = (direction: Direction) => {
    const behind = inDirection(direction);
    // Thousands of changes share their lists of names.
    const known = new Map<readonly string[], ByPolicies>();
    return (names: readonly string[]): ByPolicies => {
      const split = known.get(names) ?? Map.groupBy(names, (name) => behind.get(name));
      known.set(names, split);
      return split;
    };
  };
  const [intoThere, outOfThere] = directions.map(splitter) as [
    ReturnType<typeof splitter>,
    ReturnType<typeof splitter>,
  ];
  return (direction, names) => (direction === 'ingress' ? outOfThere : intoThere)(names);
}
