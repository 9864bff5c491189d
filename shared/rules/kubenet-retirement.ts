// kubenet is being retired: clusters have to move to Azure CNI.
import { clusterSubject } from '../model/finding.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import { byCloseness, retirement } from './facts/retirement.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about, notApplicable } from './rule.ts';

/** Azure Updates 485172. */
const END = '2028-03-31';

export const kubenetRetirement: Rule = {
  id: 'kubenet-retirement',
  title: 'The network plugin is not being retired',
  failing: 'uses kubenet, which Azure is retiring',
  rationale:
    'After its retirement kubenet gets no support, and the move away from it needs planning: on the way there may be a time when nothing is enforced.',
  severity: byCloseness,
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS retirement notices'],
  references: [
    'https://azure.microsoft.com/updates/?id=485172',
    'https://learn.microsoft.com/azure/aks/update-azure-cni',
  ],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster, now } = snapshot;
  if (cluster.network?.plugin !== 'kubenet') return notApplicable('The network plugin is not kubenet.');
  const { severity, when } = retirement(END, now);
  return about(clusterSubject, severity).fail(`Support for kubenet ${when} (${END}).`, engineRemedy(snapshot));
}
