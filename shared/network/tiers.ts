// The row of a class under Calico's tiers: policies in order, rules in order, the first that decides wins, and what a tier leaves open it denies.
import { createAdminTiers } from './admin-tiers.ts';
import type { CalicoLookup } from './calico.ts';
import { calicoPorts } from './calico.ts';
import type { TierOrder } from './calico-order.ts';
import { KUBERNETES_ORDER, compareOrder, isDefaultTier, orderName, tiersOf } from './calico-order.ts';
import { createDraft } from './draft.ts';
import type { Fold, SideParts } from './fold.ts';
import type { Governing } from './governing.ts';
import type { AdminPolicy, CalicoRule, Direction } from './objects.ts';
import type { ReadPorts } from './rule-ports.ts';
import { portsWithout } from './rule-ports.ts';
import type { PartsOf } from './rule-parts.ts';

/** Calico evaluates the two tiers of admin policies at these orders (libcalico-go, conversion of ClusterNetworkPolicy). */
const ADMIN_ORDERS = { Admin: 1_000, Baseline: 10_000_000 };

/** Admin policies stand in tiers of their own, at the orders that Calico gives them; after the last tier everything is allowed. */
export function createTiers(
  direction: Direction,
  { objects, classes, columns, ports }: SideParts,
  readPorts: ReadPorts,
  partsOf: PartsOf,
  lookup: CalicoLookup,
): Fold {
  const draft = createDraft(ports, columns.count);
  const decideTier = createAdminTiers(direction, columns, readPorts, draft);
  const order = tiersOf(objects);

  const applyRule = (rule: CalicoRule, index: number): void => {
    const [own, peer] = direction === 'ingress' ? [rule.destination, rule.source] : [rule.source, rule.destination];
    // A rule that depends on run time decides nothing for certain; one that narrows its own side to others is not for this pod.
    if (rule.action === 'Log' || rule.conditional || !lookup.isSelf(own, index)) return;
    const { ports: wanted, notPorts } = calicoPorts(rule);
    const self = classes[index]!;
    const given = portsWithout(ports, readPorts(wanted, self), readPorts(notPorts, self));
    draft.decide(rule.action, lookup.columnsOf(peer).filter(lookup.carries(rule, index)), given);
  };

  /** What the policies of a tier do, in their order; network policies are in the default tier. */
  const stepsOf = (tier: TierOrder, index: number, { policies, calico }: Governing): readonly (() => void)[] => {
    const own = calico
      .filter((policy) => policy.tier === tier.name)
      .map((policy) => ({
        order: policy.order,
        name: orderName(policy),
        run: () => policy[direction]!.forEach((rule) => applyRule(rule, index)),
      }));
    const plain = (isDefaultTier(tier) ? policies : []).map((policy) => ({
      order: KUBERNETES_ORDER,
      name: orderName(policy),
      run: () => {
        for (const rule of policy[direction] ?? [])
          for (const part of partsOf(rule, policy.namespace, classes[index]!))
            draft.decide('Allow', part.columns, part.ports);
      },
    }));
    return [...own, ...plain]
      .toSorted((a, b) => compareOrder(a.order, b.order) || (a.name < b.name ? -1 : 1))
      .map(({ run }) => run);
  };

  return (index, selected) => ({
    row() {
      const self = classes[index]!;
      const adminTiers: AdminPolicy['tier'][] = ['Admin', 'Baseline'];
      draft.begin();
      for (const tier of order) {
        while (adminTiers.length > 0 && tier.order > ADMIN_ORDERS[adminTiers[0]!])
          decideTier(adminTiers.shift()!, selected.admin, self);
        const steps = stepsOf(tier, index, selected);
        if (steps.length > 0) draft.tier(tier.passes, () => steps.forEach((run) => run()));
      }
      for (const tier of adminTiers) decideTier(tier, selected.admin, self);
      return draft.allowedOrOpen();
    },
  });
}
