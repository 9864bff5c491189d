// The clusters of a subscription, and one cluster: their whole ARM bodies.
import type { ListedCluster } from '../model/estate.ts';
import { UnreadableError } from '../model/estate.ts';
import { parseClusterId } from '../model/keys.ts';
import { newTally } from './arm-client.ts';
import type { Arm } from './arm-operation.ts';
import { containerService, costOf, operate, rawPages } from './arm-operation.ts';
import type { Target } from './failure.ts';
import { isGone, toUnreadable } from './failure.ts';
import { parseCluster } from './parse-cluster.ts';

/**
 * @returns the clusters of a subscription, page by page
 * @throws UnreadableError when a page cannot be read; the pages before it were right
 */
export async function* listClusters(
  arm: Arm,
  subscriptionId: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ListedCluster[]> {
  const scope = `/subscriptions/${subscriptionId}`;
  const target: Target = { what: `subscription ${subscriptionId}`, scope, reason: 'subscription-unreadable' };
  const tally = newTally();
  const cost = costOf(tally);
  let clusters = 0;
  try {
    const pages = containerService(arm, subscriptionId, tally).managedClusters.list({ abortSignal: signal }).byPage();
    for await (const page of rawPages(pages, tally.bodies)) {
      clusters += page.length;
      yield page.map(parseCluster);
    }
  } catch (error) {
    const failure = toUnreadable(error, target, signal);
    const { reason, message } = failure;
    arm.log.warn('subscription unreadable', {
      subscription: subscriptionId,
      clusters,
      ...cost(),
      reason,
      error: message,
    });
    throw failure;
  }
  arm.log.info('clusters listed', { subscription: subscriptionId, clusters, ...cost() });
}

/** @returns the cluster; `gone` when ARM itself says that it does not exist @throws UnreadableError when it cannot be read */
export async function readCluster(arm: Arm, clusterId: string, signal: AbortSignal): Promise<ListedCluster | 'gone'> {
  const parts = parseClusterId(clusterId);
  if (!parts) throw new UnreadableError('error', `${clusterId} is not the id of a cluster.`, '');
  const { subscriptionId, resourceGroup, name } = parts;
  const target: Target = { what: `cluster ${name}`, scope: clusterId, reason: 'cluster-unreadable' };
  const operation = { message: 'cluster read', fields: { cluster: clusterId }, target, signal };
  return operate(arm, operation, async (tally) => {
    try {
      const { managedClusters } = containerService(arm, subscriptionId, tally);
      await managedClusters.get(resourceGroup, name, { abortSignal: signal });
    } catch (error) {
      if (isGone(error)) return 'gone';
      throw error;
    }
    return parseCluster(tally.bodies[0]);
  });
}
