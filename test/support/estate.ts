// An estate in memory, to edit while it is watched, with the answers that Azure gives.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { ListedCluster } from '../../shared/model/estate.ts';
import { UnreadableError } from '../../shared/model/estate.ts';
import type { Estate } from '../../shared/ports.ts';

export interface MemorySubscription {
  name: string;
  readonly clusters: Map<string, Cluster>;
  /** Why it cannot be read; absent when it can. */
  unreadable?: string | undefined;
  /** Azure does not list it at present. */
  hidden?: boolean;
  /** Names that the list leaves out at present, although they exist. */
  readonly unlisted?: Set<string>;
  /** Names of clusters that may not be read: lists leave them out, and asking for one is refused. */
  readonly refused?: Set<string>;
}
export type MemoryEstate = Map<string, MemorySubscription>;

/** A cluster with Cilium and nothing to complain about in ARM, for tests to spoil. */
export function sampleCluster(subscriptionId: string, name: string, more: Partial<Cluster> = {}): Cluster {
  return {
    id: `/subscriptions/${subscriptionId}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/${name}`,
    name,
    subscriptionId,
    resourceGroup: 'rg',
    location: 'westeurope',
    kubernetesVersion: '1.34.2',
    tags: {},
    network: {
      plugin: 'azure',
      policy: 'cilium',
      dataplane: 'cilium',
      ipFamilies: ['ipv4'],
      podCidrs: ['10.244.0.0/16'],
      serviceCidrs: ['10.0.0.0/16'],
    },
    pools: [{ name: 'system', os: 'linux', count: 3, autoscaling: false }],
    power: 'running',
    provisioning: 'succeeded',
    sku: 'base',
    autoProvisioning: false,
    entra: true,
    azureRbac: true,
    localAccountsDisabled: true,
    privateApi: false,
    authorizedIpRanges: ['203.0.113.0/24'],
    runCommandDisabled: true,
    managedNamespaces: [],
    ...more,
  };
}

/** The same cluster with its engine switched off. */
export function withoutEngine(cluster: Cluster): Cluster {
  const { policy: _policy, dataplane: _dataplane, ...network } = cluster.network!;
  return { ...cluster, network: { ...network, policy: 'none' } };
}

const listed = (cluster: Cluster): ListedCluster => ({ id: cluster.id, name: cluster.name, cluster });

/** @param pageSize clusters a page of a list */
export function memoryEstate(estate: MemoryEstate, pageSize = 1000): Estate {
  return {
    subscriptions: async () => [...estate].filter(([, s]) => !s.hidden).map(([id, { name }]) => ({ id, name })),
    clusters: async function* (id) {
      const found = estate.get(id);
      if (!found || found.unreadable || found.hidden)
        throw new UnreadableError(
          'subscription-unreadable',
          found?.unreadable ?? 'unknown subscription',
          'Grant Reader.',
        );
      const shown = [...found.clusters.values()].filter(({ name }) => !found.unlisted?.has(name));
      for (let at = 0; at < Math.max(1, shown.length); at += pageSize) yield shown.slice(at, at + pageSize).map(listed);
    },
    cluster: async (id) => {
      for (const { clusters, unreadable } of estate.values()) {
        const cluster = [...clusters.values()].find((c) => c.id === id);
        if (cluster && unreadable) throw new UnreadableError('forbidden', unreadable, 'Grant Reader.');
        if (cluster) return listed(cluster);
      }
      return 'gone';
    },
  };
}
