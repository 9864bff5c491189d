// Some combinations of engine, plugin, operating system and version are accepted by Azure and not supported, or do not enforce.
import type { Cluster } from '../model/cluster.ts';
import { engineOf, hasWindowsPool } from '../model/cluster.ts';
import { aksUpdate, switchToCilium } from './commands.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { isBelow } from './version.ts';

interface Conflict {
  readonly what: string;
  readonly remedy: string;
}

export const engineSupported: Rule = {
  id: 'engine-supported',
  title: 'The engine is supported in this combination',
  rationale:
    'An engine beside a plugin, node system or version it was not made for enforces nothing on part of the nodes, or loses support.',
  severity: 'high',
  subject: 'cluster',
  plane: 'cluster',
  controls: ['AKS network policy support matrix'],
  references: [
    'https://learn.microsoft.com/azure/aks/use-network-policies',
    'https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium',
  ],
  *evaluate({ cluster }) {
    const engine = engineOf(cluster);
    if (engine === 'none') {
      yield notApplicable('high', 'No engine is on.');
      return;
    }
    if (engine === 'unrecognised') {
      yield unknown(
        'high',
        'unrecognised-value',
        `networkPolicy is "${cluster.network?.policy}", a value this version does not know.`,
      );
      return;
    }
    const conflicts = findConflicts(cluster);
    if (conflicts.length === 0) yield pass('high', `${engine} is supported with what this cluster runs.`);
    else
      yield fail(
        'high',
        conflicts.map((conflict) => conflict.what).join(' '),
        [...new Set(conflicts.map((conflict) => conflict.remedy))].join('\n'),
      );
  },
};

function findConflicts(cluster: Cluster): Conflict[] {
  const engine = engineOf(cluster);
  const { plugin, policy, dataplane } = cluster.network ?? {};
  const windows = cluster.pools.filter((pool) => pool.os === 'windows');
  const conflicts: Conflict[] = [];
  const dropWindows = `# Move the Windows workloads to another cluster, then delete the pools: ${windows.map((pool) => pool.name).join(', ')}.`;
  if (engine === 'azure' && plugin === 'kubenet')
    conflicts.push({ what: 'NPM does not work with kubenet.', remedy: switchToCilium(cluster) });
  if (engine === 'cilium' && hasWindowsPool(cluster))
    conflicts.push({
      what: 'Cilium does not run on Windows nodes: pods there are not protected.',
      remedy: dropWindows,
    });
  if (policy === 'cilium' && dataplane !== undefined && dataplane !== 'cilium')
    conflicts.push({
      what: `networkPolicy is cilium and the data plane is ${dataplane}: Cilium enforces only on its own data plane.`,
      remedy: aksUpdate(cluster, '--network-dataplane cilium'),
    });
  if (engine === 'calico' && cluster.autoProvisioning)
    conflicts.push({ what: 'Calico is not supported with node auto-provisioning.', remedy: switchToCilium(cluster) });
  if (engine === 'calico' && plugin === 'kubenet' && windows.length > 0)
    conflicts.push({ what: 'Calico with kubenet supports Linux nodes only.', remedy: dropWindows });
  const oldest = windows
    .map((pool) => pool.kubernetesVersion ?? cluster.kubernetesVersion)
    .filter((v) => v !== undefined);
  if (engine === 'calico' && oldest.some((version) => isBelow(version, 1, 20)))
    conflicts.push({
      what: 'Calico on Windows nodes needs Kubernetes 1.20 or later.',
      remedy: `az aks upgrade --subscription ${cluster.subscriptionId} -g ${cluster.resourceGroup} -n ${cluster.name} --kubernetes-version VERSION`,
    });
  return conflicts;
}
