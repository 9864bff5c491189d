// Finding clusters in a fleet, and showing them.
import type { Fleet, FleetCluster } from '../model/fleet.ts';
import { isLaterScan, scanMoment } from '../model/scan.ts';
import type { KnownResult } from './api-services.ts';
import { ApiError } from './errors.ts';

const MOST_CANDIDATES = 20;

/** @returns the line of a cluster as the API shows it */
export function toClusterItem(cluster: FleetCluster) {
  const { key, id, counts, ...rest } = cluster;
  return { id: key, resourceId: id, ...rest, findings: counts };
}

/**
 * @param wanted a cluster's key, its ARM id, or its name if no other of these clusters has it
 * @returns undefined when there is none
 * @throws ApiError 409 naming the first candidates when there are several
 */
export function findCluster(clusters: readonly FleetCluster[], wanted: string): FleetCluster | undefined {
  const text = asTyped(wanted);
  const exact = clusters.find((cluster) => cluster.key === text || cluster.id === text);
  if (exact) return exact;
  const named = clusters.filter((cluster) => cluster.name.toLowerCase() === text);
  if (named.length > 1)
    throw new ApiError(
      409,
      'AmbiguousClusterName',
      `${named.length} clusters are called ${named[0]!.name}: use the id of one.`,
      'id',
      named
        .slice(0, MOST_CANDIDATES)
        .map((cluster) => ({ code: 'Candidate', message: cluster.id, target: cluster.key })),
    );
  return named[0];
}

/** @returns those of many that `findCluster` may choose from: no more is kept of what is read */
export async function called(clusters: AsyncIterable<FleetCluster>, wanted: string): Promise<readonly FleetCluster[]> {
  const text = asTyped(wanted);
  const found: FleetCluster[] = [];
  for await (const one of clusters) if ([one.key, one.id, one.name.toLowerCase()].includes(text)) found.push(one);
  return found;
}

const asTyped = (wanted: string): string => wanted.toLowerCase().replace(/^\/*(?=subscriptions\/)/, '/');

/**
 * Which scan looked last: the one that stored the result, or a later one that found nothing changed.
 * @param fleet as it was known at the moment that is asked about
 */
export function lastLook(
  { scanId, checkedAt }: Pick<KnownResult, 'scanId' | 'checkedAt'>,
  fleet: Fleet | undefined,
  key: string,
): Pick<KnownResult, 'scanId' | 'checkedAt'> {
  const line = fleet?.clusters.find((cluster) => cluster.key === key);
  if (!fleet || !line) return { scanId, checkedAt };
  const last = line.lastScanId ?? fleet.scanId;
  return isLaterScan(last, scanId)
    ? { scanId: last, checkedAt: scanMoment(last)!.toISOString() }
    : { scanId, checkedAt };
}
