// A clock that differs from the store's by more than a minute is told: in the log, and in health whoever asks.
import type { Clock, Log, Table } from '../ports.ts';
import type { ClockWatch } from '../store/clock-watch.ts';
import { watchClock } from '../store/clock-watch.ts';
import { noteTrouble } from '../store/troubles.ts';

/** The name of this trouble where troubles are kept. */
export const CLOCK = 'clock';
const EVERY_MS = 5 * 60_000;

/** @param scans the table that troubles are kept in; it is itself watched, and so is asked for when it is needed */
export function createClockAlarm(clock: Clock, log: Log, scans: () => Table): ClockWatch {
  let toldAt = Number.NEGATIVE_INFINITY;
  return watchClock(clock, (aheadMs, storeTime) => {
    if (storeTime.getTime() - toldAt < EVERY_MS) return;
    toldAt = storeTime.getTime();
    const seconds = Math.round(Math.abs(aheadMs) / 1000);
    const detail = `${seconds} seconds ${aheadMs > 0 ? 'ahead of' : 'behind'}`;
    log.warn('the clock differs from that of storage', { aheadMs, storeTime: storeTime.toISOString() });
    noteTrouble(scans(), { what: CLOCK, at: storeTime, detail }).catch((error: unknown) => {
      log.error('that the clock differs was not stored', { error });
    });
  });
}
