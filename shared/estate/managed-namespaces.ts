// The managed namespaces of a cluster, which ARM keeps apart from the clusters: one call each.
import { RestError } from '@azure/core-rest-pipeline';
import type { Cluster, ManagedNamespaces } from '../model/cluster.ts';
import { newTally } from './arm-client.ts';
import type { Arm } from './arm-operation.ts';
import { containerService, rawItems } from './arm-operation.ts';
import type { Target } from './failure.ts';
import { toUnreadable } from './failure.ts';
import { parseManagedNamespaces } from './parse-namespaces.ts';

/** What is said of a cluster whose body carries none, when nobody may ask. */
export const switchedOff: ManagedNamespaces = {
  managedNamespacesUnread: {
    reason: 'disabled',
    message: 'Reading managed namespaces is switched off (BULKHEAD_MANAGED_NAMESPACES).',
  },
};

/** @returns the managed namespaces, or why they could not be read; never throws for a reason that is a verdict */
export async function readManagedNamespaces(
  arm: Arm,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ManagedNamespaces> {
  const { id, name, subscriptionId, resourceGroup } = cluster;
  const target: Target = { what: `the managed namespaces of ${name}`, scope: id, reason: 'forbidden' };
  const tally = newTally();
  try {
    const client = containerService(arm, subscriptionId, tally).managedNamespaces;
    const pages = client.listByManagedCluster(resourceGroup, name, { abortSignal: signal }).byPage();
    const managedNamespaces = parseManagedNamespaces(await rawItems(pages, tally.bodies));
    if (!managedNamespaces) throw new TypeError('the answer is not a list of namespaces');
    return { managedNamespaces };
  } catch (error) {
    // A cloud or a region that does not know the resource type answers 404: there are no managed namespaces.
    if (error instanceof RestError && error.statusCode === 404) return { managedNamespaces: [] };
    const { reason, message, remedy } = toUnreadable(error, target, signal);
    return { managedNamespacesUnread: { reason, message: `${message} ${remedy}`.trim() } };
  }
}
