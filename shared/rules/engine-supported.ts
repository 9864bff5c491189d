// Some combinations of engine, plugin, operating system and version are accepted by Azure and not supported, or do not enforce.
import { engineOf, isByoCni } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { conflictsOf, unknownNetworkValue, unknownValue } from './facts/support-matrix.ts';

export const engineSupported: Rule = {
  id: 'engine-supported',
  title: 'The engine is supported with the cluster’s plugin, nodes and version',
  rationale:
    'An engine whose network plugin, node system or Kubernetes version it was not made for may enforce nothing on some nodes, and is not supported by AKS.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS network policy support matrix'],
  references: [
    'https://learn.microsoft.com/azure/aks/use-network-policies',
    'https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium',
  ],
  *evaluate(snapshot) {
    const { cluster, now } = snapshot;
    const engine = engineOf(cluster);
    if (engine === 'none') {
      if (isByoCni(cluster))
        yield unknown('byo-cni', 'The cluster brings its own CNI: the ARM body cannot tell which engine runs there.');
      else {
        // A plugin or a data plane that nobody knows yet may enforce policy by itself.
        const odd = unknownNetworkValue(cluster.network);
        yield odd ? unknown('unrecognised-value', odd) : notApplicable('No engine is on.');
      }
      return;
    }
    const odd = unknownValue(cluster);
    if (odd) {
      yield unknown('unrecognised-value', odd);
      return;
    }
    const conflicts = conflictsOf(cluster, now);
    if (conflicts.length === 0) yield pass(`The engine ${engine} is supported with what this cluster runs.`);
    else yield fail(conflicts.map((row) => row.what(cluster)).join(' '), engineRemedy(snapshot));
  },
};
