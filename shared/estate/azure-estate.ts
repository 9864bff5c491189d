// The Estate port on Azure Resource Manager, with the real SDKs.
import type { Estate } from '../ports.ts';
import type { Arm } from './arm-operation.ts';
import { listClusters, readCluster } from './clusters.ts';
import type { SubscriptionFilter } from './subscriptions.ts';
import { listSubscriptions } from './subscriptions.ts';

export interface AzureEstateOptions extends Arm, SubscriptionFilter {
  /** Read the managed namespaces of each cluster: one call for each cluster. */
  readonly managedNamespaces: boolean;
}

/** @returns the port; nothing is read before it is asked for */
export const createAzureEstate = (options: AzureEstateOptions): Estate => ({
  subscriptions: (signal) => listSubscriptions(options, options, signal),
  clusters: (subscriptionId, signal) => listClusters(options, options.managedNamespaces, subscriptionId, signal),
  cluster: (clusterId, signal) => readCluster(options, options.managedNamespaces, clusterId, signal),
});
