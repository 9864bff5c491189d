// The questions of the HTTP API, answered from the stores.
import type { ApiServices, Health, KnownResult } from '../api/api-services.ts';
import type { AlertService } from '../alerts/alert-service.ts';
import { overdueSentence } from '../telling/overdue.ts';
import type { Config } from './config.ts';
import type { Fleet } from '../model/fleet.ts';
import type { ScanContext } from '../scan/context.ts';
import { openManualScan } from '../scan/open.ts';
import { readKnownFleet, readTrend } from '../store/fleet-snapshots.ts';
import { readDriftLog } from '../store/drift-log.ts';
import type { StoredResult } from '../store/results.ts';
import { readAsOf, readHistory, readLatest } from '../store/results.ts';
import { listScans, readCurrent, readScan } from '../store/scans.ts';
import { listWork } from '../store/work.ts';
import { scanMoment } from '../model/scan.ts';

export interface ApiParts {
  readonly config: Config;
  readonly scan: ScanContext;
  readonly fleet: () => Promise<Fleet | undefined>;
  readonly alerts: AlertService;
}

export function createApiServices({ config, scan: ctx, fleet, alerts }: ApiParts): ApiServices {
  const { Scans, Results, Fleet: fleetTable, Work } = ctx.tables;
  async function health(): Promise<Health> {
    const now = ctx.clock.now();
    try {
      const [last, current] = await Promise.all([fleet(), readCurrent(Scans)]);
      const overdue = overdueSentence(last, config.periodMinutes, now);
      const running =
        current?.state === 'open'
          ? { running: { id: current.id, openedAt: current.openedAt, deadline: current.deadline } }
          : {};
      if (!last) return { status: 'starting', message: 'No scan has finished yet.', ...running };
      const lastScan = { id: last.scanId, at: last.at, outcome: last.outcome };
      if (overdue !== undefined) return { status: 'overdue', message: overdue, lastScan, ...running };
      return { status: 'ok', message: 'Scans are running as scheduled.', lastScan, ...running };
    } catch (error) {
      ctx.log.error('health cannot be read', { error });
      return { status: 'failing', message: 'Storage cannot be read; the log has the error.' };
    }
  }

  return {
    now: () => ctx.clock.now(),
    periodMinutes: config.periodMinutes,
    fleet: async (asOf) => (asOf ? readKnownFleet(fleetTable, asOf) : fleet()),
    result: async (key, asOf) => {
      const stored = asOf ? await readAsOf(Results, key, asOf) : await readLatest(Results, key);
      return stored && toKnown(stored);
    },
    history: async (key, until, limit) => {
      const found: KnownResult[] = [];
      for await (const stored of readHistory(Results, key, { limit, ...(until ? { until } : {}) }))
        found.push(toKnown(stored));
      return found;
    },
    drift: (from, to) => readDriftLog(fleetTable, from, to),
    trend: async (from, to) => {
      const points = [];
      for await (const { scanId, at, outcome, summary } of readTrend(fleetTable, from, to))
        points.push({ scanId, at, outcome, summary });
      return points;
    },
    openScan: (by) => openManualScan(ctx, by),
    scan: async (id) => {
      const scan = scanMoment(id) ? await readScan(Scans, id) : undefined;
      if (!scan) return undefined;
      if (scan.state === 'closed' || !scan.sealed) return { scan };
      let pending = 0;
      for await (const item of listWork(Work, id, 'subscriptions')) if (item.state === 'pending') pending++;
      for await (const item of listWork(Work, id, 'clusters')) if (item.state === 'pending') pending++;
      return { scan, pending };
    },
    scans: (limit) => listScans(Scans, limit),
    health,
    alerts,
  };
}

const toKnown = ({ result, scanId, at, changedScanId, since }: StoredResult): KnownResult => ({
  result,
  scanId,
  checkedAt: at.toISOString(),
  changedScanId,
  since: since.toISOString(),
});
