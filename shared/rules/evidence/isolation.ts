// Whether policies close a class of pods, and which policies select it.
import type { AnyPolicy, Connectivity } from '../../network/index.ts';
import { restricting } from '../../network/index.ts';
import type { Direction, PolicyRef } from '../../network/objects.ts';
import { ALL } from '../../network/port-sets.ts';

/** @returns true when a policy isolates the class, or one takes away from what it may */
export function isIsolated(net: Connectivity, direction: Direction, index: number): boolean {
  const side = net[direction];
  const { policies, cilium } = side.selected[index]!;
  if (policies.length > 0 || cilium.some((policy) => policy[direction].isolates)) return true;
  const row = side.rowOf[index]!;
  return row !== -1 && side.rows[row]!.some((set) => set !== ALL);
}

/** @returns the policies of every kind that select the class in this direction, whatever they do with it */
export function selectedBy(net: Connectivity, direction: Direction, index: number): readonly AnyPolicy[] {
  const { policies, cilium, admin, calico } = net[direction].selected[index]!;
  return [...policies, ...cilium, ...admin, ...calico];
}

/** @returns the policies that select the class and take away from what it may */
export const restrictingBy = (net: Connectivity, direction: Direction, index: number): readonly PolicyRef[] =>
  restricting(net[direction], direction, index);
