// Whether scans are running as they should, from what is stored of the last one and of the one that runs.
import type { Health } from '../api/api-services.ts';
import type { Fleet } from '../model/fleet.ts';
import type { ScanContext } from '../scan/context.ts';
import { readCurrent } from '../store/scans.ts';
import { listTroubles } from '../store/troubles.ts';
import { listFailed } from '../telling/destinations.ts';
import { listSetAside } from '../telling/set-aside.ts';
import { coverageReasons, deliveryReasons, reasonsOf, troubleSentence } from './health-reasons.ts';
import { coverageOf, overdueSentence } from '../telling/overdue.ts';
import { countUndelivered } from '../telling/undelivered.ts';

/** Never throws: storage that cannot be read is an answer too. @param fleet at the newest close */
export async function readHealth(
  { tables, clock, log, settings: { periodMinutes } }: ScanContext,
  fleet: () => Promise<Fleet | undefined>,
): Promise<Health> {
  const now = clock.now();
  try {
    const [last, current, failed, troubles, late, aside] = await Promise.all([
      fleet(),
      readCurrent(tables.Scans),
      listFailed(tables.Chat),
      listTroubles(tables.Scans, now),
      countUndelivered(tables.Alerts, now),
      listSetAside(tables.Alerts, now),
    ]);
    const reasons = [
      ...(last ? coverageReasons(coverageOf(last, periodMinutes, now), periodMinutes) : []),
      ...(last ? reasonsOf(last, current) : []),
      ...deliveryReasons(late),
      ...aside,
      ...troubles.map(troubleSentence),
    ];
    const present = {
      ...(reasons.length > 0 ? { reasons } : {}),
      ...(current?.state === 'open'
        ? { running: { id: current.id, openedAt: current.openedAt, deadline: current.deadline } }
        : {}),
      ...(failed.length > 0 ? { failedDestinations: failed.length } : {}),
    };
    if (!last) return { status: 'starting', message: 'No scan has finished yet.', ...present };
    const lastScan = { id: last.scanId, at: last.at, outcome: last.outcome };
    const overdue = overdueSentence(last, periodMinutes, now);
    if (overdue !== undefined) return { status: 'overdue', message: overdue, lastScan, ...present };
    return { status: 'ok', message: 'Scans are running as scheduled.', lastScan, ...present };
  } catch (error) {
    log.error('health cannot be read', { error });
    return { status: 'failing', message: 'Storage cannot be read; the log has the error.' };
  }
}
