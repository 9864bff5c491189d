// What a digest tells, gathered from history.
import { compareText } from '../model/finding.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Table } from '../ports.ts';
import { readTrend } from '../store/fleet-snapshots.ts';
import { readDriftLog } from '../store/drift-log.ts';
import type { DigestPoint } from '../alerts/card.ts';
import type { DigestContent } from '../alerts/model.ts';

const DAY_MS = 86_400_000;
/** Days that the trend goes back. */
const TREND_DAYS = { day: 14, week: 28 } as const;
const PERIOD_DAYS = { day: 1, week: 7 } as const;

/** @returns the fleet now, its last scan of each day, and what changed in the period */
export async function gatherDigest(
  fleetTable: Table,
  fleet: Pick<Fleet, 'summary'>,
  every: 'day' | 'week',
  now: Date,
): Promise<DigestContent> {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const byDay = new Map<string, DigestPoint>();
  for await (const { at, summary } of readTrend(fleetTable, before(TREND_DAYS[every]), now))
    if (!byDay.has(at.slice(0, 10))) byDay.set(at.slice(0, 10), { at, summary });
  const counts = new Map<string, number>();
  for await (const { kind } of readDriftLog(fleetTable, before(PERIOD_DAYS[every]), now))
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return {
    summary: fleet.summary,
    trend: [...byDay.values()].toReversed(),
    changes: [...counts]
      .map(([kind, count]) => ({ kind, count }))
      .toSorted((a, b) => b.count - a.count || compareText(a.kind, b.kind)),
  };
}
