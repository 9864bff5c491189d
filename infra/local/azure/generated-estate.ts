// A simulated estate of any size, made up in memory: for benchmarks.
import type { SimulatedCluster, SimulatedEstate, SimulatedSubscription } from './estate-files.ts';

/** @returns bodies of about 10 KB, every fifth cluster without an engine */
export function generatedEstate(subscriptionCount: number, clustersEach: number): SimulatedEstate {
  const idOf = (index: number): string => `${String(index).padStart(8, '0')}-0000-4000-8000-000000000000`;
  const list = Array.from({ length: subscriptionCount }, (_, index): SimulatedSubscription => {
    const id = idOf(index);
    const body = {
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      displayName: `sub-${index}`,
      state: 'Enabled',
      tenantId: idOf(0),
    };
    return { body, id, folder: '', unreadable: false };
  });
  const lists = new Map<string, readonly SimulatedCluster[]>();
  return {
    subscriptions: () => list,
    clusters(subscriptionId) {
      if (!lists.has(subscriptionId))
        lists.set(
          subscriptionId,
          Array.from({ length: clustersEach }, (_, index) => generatedCluster(subscriptionId, index)),
        );
      return lists.get(subscriptionId)!;
    },
  };
}

function generatedCluster(subscriptionId: string, index: number): SimulatedCluster {
  const name = `aks-${index}`;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/rg-${index}/providers/Microsoft.ContainerService/managedClusters/${name}`;
  const pools = Array.from({ length: 10 }, (_, pool) => ({
    name: `pool${pool}`,
    count: 3 + pool,
    vmSize: 'Standard_D4ds_v5',
    osType: 'Linux',
    osSKU: 'AzureLinux',
    enableAutoScaling: pool % 2 === 0,
    ...(pool % 2 === 0 ? { minCount: 1, maxCount: 20 } : {}),
    mode: pool === 0 ? 'System' : 'User',
    orchestratorVersion: '1.34.2',
    nodeLabels: Object.fromEntries(
      Array.from({ length: 8 }, (__, label) => [`example.org/label-${label}`, `value-${pool}-${label}`]),
    ),
  }));
  const engine = index % 5 === 4 ? { networkPolicy: 'none' } : { networkPolicy: 'cilium', networkDataplane: 'cilium' };
  const body = {
    id,
    name,
    location: 'westeurope',
    type: 'Microsoft.ContainerService/ManagedClusters',
    tags: Object.fromEntries(Array.from({ length: 12 }, (_, tag) => [`tag-${tag}`, 'x'.repeat(60)])),
    sku: { name: 'Base', tier: 'Standard' },
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.34',
      currentKubernetesVersion: '1.34.2',
      agentPoolProfiles: pools,
      networkProfile: {
        networkPlugin: 'azure',
        networkPluginMode: 'overlay',
        ...engine,
        podCidr: '10.244.0.0/16',
        ipFamilies: ['IPv4'],
      },
      aadProfile: { managed: true, enableAzureRBAC: true },
      disableLocalAccounts: true,
    },
  };
  return { id, body, managedNamespaces: [], manifests: '', forbidden: [], unreachable: false };
}
