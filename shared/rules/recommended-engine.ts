// Cilium is the engine that AKS recommends and develops.
import { engineOf, hasWindowsPool, isByoCni } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { unknownNetworkValue, unknownValue } from './facts/support-matrix.ts';

export const recommendedEngine: Rule = {
  id: 'recommended-engine',
  title: 'The engine is the recommended one',
  rationale:
    'Cilium is the engine that AKS recommends for Linux clusters: it scales further, and it is where new policy features arrive.',
  severity: 'low',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS documentation: recommended engine'],
  references: ['https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium'],
  *evaluate(snapshot) {
    const { cluster } = snapshot;
    const engine = engineOf(cluster);
    if (isByoCni(cluster))
      yield notApplicable('The cluster brings its own CNI: which engine runs there is its owner’s choice.');
    else if (engine === 'none') {
      const odd = unknownNetworkValue(cluster.network);
      yield odd ? unknown('unrecognised-value', odd) : notApplicable('No engine is on.');
    } else if (engine === 'cilium') yield pass('The engine is Cilium.');
    else {
      const odd = unknownValue(cluster);
      if (odd) yield unknown('unrecognised-value', odd);
      else if (hasWindowsPool(cluster)) yield notApplicable('Windows pools rule Cilium out.');
      else yield fail(`The engine is ${engine}, and nothing on this cluster rules Cilium out.`, engineRemedy(snapshot));
    }
  },
};
