// The Estate port on Azure Resource Manager, with the real SDKs.
import type { ListedCluster } from '../model/estate.ts';
import type { Estate } from '../ports.ts';
import type { Arm } from './arm-operation.ts';
import { listClusters, readCluster } from './clusters.ts';
import { readManagedNamespaces, switchedOff } from './managed-namespaces.ts';
import type { SubscriptionFilter } from './subscriptions.ts';
import { listSubscriptions } from './subscriptions.ts';

export interface AzureEstateOptions extends Arm, SubscriptionFilter {
  /** Read the managed namespaces of each cluster: one call for each cluster. */
  readonly managedNamespaces: boolean;
}

/** @returns the port; nothing is read before it is asked for */
export function createAzureEstate(options: AzureEstateOptions): Estate {
  const complete = (listed: ListedCluster): ListedCluster =>
    options.managedNamespaces ? listed : withoutAsking(listed);
  return {
    subscriptions: (signal) => listSubscriptions(options, options, signal),
    clusters: async function* (subscriptionId, signal) {
      for await (const page of listClusters(options, subscriptionId, signal)) yield page.map(complete);
    },
    cluster: async (clusterId, signal) => {
      const listed = await readCluster(options, clusterId, signal);
      return listed === 'gone' ? listed : complete(listed);
    },
    ...(options.managedNamespaces
      ? { managedNamespaces: (cluster, signal) => readManagedNamespaces(options, cluster, signal) }
      : {}),
  };
}

/** Nobody may ask, and the body may carry them all the same. */
function withoutAsking(listed: ListedCluster): ListedCluster {
  if ('problem' in listed || listed.cluster.managedNamespaces || listed.cluster.managedNamespacesUnread) return listed;
  return { ...listed, cluster: { ...listed.cluster, ...switchedOff } };
}
