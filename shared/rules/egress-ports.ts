// An egress rule without ports lets a compromised pod use every service of whomever the rule names.
import { enforced, systemsIn } from '../network/index.ts';
import type { AdminPolicy, CalicoPolicy, CiliumPolicy, NetworkPolicy } from '../network/objects.ts';
import { egressOpenings } from './egress-openings.ts';
import { editPolicy } from './manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { fail, notApplicable, pass } from './rule.ts';
import type { View } from './view.ts';
import { policySubject, viewOf } from './view.ts';

export const egressPorts: Rule = {
  id: 'egress-ports',
  title: 'Egress rules beyond the namespace name their ports',
  rationale:
    'A rule that names whom a pod may reach and not on which ports also opens the administration ports and databases there.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['AKS best practice'],
  references: ['https://learn.microsoft.com/azure/aks/network-policy-best-practices'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const { adminPolicies, calicoPolicies, ciliumPolicies, policies } = view.objects;
    const all = [...policies, ...adminPolicies, ...ciliumPolicies, ...calicoPolicies].filter(
      ({ namespace }) => namespace === '' || view.judged(namespace),
    );
    const idle = new Map(view.net.inert.map(({ ref, reason }) => [policySubject(ref), reason]));
    for (const [subject, same] of Map.groupBy(all, policySubject)) yield judge(view, subject, same, idle.get(subject));
  },
};

type AnyPolicy = NetworkPolicy | AdminPolicy | CiliumPolicy | CalicoPolicy;

function judge(view: View, subject: string, policies: readonly AnyPolicy[], idle: string | undefined): Judgement {
  const [policy] = policies;
  // A NetworkPolicy says the same to every engine, and is judged also where none is on yet.
  if (idle !== undefined && !('selector' in policy!)) return notApplicable('low', `It does nothing: ${idle}.`, subject);
  const found = policies.map((one) => egressOpenings(asEnforced(view, one)));
  if (found.every((openings) => openings === undefined))
    return notApplicable('low', 'It says nothing of egress.', subject);
  const openings = found.flatMap((one) => one ?? []);
  if (openings.length === 0)
    return pass('low', 'It names the ports of what it lets out beyond its namespace.', subject);
  const which = openings.length === 1 ? 'A rule opens' : `${openings.length} rules open`;
  const beyond = [...new Set(openings.flat())].join(' and ');
  return fail(
    'low',
    `${which} every port to ${beyond}.`,
    editPolicy(policy!, 'Name the ports that are needed in each egress rule that leads beyond the namespace.'),
    subject,
  );
}

function asEnforced({ net }: View, policy: AnyPolicy): AnyPolicy {
  if (!('selector' in policy)) return policy;
  const outcome = enforced(policy, net.profile, systemsIn([], net.profile));
  return 'reason' in outcome ? policy : outcome[0]!;
}
