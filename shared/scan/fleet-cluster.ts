// From results to the fleet: one line per cluster, and the totals over all of them.
import { clip } from '../model/clip.ts';
import { compareText } from '../model/finding.ts';
import type { FleetCluster, FleetSubscription, FleetSummary } from '../model/fleet.ts';
import { countAll } from '../model/fit-result.ts';
import { keptTags } from '../model/tags.ts';
import { engines, severities, severityRank, verdicts } from '../model/verdict.ts';
import type { StoredResult } from '../store/results.ts';

/** A reason is a sentence or two; its result has all of it. */
const MOST_MESSAGE_CHARS = 1_000;

/** @returns the line of the fleet, bounded in length, that a stored result makes */
export function toFleetCluster(key: string, { result, since }: StoredResult): FleetCluster {
  const failures = result.findings
    .filter((finding) => finding.verdict === 'fail')
    .toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity) || compareText(a.rule, b.rule));
  const { unreadable } = result;
  const unsure = result.findings.filter((finding) => finding.verdict === 'unknown' && finding.severity !== 'info');
  return {
    id: result.clusterId,
    key,
    name: result.name,
    subscriptionId: result.subscriptionId,
    resourceGroup: result.resourceGroup,
    location: result.location,
    ...keptTags(result.tags),
    engine: result.engine,
    plugin: result.plugin,
    kubernetesVersion: result.kubernetesVersion,
    verdict: result.verdict,
    since: since.toISOString(),
    ...(failures[0] ? { worst: failures[0].severity } : {}),
    failing: [...new Set(failures.map((finding) => finding.rule))],
    unknownReasons: [...new Set(unsure.map((finding) => finding.reason ?? 'error'))].toSorted(compareText),
    counts: countAll(result),
    ...(unreadable ? { unreadable: { ...unreadable, message: clip(unreadable.message, MOST_MESSAGE_CHARS) } } : {}),
    midOperation: result.midOperation,
    ...(result.exposure === undefined ? {} : { exposure: result.exposure }),
  };
}

/** @returns the totals over the fleet */
export function summarise(
  clusters: readonly FleetCluster[],
  subscriptions: readonly FleetSubscription[],
): FleetSummary {
  const count = <K extends string>(
    keys: readonly K[],
    of: (cluster: FleetCluster) => K | undefined,
  ): Record<K, number> => {
    const counts = Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
    for (const cluster of clusters) {
      const key = of(cluster);
      if (key !== undefined) counts[key]++;
    }
    return counts;
  };
  return {
    clusters: clusters.length,
    byVerdict: count(verdicts, (cluster) => cluster.verdict),
    byEngine: count(engines, (cluster) => cluster.engine),
    failuresBySeverity: count(severities, (cluster) => cluster.worst),
    subscriptions: subscriptions.length,
    unreadableSubscriptions: subscriptions.filter((subscription) => !subscription.readable).length,
  };
}
