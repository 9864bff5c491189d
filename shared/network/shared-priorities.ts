// Admin policies whose order the API leaves open, because they have the same priority.
import type { AdminPolicy, ObjectProblem } from './objects.ts';
import { refName } from './objects.ts';

/** @returns what is told of policies of one kind, tier and priority, whose order the API leaves open (network-policy-api, docs of spec.priority); Calico goes by name */
export function sharedPriorities(policies: readonly AdminPolicy[]): readonly ObjectProblem[] {
  const alike = Map.groupBy(
    policies.filter(({ kind }) => kind !== 'BaselineAdminNetworkPolicy'),
    ({ kind, tier, priority }) => `${kind} ${tier} ${priority}`,
  );
  return [...alike.values()].flatMap(([first, ...others]) =>
    others.map((policy) => ({
      ref: policy,
      path: 'spec.priority',
      message: `${policy.priority} is also the priority of ${refName(first!)}: which of them decides first is undefined (Calico goes by name)`,
    })),
  );
}
