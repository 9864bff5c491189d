// A cluster without an engine enforces no network policy at all.
import { engineOf, hasWindowsPool, isByoCni } from '../model/cluster.ts';
import { enableEngine, switchToCilium } from './commands.ts';
import type { Rule } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';

export const engineEnabled: Rule = {
  id: 'engine-enabled',
  title: 'A network-policy engine is on',
  rationale:
    'Without an engine every NetworkPolicy object is accepted and none is enforced, so each pod can reach every other.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
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
  *evaluate({ cluster }) {
    const engine = engineOf(cluster);
    const { plugin, policy } = cluster.network ?? {};
    if (isByoCni(cluster))
      yield unknown(
        'high',
        'byo-cni',
        'The cluster brings its own CNI (networkPlugin none): the ARM body cannot tell what enforces policy there.',
        'Let Bulkhead read inside the cluster: rule engine-running then tells which engine runs.',
      );
    else if (engine === 'unrecognised')
      yield unknown('high', 'unrecognised-value', `networkPolicy is "${policy}", a value this version does not know.`);
    else if (engine !== 'none') {
      const how = policy === engine ? '' : ' (inferred from the data plane)';
      yield pass('high', `The engine is ${engine}${how}.`);
    } else if (plugin !== undefined && plugin !== 'azure' && plugin !== 'kubenet')
      yield unknown('high', 'unrecognised-value', `networkPlugin is "${plugin}", a value this version does not know.`);
    else {
      const remedy = hasWindowsPool(cluster) ? enableEngine(cluster, 'calico') : switchToCilium(cluster);
      const cause = cluster.network ? 'networkPolicy is not set' : 'the cluster has no networkProfile';
      yield fail('high', `No engine is on: ${cause}, so no NetworkPolicy is enforced.`, remedy);
    }
  },
};
