// Azure accepts some combinations of engine, plugin, operating system and version that it does not support, or that enforce nothing.
import { engineOf, isByoCni } from '../model/cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { conflictsOf, unknownNetworkValue, unknownValue } from './facts/support-matrix.ts';

export const engineSupported: Rule = {
  id: 'engine-supported',
  title: 'The engine is supported with the cluster’s plugin, nodes and version',
  failing: 'runs an engine that its plugin, nodes or version do not support',
  rationale:
    'On a network plugin, node operating system or Kubernetes version that it was not made for, an engine may enforce nothing on some nodes, and AKS does not support it.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS network policy support matrix'],
  references: [
    'https://learn.microsoft.com/azure/aks/use-network-policies',
    'https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium',
  ],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster, now } = snapshot;
  const engine = engineOf(cluster);
  if (engine === 'none' && isByoCni(cluster))
    return unknown('byo-cni', 'The cluster brings its own CNI: the ARM body cannot tell which engine runs there.');
  // Also without an engine: a plugin or a data plane that nobody knows yet may enforce policy by itself.
  const odd = engine === 'none' ? unknownNetworkValue(cluster.network) : unknownValue(cluster);
  if (odd) return unknown('unrecognised-value', odd);
  if (engine === 'none') return notApplicable('No engine is on.');
  const conflicts = conflictsOf(cluster, now);
  if (conflicts.length === 0) return pass(`The engine ${engine} is supported with what this cluster runs.`);
  return fail(conflicts.map((row) => row.what(cluster)).join(' '), engineRemedy(snapshot));
}
