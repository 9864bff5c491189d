// An egress rule without ports lets a compromised pod use every service of whomever the rule names.
import { egressOpenings } from './evidence/egress-openings.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { PolicyObject } from './evidence/policy-objects.ts';
import { policyObjects } from './evidence/policy-objects.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';

import { viewOf } from './evidence/view.ts';

export const egressPorts: Rule = {
  id: 'egress-ports',
  title: 'Egress rules beyond the namespace name their ports',
  failing: 'opens every port beyond its namespace',
  rationale:
    'A rule that says whom a pod may reach, but not on which ports, also opens the administration ports and databases there.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  since: 3,
  needsEngine: true,
  controls: ['AKS best practice'],
  references: ['https://learn.microsoft.com/azure/aks/network-policy-best-practices'],
  *evaluate(snapshot) {
    for (const object of policyObjects(viewOf(snapshot))) yield judge(object);
  },
};

function judge({ subject, policies, idle }: PolicyObject): Judgement {
  const it = about(subject);
  if (idle !== undefined) return it.notApplicable(`It does nothing: ${idle}.`);
  const found = policies.map(egressOpenings);
  if (found.every((openings) => openings === undefined)) return it.notApplicable('It says nothing about egress.');
  const openings = found.flatMap((one) => one ?? []);
  if (openings.length === 0) return it.pass('Its egress rules that lead beyond its namespace name their ports.');
  const which = openings.length === 1 ? 'A rule opens' : `${openings.length} rules open`;
  const beyond = [...new Set(openings.flat())].join(' and ');
  return it.fail(
    `${which} every port to ${beyond}.`,
    editPolicy(policies[0]!, 'Name the ports that are needed in each egress rule that leads beyond the namespace.'),
  );
}
