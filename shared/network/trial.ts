// A policy that is not there yet, tried on the pods it is meant for: does it mend, and does it take something away?
import type { Connectivity } from './compile.ts';
import type { Direction, NetworkPolicy } from './objects.ts';
import { ALL, NONE } from './port-sets.ts';
import { podOf, strangeNamespace, suppose } from './suppose.ts';
import type { SupposedPod } from './suppose.ts';

export interface Trial {
  /** The ports towards each of the pods asked about, with the policy. */
  readonly ports: readonly number[];
  /** The same towards the address ranges. */
  readonly atoms: readonly number[];
  /** True when somebody was reached before who is not with the policy: it would isolate what is open. */
  readonly takesAway: boolean;
}

/** @param index the class that the policy is tried on, together with those that select it already @param others the pods to ask about */
export function tryPolicy(
  net: Connectivity,
  direction: Direction,
  index: number,
  policy: NetworkPolicy,
  others: readonly SupposedPod[],
): Trial {
  const self = podOf(net, index);
  const pods = [self, ...others, { namespace: strangeNamespace, labels: {} }];
  const own = net[direction].selected[index]!;
  const rowWith = (policies: readonly NetworkPolicy[]): Uint16Array => {
    const made = suppose(net, direction, { ...own, policies }, pods);
    return made.rows[made.rowOf[0]!] ?? new Uint16Array(pods.length + net.atoms.length).fill(ALL);
  };
  const before = rowWith(own.policies);
  const after = rowWith([...own.policies, { ...policy, namespace: self.namespace!.name, selector: [] }]);
  return {
    ports: Array.from(after.slice(1, 1 + others.length)),
    atoms: Array.from(after.slice(pods.length)),
    takesAway: before.some((set, column) => net.ports.subtract(set, after[column]!) !== NONE),
  };
}
