// Which policies select each class, in one direction.
import type { CalicoLookup } from './calico.ts';
import type { SideParts } from './fold.ts';
import type { Governing } from './governing.ts';
import type { AdminPolicy, CalicoPolicy, CiliumPolicy, Direction, NetworkPolicy, OnNodes } from './objects.ts';
import { TooInvolved } from './too-involved.ts';

/** Of policies for classes, in one direction: some 50 MB. Real clusters come to some ten thousand. */
const MOST_SELECTED = 1_000_000;

/** The policies that select a class; admin policies in the order of their evaluation. */
export interface Selected extends Governing {
  /** The same for classes that the same policies select; empty where none does. */
  readonly key: string;
}

/** @param calico undefined where there are no policies of Calico @throws TooInvolved */
export function selectedIn(
  direction: Direction,
  { governing, classes, columns }: SideParts,
  calico: CalicoLookup | undefined,
): readonly Selected[] {
  const found = classes.map(() => ({
    policies: [] as NetworkPolicy[],
    admin: [] as AdminPolicy[],
    cilium: [] as CiliumPolicy[],
    calico: [] as CalicoPolicy[],
    key: '',
  }));
  let number = 0;
  let count = 0;
  const put = <P>(policy: P, indices: Iterable<number>, listOf: (selected: (typeof found)[number]) => P[]): void => {
    number++;
    for (const index of indices) {
      if (++count > MOST_SELECTED) throw new TooInvolved('More policies select the same pods than can be judged.');
      const selected = found[index]!;
      listOf(selected).push(policy);
      selected.key += ` ${number}`;
    }
  };
  const governed = (indices: Iterable<number>, { on }: OnNodes): readonly number[] =>
    [...indices].filter((index) => {
      const c = classes[index]!;
      return c.governed && (on === undefined || on === c.platform);
    });
  for (const policy of governing.policies)
    if (policy[direction])
      put(policy, governed(columns.pods(policy.namespace, policy.selector), policy), (one) => one.policies);
  for (const policy of inOrder(governing.admin))
    if (policy[direction].length > 0)
      put(policy, governed(columns.pods(policy.subject.namespaces, policy.subject.pods), {}), (one) => one.admin);
  for (const policy of governing.cilium) {
    const { isolates, allows, denies } = policy[direction];
    if (isolates || allows.length + denies.length > 0)
      put(policy, columns.pods(policy.subject.namespaces, policy.subject.pods), (one) => one.cilium);
  }
  for (const policy of governing.calico)
    if (policy[direction]) {
      const indices = governed(classes.keys(), policy).filter((index) => calico!.governs(policy, classes[index]!));
      put(policy, indices, (one) => one.calico);
    }
  return found;
}

const inOrder = (admin: readonly AdminPolicy[]): readonly AdminPolicy[] =>
  admin.toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
