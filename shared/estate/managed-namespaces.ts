// The managed namespaces of clusters, which ARM keeps apart from the clusters: one call each.
import { RestError } from '@azure/core-rest-pipeline';
import type { Cluster } from '../model/cluster.ts';
import type { ListedCluster } from '../model/estate.ts';
import { newTally } from './arm-client.ts';
import type { Arm } from './arm-operation.ts';
import { containerService, rawItems } from './arm-operation.ts';
import type { Target } from './failure.ts';
import { toUnreadable } from './failure.ts';
import type { Namespaces } from './parse-namespaces.ts';
import { parseManagedNamespaces } from './parse-namespaces.ts';

/** The managed namespaces of this many clusters are read at a time. */
const PARALLEL = 8;

const switchedOff: Namespaces = {
  managedNamespacesUnread: {
    reason: 'disabled',
    message: 'Reading managed namespaces is switched off (BULKHEAD_MANAGED_NAMESPACES).',
  },
};

/**
 * @param wanted when false, nothing is read, and each cluster says so
 * @returns the clusters in the same order, each with its managed namespaces or why they could not be read
 */
export async function addManagedNamespaces(
  arm: Arm,
  wanted: boolean,
  listed: readonly ListedCluster[],
  signal: AbortSignal,
): Promise<readonly ListedCluster[]> {
  const done: ListedCluster[] = [];
  for (let at = 0; at < listed.length; at += PARALLEL)
    done.push(...(await Promise.all(listed.slice(at, at + PARALLEL).map(add))));
  return done;

  async function add(one: ListedCluster): Promise<ListedCluster> {
    if ('problem' in one || one.cluster.managedNamespaces) return one;
    const namespaces = wanted ? await readNamespaces(arm, one.cluster, signal) : switchedOff;
    return { ...one, cluster: { ...one.cluster, ...namespaces } };
  }
}

async function readNamespaces(arm: Arm, cluster: Cluster, signal: AbortSignal): Promise<Namespaces> {
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
