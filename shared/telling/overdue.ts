// The dead-man's switch: whatever wakes up first tells that scans have stopped, or that they no longer look at anything.
import type { Fleet } from '../model/fleet.ts';
import { scanMoment } from '../model/scan.ts';

/** Clusters of the fleet, and how many of them a scan looked at in the last two periods. */
export interface Coverage {
  readonly clusters: number;
  readonly seen: number;
}

const PERIODS = 2;

/** @param fleet at the newest close: a scan that closes need not have looked at anything */
export function coverageOf(
  { scanId, clusters }: Pick<Fleet, 'scanId' | 'clusters'>,
  periodMinutes: number,
  now: Date,
): Coverage {
  const from = now.getTime() - PERIODS * periodMinutes * 60_000;
  const isRecent = (id: string): boolean => (scanMoment(id)?.getTime() ?? 0) > from;
  const seen = clusters.filter(({ lastScanId = scanId }) => isRecent(lastScanId)).length;
  return { clusters: clusters.length, seen };
}

/**
 * @param last the fleet at the newest close
 * @returns one sentence when that lies two periods back or more, or when no cluster was looked at for as long; undefined while the watch
 *   goes on, and before the first close
 */
export function overdueSentence(
  last: Pick<Fleet, 'scanId' | 'closedAt' | 'clusters'> | undefined,
  periodMinutes: number,
  now: Date,
): string | undefined {
  if (!last) return undefined;
  const minutes = Math.floor((now.getTime() - new Date(last.closedAt).getTime()) / 60_000);
  if (minutes >= PERIODS * periodMinutes)
    return `Scans have stopped: the last one finished ${minutes} minutes ago, and one is due every ${periodMinutes} minutes.`;
  const { clusters, seen } = coverageOf(last, periodMinutes, now);
  return clusters > 0 && seen === 0
    ? `The watch has stopped: scans close, and none has looked at any cluster for ${PERIODS * periodMinutes} minutes.`
    : undefined;
}
