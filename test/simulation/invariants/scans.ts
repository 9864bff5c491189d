// Every scan that was opened closes once, and in time as soon as anything looks after it.
import type { Scan } from '../../../shared/model/scan.ts';
import type { StoredRow } from '../../../shared/ports.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';
import { rowsOf } from '../../../shared/store/rows.ts';

/** A few clusters, and nothing that goes wrong. */
const LONGEST_MS = 5 * 60_000;

export function scansClose({ clock, config, tables, calmSince, broken }: Observed): Invariant {
  const scans = new Map<string, Scan>();

  function changed(was: Scan | undefined, scan: Scan): void {
    const open = [...scans.values()].find(
      (other) => other.state === 'open' && other.id !== scan.id && !isGivenUp(other, scan.openedAt),
    );
    if (!was && open) broken(`scan ${scan.id} was opened while ${open.id} was open`);
    if (!was && scan.state !== 'open') broken(`scan ${scan.id} was never open`);
    if (was?.state === 'closed' && (scan.state !== 'closed' || scan.closedAt !== was.closedAt))
      broken(`scan ${scan.id} was closed and is closed or opened again`);
  }

  return {
    committed(table, changes) {
      for (const { before, after } of changes) {
        const row = after ?? before!;
        if (
          table === 'Fleet' &&
          row.partitionKey === 'fleet' &&
          before &&
          after &&
          contentOf(before) !== contentOf(after)
        )
          broken(`the snapshot of scan ${row.rowKey} was overwritten`);
        if (table !== 'Scans' || !row.rowKey.startsWith('s~')) continue;
        const scan = bodyOf<Scan>(row);
        if (after) changed(scans.get(scan.id), scan);
        if (after) scans.set(scan.id, scan);
        else if (scans.get(scan.id)?.state === 'open') broken(`scan ${scan.id} was deleted while open`);
        else scans.delete(scan.id);
      }
    },
    ended({ name, state, startedAt }) {
      if (name !== 'wake-timer' || state !== 'done') return;
      for (const scan of scans.values())
        if (scan.state === 'open' && new Date(scan.deadline).getTime() < startedAt && !isBeingClosed(scan, startedAt))
          broken(`scan ${scan.id} is open past its deadline although a wake-up looked after it`);
    },
    async settled() {
      const newest = [...scans.values()].toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
      const least = clock.now().getTime() - 2 * config.periodMinutes * 60_000;
      if (!newest || new Date(newest.at).getTime() < least) broken(`the last scan was ${newest?.id ?? 'none'}`);
      else if (newest.state === 'open' || !newest.dispatched) broken(`scan ${newest.id} did not finish`);
      // What was under way when the faults stopped may take its time.
      const calm = (calmSince() ?? clock.now().getTime()) + config.periodMinutes * 60_000;
      for (const { id, openedAt, closedAt } of scans.values())
        if (Date.parse(openedAt) > calm && closedAt && Date.parse(closedAt) - Date.parse(openedAt) > LONGEST_MS)
          broken(`scan ${id} took until ${closedAt} although nothing went wrong`);
      for (const scan of scans.values()) if (scan.state === 'open') broken(`scan ${scan.id} never closed`);
      for await (const row of rowsOf(tables.Work, {}))
        broken(`work was left behind: ${row.partitionKey} ${row.rowKey}`);
    },
  };
}

const ATTEMPT_MS = 20_000;

/** Somebody else tried a moment before: that is one attempt. */
const isBeingClosed = ({ closing }: Scan, at: number): boolean =>
  closing !== undefined && at - Date.parse(closing.at) < ATTEMPT_MS;

/** Past twice its time, a scan that storage does not let anybody close no longer keeps the next one from opening. */
function isGivenUp({ openedAt, deadline }: Scan, at: string): boolean {
  const opened = Date.parse(openedAt);
  return Date.parse(at) >= opened + 2 * (Date.parse(deadline) - opened);
}

/** A snapshot that outlived its time may be marked so. */
const contentOf = ({ etag: _etag, purged: _purged, ...content }: StoredRow): string => JSON.stringify(content);
