// A cluster without an engine enforces no network policy at all.
import type { Cluster } from '../model/cluster.ts';
import { engineOf, isByoCni } from '../model/cluster.ts';
import { engineRunning } from './engine-running.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';
import { unknownNetworkValue } from './facts/support-matrix.ts';

export const engineEnabled: Rule = {
  id: 'engine-enabled',
  title: 'A network-policy engine is on',
  failing: 'has no network-policy engine',
  rationale:
    'Without an engine every NetworkPolicy object is accepted and none is enforced, so each pod can reach every other.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
  tells: 'engine',
  controls: [
    'CIS AKS 1.8: 5.4.4',
    'CIS Kubernetes 1.12: 5.3.1',
    'MCSB: NS-1',
    'PSRule: AZR-000027',
    'Checkov: CKV_AZURE_7',
    'Trivy: AZU-0043',
    'Kubescape: C-0240',
    'Prowler: aks_network_policy_enabled',
  ],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster } = snapshot;
  const engine = engineOf(cluster);
  const { policy } = cluster.network ?? {};
  if (isByoCni(cluster))
    return unknown(
      'byo-cni',
      'The cluster brings its own CNI (networkPlugin none): the ARM body cannot tell what enforces policy there.',
      `Let Bulkhead read inside the cluster: rule ${engineRunning.id} then tells which engine runs.`,
    );
  if (engine === 'unrecognised')
    return unknown(
      'unrecognised-value',
      `networkPolicy is "${policy}", a value that this version of Bulkhead does not know.`,
    );
  if (engine !== 'none') {
    const how = policy === engine ? '' : ' (inferred from the data plane)';
    return pass(`The engine is ${engine}${how}.`);
  }
  // A plugin or a data plane that nobody knows yet may enforce policy by itself.
  const odd = unknownNetworkValue(cluster.network);
  if (odd) return unknown('unrecognised-value', odd);
  return fail(`No engine is on: ${cause(cluster)}, so no NetworkPolicy is enforced.`, engineRemedy(snapshot));
}

function cause({ network }: Cluster): string {
  if (!network) return 'the cluster has no networkProfile';
  return network.policy === undefined ? 'networkPolicy is not set' : `networkPolicy is "${network.policy}"`;
}
