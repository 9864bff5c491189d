// Which of the policies that select a class take something away from it: one that only allows does not.
import type { Governing } from './classes.ts';
import type { Connectivity } from './compile.ts';
import type { Direction, PolicyRef } from './objects.ts';
import { ALL } from './port-sets.ts';
import type { Side } from './side.ts';

/** @returns the policies that select the class in this direction and isolate it, or deny it something */
export function restricting(
  { policies, admin, cilium, calico }: Governing,
  side: Pick<Side, 'rows' | 'rowOf' | 'selectedBy' | 'adminBy' | 'ciliumBy' | 'calicoBy'>,
  direction: Direction,
  index: number,
): readonly PolicyRef[] {
  const sure = [
    ...side.selectedBy[index]!.map((i) => policies[i]!),
    ...side.ciliumBy[index]!.map((i) => cilium[i]!).filter(
      ({ [direction]: { isolates, denies } }) => isolates || denies.length > 0,
    ),
    ...side.adminBy[index]!.map((i) => admin[i]!).filter((policy) => denies(policy[direction])),
  ];
  const tiered = side.calicoBy[index]!.map((i) => calico[i]!);
  // Calico closes what no policy of a tier allows: which of them is at fault cannot be told apart.
  const takes = sure.length === 0 && side.rows[side.rowOf[index]!]?.some((set) => set !== ALL);
  return [...sure, ...tiered.filter((policy) => takes || denies(policy[direction]))];
}

/** @returns all policies that the engine enforces */
export const governingOf = (net: Connectivity): Governing => ({
  policies: net.policies,
  admin: net.adminPolicies,
  cilium: net.ciliumPolicies,
  calico: net.calicoPolicies,
});

/** @returns the policies that select a class in one direction, whatever they do with it */
export function selecting(net: Connectivity, direction: Direction, index: number): Governing {
  const side = net[direction];
  return {
    policies: side.selectedBy[index]!.map((i) => net.policies[i]!),
    admin: side.adminBy[index]!.map((i) => net.adminPolicies[i]!),
    cilium: side.ciliumBy[index]!.map((i) => net.ciliumPolicies[i]!),
    calico: side.calicoBy[index]!.map((i) => net.calicoPolicies[i]!),
  };
}

/** @returns the policies that restrict some pod of these classes, in whichever direction */
export function restrictedBy(net: Connectivity, classes: readonly number[]): readonly PolicyRef[] {
  const governing = governingOf(net);
  const found = classes.flatMap((index) =>
    (['ingress', 'egress'] as const).flatMap((direction) => restricting(governing, net[direction], direction, index)),
  );
  return [...new Set(found)];
}

const denies = (rules: readonly { readonly action: string }[] | undefined): boolean =>
  rules?.some(({ action }) => action === 'Deny') ?? false;
