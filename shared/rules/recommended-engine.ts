// Cilium is the engine that AKS recommends and develops.
import { engineOf, hasWindowsPool, isByoCni } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { unknownNetworkValue, unknownValue } from './facts/support-matrix.ts';

export const recommendedEngine: Rule = {
  id: 'recommended-engine',
  title: 'The engine is the recommended one',
  failing: 'does not run the recommended engine',
  rationale:
    'Cilium is the engine that AKS recommends for Linux clusters: it scales further, and it is where new policy features arrive.',
  severity: 'low',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS documentation: recommended engine'],
  references: ['https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster } = snapshot;
  const engine = engineOf(cluster);
  if (isByoCni(cluster))
    return notApplicable('The cluster brings its own CNI: which engine runs there is its owner’s choice.');
  if (engine === 'none') {
    const odd = unknownNetworkValue(cluster.network);
    return odd ? unknown('unrecognised-value', odd) : notApplicable('No engine is on.');
  }
  if (engine === 'cilium') return pass('The engine is Cilium.');
  const odd = unknownValue(cluster);
  if (odd) return unknown('unrecognised-value', odd);
  if (hasWindowsPool(cluster)) return notApplicable('Windows pools rule Cilium out.');
  return fail(`The engine is ${engine}, and nothing on this cluster rules Cilium out.`, engineRemedy(snapshot));
}
