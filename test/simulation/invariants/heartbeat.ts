// The outside is told that all is well after complete scans and only after them: what cannot be seen is not well.
import type { Scan } from '../../../shared/model/scan.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';

const MINUTE_MS = 60_000;
/** Between closing a scan and telling the outside processes may stand still and die, and storage may be away: for two periods, and one call. */
const CALL_MINUTES = 60;

export function heartbeatsAreTrue({ clock, config, estate, calmSince, broken }: Observed): Invariant {
  /** When a complete scan was closed, or was handed over again. */
  let complete = Number.NEGATIVE_INFINITY;
  let beat = Number.NEGATIVE_INFINITY;
  let newest: Scan | undefined;
  const lateMs = (2 * config.periodMinutes + CALL_MINUTES) * MINUTE_MS;
  const canReadAll = (): boolean => [...estate.values()].every(({ unreadable, hidden }) => !unreadable && !hidden);

  return {
    heartbeat() {
      beat = clock.now().getTime();
      if (beat - complete > lateMs)
        broken(`the heartbeat was sent at ${clock.now().toISOString()}, and no scan was complete`);
    },
    committed(table, changes) {
      if (table !== 'Scans') return;
      for (const { after } of changes) {
        if (!after?.rowKey.startsWith('s~')) continue;
        const scan = bodyOf<Scan>(after);
        if (scan.state !== 'closed') continue;
        if (scan.outcome === 'complete') complete = clock.now().getTime();
        if (!newest || newest.at <= scan.at) newest = scan;
      }
    },
    async settled() {
      const calmAt = calmSince() ?? clock.now().getTime();
      const openedAt = Date.parse(newest?.openedAt ?? '');
      if (!newest || openedAt < calmAt + config.periodMinutes * MINUTE_MS) return;
      const unread = [...estate].find(([, { unreadable, hidden }]) => unreadable && !hidden);
      if (unread && newest.outcome !== 'partial')
        broken(`scan ${newest.id} is ${newest.outcome}, ${unread[0]} cannot be read`);
      if (canReadAll() && newest.outcome !== 'complete')
        broken(`scan ${newest.id} is ${newest.outcome}, everything can be read`);
      if (newest.outcome === 'complete' && beat < openedAt)
        broken(`scan ${newest.id} was complete, and the outside was not told`);
    },
  };
}
