// Finding clusters in a fleet, and showing them.
import type { Fleet, FleetCluster } from '../model/fleet.ts';
import { ApiError } from './errors.ts';

/** @returns the line of a cluster as the API shows it */
export function toClusterItem(cluster: FleetCluster) {
  const { key, id, counts, ...rest } = cluster;
  return { id: key, resourceId: id, ...rest, findings: counts };
}

/**
 * @param wanted a cluster's key, its ARM id, or its name where no other cluster has the same
 * @throws ApiError 404 when there is none, 409 naming the candidates when there are several
 */
export function findCluster(fleet: Fleet | undefined, wanted: string): FleetCluster {
  const text = wanted.toLowerCase().replace(/^\/*(?=subscriptions\/)/, '/');
  const exact = fleet?.clusters.find((cluster) => cluster.key === text || cluster.id === text);
  if (exact) return exact;
  const named = fleet?.clusters.filter((cluster) => cluster.name.toLowerCase() === text) ?? [];
  if (named.length === 1) return named[0]!;
  if (named.length > 1)
    throw new ApiError(
      409,
      'AmbiguousClusterName',
      `${named.length} clusters are called ${wanted}: use the id of one.`,
      'id',
      named.map((cluster) => ({ code: 'Candidate', message: cluster.id, target: cluster.key })),
    );
  throw new ApiError(404, 'ClusterNotFound', `There is no cluster ${wanted.slice(0, 200)}.`, 'id');
}
