// Policy objects of every kind, one subject each, as the engine enforces them.
import type { Subject } from '../../model/finding.ts';
import type { AnyPolicy } from '../../network/index.ts';
import { enforced, systemsIn } from '../../network/index.ts';
import type { View } from './view.ts';
import { policySubject } from '../subjects.ts';

export interface PolicyObject {
  readonly subject: Subject;
  /** One; an object of Cilium may hold several. */
  readonly policies: readonly AnyPolicy[];
  /** Why the engine does nothing with it, if so. A NetworkPolicy means the same to every engine, and is judged even where none is on yet. */
  readonly idle?: string;
}

/** @returns the policy objects of judged namespaces and of the whole cluster */
export function policyObjects({ objects, net, judged }: View): readonly PolicyObject[] {
  const all: readonly AnyPolicy[] = [
    ...objects.policies,
    ...objects.adminPolicies,
    ...objects.ciliumPolicies,
    ...objects.calicoPolicies,
  ].filter(({ namespace }) => namespace === '' || judged(namespace));
  const inert = new Map(net.inert.map(({ ref, reason }) => [policySubject(ref), reason]));
  return [...Map.groupBy(all, policySubject)].map(([subject, policies]) => {
    const idle = policies.some((policy) => 'selector' in policy) ? undefined : inert.get(subject);
    return { subject, policies: policies.map((policy) => asEnforced(net, policy)), ...(idle ? { idle } : {}) };
  });
}

function asEnforced({ profile }: View['net'], policy: AnyPolicy): AnyPolicy {
  if (!('selector' in policy)) return policy;
  const outcome = enforced(policy, profile, systemsIn([], profile));
  return 'reason' in outcome ? policy : outcome[0]!;
}
