// Cilium is the engine that AKS recommends and develops.
import { engineOf, hasWindowsPool, isByoCni } from '../model/cluster.ts';
import { switchToCilium } from './commands.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';

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
  *evaluate({ cluster }) {
    const engine = engineOf(cluster);
    if (engine === 'unrecognised')
      yield unknown(
        'low',
        'unrecognised-value',
        `networkPolicy is "${cluster.network?.policy}", a value this version does not know.`,
      );
    else if (engine === 'none') yield notApplicable('low', 'No engine is on.');
    else if (engine === 'cilium') yield pass('low', 'The engine is Cilium.');
    else if (hasWindowsPool(cluster)) yield notApplicable('low', 'Windows pools rule Cilium out.');
    else if (isByoCni(cluster)) yield notApplicable('low', 'The cluster brings its own CNI.');
    else
      yield fail(
        'low',
        `The engine is ${engine}, and nothing on this cluster prevents Cilium.`,
        switchToCilium(cluster),
      );
  },
};
