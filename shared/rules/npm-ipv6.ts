// NPM does not support IPv6: a dual-stack cluster is protected on one of its two stacks.
import { engineOf } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, notApplicable } from './rule.ts';

export const npmIpv6: Rule = {
  id: 'npm-ipv6',
  title: 'The engine protects every IP family in use',
  failing: 'uses IPv6, which NPM does not protect',
  rationale:
    'NPM does not handle IPv6, so on a dual-stack cluster every pod can be reached over IPv6 whatever the policies say.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['NPM limits'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster } = snapshot;
  const network = cluster.network;
  const ipv6 = network?.ipFamilies.includes('ipv6') || network?.podCidrs.some((cidr) => cidr.includes(':'));
  if (engineOf(cluster) !== 'azure') return notApplicable('The engine is not NPM.');
  if (!ipv6) return notApplicable('The cluster uses IPv4 only.');
  return fail('The cluster uses IPv6, and NPM enforces nothing on it.', engineRemedy(snapshot));
}
