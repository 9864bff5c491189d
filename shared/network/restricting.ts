// Which of the policies that select a class take something away from it: one that only allows does not.
import type { Connectivity } from './compile.ts';
import type { Direction, PolicyRef } from './objects.ts';
import { ALL } from './port-sets.ts';
import type { Side } from './side.ts';

/** @returns the policies that select the class in this direction and isolate it, or deny it something */
export function restricting(
  side: Pick<Side, 'rows' | 'rowOf' | 'selected'>,
  direction: Direction,
  index: number,
): readonly PolicyRef[] {
  const { policies, admin, cilium, calico } = side.selected[index]!;
  const sure = [
    ...policies,
    ...cilium.filter(({ [direction]: own }) => own.isolates || own.denies.length > 0),
    ...admin.filter((policy) => denies(policy[direction])),
  ];
  // Calico closes what no policy of a tier allows: which of them is at fault cannot be told apart.
  const takes = sure.length === 0 && side.rows[side.rowOf[index]!]?.some((set) => set !== ALL);
  return [...sure, ...calico.filter((policy) => takes || denies(policy[direction]))];
}

/** @returns the policies that restrict some pod of these classes, in whichever direction */
export function restrictedBy(net: Connectivity, classes: readonly number[]): readonly PolicyRef[] {
  const found = classes.flatMap((index) =>
    (['ingress', 'egress'] as const).flatMap((direction) => restricting(net[direction], direction, index)),
  );
  return [...new Set(found)];
}

const denies = (rules: readonly { readonly action: string }[] | undefined): boolean =>
  rules?.some(({ action }) => action === 'Deny') ?? false;
