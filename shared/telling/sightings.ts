// Alerts that wait for a second look: what did this scan see of them?
import type { Fleet } from '../model/fleet.ts';
import { clusterKey } from '../model/keys.ts';
import type { Table } from '../ports.ts';
import type { StoredResult } from '../store/results.ts';
import { readLatest } from '../store/results.ts';
import { blindness } from '../drift/visibility.ts';
import { ifReadable } from './if-readable.ts';
import { cutSubject } from '../alerts/bounds.ts';
import type { Alert } from '../alerts/alert.ts';
import type { Sighting } from '../alerts/model.ts';
import { awaitsSighting } from '../alerts/lifecycle.ts';

const PARALLEL_READS = 16;

/**
 * @param scanId only what this scan itself looked at counts
 * @returns what was seen of each alert that waits, by its id; an alert that could not be judged is left out
 */
export async function readSightings(
  results: Table,
  alerts: readonly Alert[],
  fleet: Pick<Fleet, 'subscriptions' | 'at'>,
  scanId: string,
): Promise<ReadonlyMap<string, Sighting>> {
  const waiting = alerts.filter((alert) => awaitsSighting(alert) && alert.scanId !== scanId);
  const found = new Map<string, Sighting>();
  const see = (alert: Alert, verdict: Sighting['verdict'] | undefined): void => {
    if (verdict) found.set(alert.id, { verdict, scanId, at: fleet.at });
  };
  const readable = new Map(fleet.subscriptions.map((one) => [one.id, one.readable]));
  const byCluster = Map.groupBy(waiting, ({ event }) => event.clusterId);
  for (const alert of byCluster.get('') ?? []) {
    const now = readable.get(alert.event.subscriptionId);
    see(alert, now === undefined ? undefined : now ? 'passes' : 'fails');
  }
  const clusters = [...byCluster].filter(([clusterId]) => clusterId !== '');
  for (let from = 0; from < clusters.length; from += PARALLEL_READS)
    await Promise.all(
      clusters.slice(from, from + PARALLEL_READS).map(async ([clusterId, asked]) => {
        const stored = await ifReadable(readLatest(results, clusterKey(clusterId)));
        if (stored?.scanId !== scanId) return;
        for (const alert of asked) see(alert, verdictOf(alert, stored));
      }),
    );
  return found;
}

function verdictOf({ event }: Alert, { result }: StoredResult): Sighting['verdict'] | undefined {
  if (event.rule === undefined) return blindness(result) ? 'fails' : 'passes';
  if (result.midOperation) return undefined;
  const finding = result.findings.find(
    ({ rule, subject }) => rule === event.rule && cutSubject(subject) === event.subject,
  );
  if (!finding) return 'passes';
  return finding.verdict === 'unknown' ? undefined : finding.verdict === 'fail' ? 'fails' : 'passes';
}
