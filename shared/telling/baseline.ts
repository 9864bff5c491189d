// Baseline failures: what failed before anybody could be told, at first sight or by a rule that came later. They are read from the
// results, cluster by cluster, and never all at once: a fleet may have many thousands.
import type { Alert } from '../alerts/alert.ts';
import { isOpen } from '../alerts/alert.ts';
import { ifReadable } from './if-readable.ts';
import { bounded } from '../alerts/bounds.ts';
import { alertId } from '../alerts/lifecycle.ts';
import { eventsOfFailures } from '../drift/compare.ts';
import type { Fleet, FleetCluster } from '../model/fleet.ts';
import type { Table } from '../ports.ts';
import type { StoredResult } from '../store/results.ts';
import { readAsOf, readLatest } from '../store/results.ts';

const PARALLEL_READS = 16;

/**
 * @param fleet at the newest close: what a scan that still runs has found is not told yet, and is not a baseline
 * @param known the alerts that there are: what is open among them is not a baseline
 * @returns the failures that stand and are not alerts, in the order of the fleet
 */
export async function* readBaseline(
  results: Table,
  fleet: Pick<Fleet, 'at'> & { readonly clusters: readonly FleetCluster[] },
  known: readonly Alert[],
): AsyncGenerator<Alert> {
  const alerts = new Set(known.filter(isOpen).map(({ id }) => id));
  const clusters = fleet.clusters.filter(
    ({ verdict, counts, midOperation }) => verdict !== 'pass' || counts.fail > 0 || midOperation,
  );
  for (let from = 0; from < clusters.length; from += PARALLEL_READS) {
    const part = clusters.slice(from, from + PARALLEL_READS);
    for (const stored of await Promise.all(
      part.map(({ key }) => ifReadable(readAtClose(results, key, new Date(fleet.at)))),
    ))
      if (stored) for (const alert of failuresIn(stored)) if (!alerts.has(alert.id)) yield alert;
  }
}

async function readAtClose(results: Table, key: string, close: Date): Promise<StoredResult | undefined> {
  const latest = await readLatest(results, key);
  return latest && latest.at > close ? readAsOf(results, key, close) : latest;
}

function* failuresIn({ result, scanId, at }: StoredResult): Generator<Alert> {
  const seen = at.toISOString();
  for (const event of eventsOfFailures(result, { scanId, at: seen }).map(bounded))
    yield {
      id: alertId(event),
      type: 'state',
      status: 'firing',
      baseline: true,
      event,
      since: seen,
      seen: 0,
      scanId,
      turns: [],
      flapping: false,
      owed: [],
      told: {},
    };
}
