// The questions of the HTTP API, answered from the stores.
import type { AlertService } from '../alerts/alert-service.ts';
import type { ApiServices, KnownResult, Progress } from '../api/api-services.ts';
import type { Fleet } from '../model/fleet.ts';
import { scanMoment } from '../model/scan.ts';
import type { Tables } from '../ports.ts';
import type { ScanContext } from '../scan/context.ts';
import { openManualScan } from '../scan/open.ts';
import { toFleetCluster } from '../scan/fleet-cluster.ts';
import { readDriftLog } from '../store/drift-log.ts';
import { listIndexed } from '../store/fleet-index.ts';
import { readCloseBefore, readKnownFleet, readTrend } from '../store/fleet-snapshots.ts';
import type { StoredResult } from '../store/results.ts';
import { readAsOf, readHistory, readLatest, storedMoment } from '../store/results.ts';
import { listScans, readScan } from '../store/scans.ts';
import { listWork } from '../store/work.ts';
import type { Config } from './config.ts';
import { inFlight } from './in-flight.ts';
import { readHealth } from './read-health.ts';

export interface ApiParts {
  readonly config: Config;
  readonly scan: ScanContext;
  readonly fleet: () => Promise<Fleet | undefined>;
  readonly alerts: AlertService;
}

export function createApiServices({ config, scan: ctx, fleet, alerts }: ApiParts): ApiServices {
  const { Scans, Results, Fleet: fleetTable } = ctx.tables;
  return {
    now: () => ctx.clock.now(),
    zone: config.timezone,
    periodMinutes: config.periodMinutes,
    fleet: async (asOf) => (asOf ? readKnownFleet(fleetTable, asOf) : fleet()),
    async *everKnown() {
      for await (const { cluster } of listIndexed(fleetTable)) yield cluster;
    },
    result: async (key, asOf) => {
      const stored = asOf ? await readAsOf(Results, key, asOf) : await readLatest(Results, key);
      return stored && toKnown(key, stored);
    },
    async *history(key, until) {
      for await (const stored of readHistory(Results, key, until ? { until } : {})) yield toKnown(key, stored);
    },
    drift: (from, to) => readDriftLog(fleetTable, from, to),
    trend: async (from, to) => {
      // One by one: what a scan is missing may be long, and is not asked for here.
      const points = [];
      for await (const { scanId, at, closedAt, outcome, summary } of readTrend(fleetTable, from, to))
        points.push({ scanId, at, closedAt, outcome, summary });
      return points;
    },
    closeBefore: async (moment) => (await readCloseBefore(fleetTable, moment))?.closedAt,
    openScan: (by) => openManualScan(ctx, by),
    scan: (id) => readProgress(ctx.tables, id),
    scans: (limit) => listScans(Scans, limit),
    health: inFlight(() => readHealth(ctx, fleet)),
    alerts,
  };
}

async function readProgress({ Scans, Work }: Tables, id: string): Promise<Progress | undefined> {
  const scan = scanMoment(id) ? await readScan(Scans, id) : undefined;
  if (!scan) return undefined;
  // How much there is to do is known only once every subscription has been listed.
  if (scan.state === 'closed' || !scan.sealed) return { scan };
  // Counted as they are read: there may be thousands, each with its message.
  let pending = 0;
  for (const what of ['subscriptions', 'clusters'] as const)
    for await (const { state } of listWork(Work, id, what)) if (state === 'pending') pending++;
  return { scan, pending };
}

const toKnown = (key: string, stored: StoredResult): KnownResult => ({
  result: stored.result,
  scanId: stored.scanId,
  checkedAt: stored.at.toISOString(),
  ...(stored.namespacesAt ? { managedNamespacesAt: stored.namespacesAt.toISOString() } : {}),
  changedScanId: stored.changedScanId,
  since: stored.since.toISOString(),
  storedAt: storedMoment(stored).toISOString(),
  line: toFleetCluster(key, stored),
});
