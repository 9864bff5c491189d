// The dead-man's switch: whatever wakes up first tells that scans have stopped.
import type { FleetHead } from '../store/fleet-snapshots.ts';

const minutesSince = (iso: string, now: Date): number => Math.floor((now.getTime() - new Date(iso).getTime()) / 60_000);

/**
 * @param last the newest close
 * @returns one sentence when it lies two periods back or more; undefined while scans go on, and before the first close
 */
export function overdueSentence(
  last: Pick<FleetHead, 'closedAt'> | undefined,
  periodMinutes: number,
  now: Date,
): string | undefined {
  if (!last) return undefined;
  const minutes = minutesSince(last.closedAt, now);
  if (minutes < 2 * periodMinutes) return undefined;
  return `Scans have stopped: the last one finished ${minutes} minutes ago, and one is due every ${periodMinutes} minutes.`;
}
