// The order in which Calico asks tiers, and the policies of one tier.
import type { ClusterObjects, PolicyRef } from './objects.ts';

/** The tier that network policies are in too. */
const DEFAULT_TIER = 'default';
const DEFAULT_ORDER = 1_000_000;
/** Network policies of Kubernetes stand at this order in the default tier (Calico, conversion of NetworkPolicy). */
export const KUBERNETES_ORDER = 1_000;

export interface TierOrder {
  readonly name: string;
  readonly order: number;
  readonly passes: boolean;
}

/** @returns the tiers that policies name, in the order of their evaluation; those without an order come last, by name */
export function tiersOf(objects: ClusterObjects): readonly TierOrder[] {
  const known = new Map(objects.calicoTiers.map((tier) => [tier.name, tier]));
  const names = new Set([DEFAULT_TIER, ...objects.calicoPolicies.map((policy) => policy.tier)]);
  return [...names]
    .map((name): TierOrder => {
      const tier = known.get(name);
      if (name === DEFAULT_TIER)
        return { name, order: tier && Number.isFinite(tier.order) ? tier.order : DEFAULT_ORDER, passes: false };
      return tier ?? { name, order: Number.POSITIVE_INFINITY, passes: false };
    })
    .toSorted((a, b) => compareOrder(a.order, b.order) || (a.name < b.name ? -1 : 1));
}

export const isDefaultTier = (tier: TierOrder): boolean => tier.name === DEFAULT_TIER;

/** Infinity minus Infinity is not a number. */
export const compareOrder = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/**
 * Policies of a tier that have the same order, or none, go by `NAME/NAMESPACE/KIND` (Calico, felix/calc/policy_sorter.go,
 * PolKVLess). Versions before that compared the names under which they are stored, `NAMESPACE/TIER.NAME`: those put two
 * policies of one kind and namespace in the same order, but perhaps not a global policy and one of a namespace.
 */
export const orderName = ({ group, kind, namespace, name }: PolicyRef): string =>
  `${name}/${namespace}/${group === 'networking.k8s.io' ? 'KubernetesNetworkPolicy' : kind}`;
