// Opening a scan: whoever comes first opens it, everybody else finds it open.
import type { Scan } from '../model/scan.ts';
import { lastSlotOf, manualScanId, scanMoment, slotOf, slotScanId } from '../model/scan.ts';
import { StoredRowError } from '../store/body.ts';
import { changeScan, openScanRow, readCurrentId, readScan } from '../store/scans.ts';
import { untilStored } from '../store/until-stored.ts';
import { closeScan } from './close.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';

export interface Opened {
  readonly scan: Scan;
  /** False when this scan, or an earlier one that is still running, was open already. */
  readonly created: boolean;
}

/** Opens the scan of the present schedule slot. A timer that fires twice, early, late, or at the same time as a watchdog does no harm. */
export async function openSlotScan(ctx: ScanContext): Promise<Opened> {
  const at = slotOf(ctx.clock.now(), ctx.settings.periodMinutes);
  return open(ctx, { at, slot: slotScanId(at), idAt: slotScanId, by: 'schedule' });
}

/** Opens a scan because somebody asked for it. @param by who asked, for the record */
export async function openManualScan(ctx: ScanContext, by: string): Promise<Opened> {
  const nonce = ctx.nonce();
  return open(ctx, { at: ctx.clock.now(), idAt: (at) => manualScanId(at, nonce), by });
}

interface Wanted {
  readonly at: Date;
  readonly idAt: (at: Date) => string;
  readonly by: string;
  /** The id of the slot, for a scan that is due by schedule. */
  readonly slot?: string;
}

async function open(ctx: ScanContext, wanted: Wanted): Promise<Opened> {
  const { Scans } = ctx.tables;
  return untilStored(Scans, 'the current scan', async () => {
    const currentId = await readCurrentId(Scans);
    const current = currentId === undefined ? undefined : await readLeft(ctx, currentId);
    if (current && wanted.slot !== undefined && lastSlotOf(current) === wanted.slot)
      return { scan: current, created: false };
    if (current?.state === 'open') {
      if (ctx.clock.now() < new Date(current.deadline)) return { scan: await countSkip(ctx, current), created: false };
      await closeOverdue(ctx, current);
    }
    const id = wanted.idAt(momentAfter(currentId, wanted.at));
    const existing = await readScan(Scans, id);
    if (existing) return { scan: existing, created: false };
    const scan = newScan(ctx, id, wanted, current && (await readScan(Scans, current.id)));
    if ((await openScanRow(Scans, scan, currentId)) === 'lost') return 'conflict';
    ctx.log.info('scan opened', { scanId: id, by: wanted.by });
    await sendFirstWork(ctx, scan);
    return { scan, created: true };
  });
}

/**
 * The moment that a new scan stands for is later than that of the scan opened before it, as the store knows it: results, their
 * history and the fleet are ordered by it, and a clock that runs ahead or behind must not let anybody take an old result for a newer one.
 */
function momentAfter(currentId: string | undefined, at: Date): Date {
  const last = currentId === undefined ? undefined : scanMoment(currentId);
  return last && last >= at ? new Date(last.getTime() + 1) : at;
}

/** How long a scan may take before it no longer keeps the next one from opening, in deadlines. */
const MOST_DEADLINES = 2;

/** @returns the scan opened last; undefined where its row has been unreadable for too long @throws StoredRowError before that */
async function readLeft(ctx: ScanContext, id: string): Promise<Scan | undefined> {
  try {
    return await readScan(ctx.tables.Scans, id);
  } catch (error) {
    const opened = scanMoment(id)?.getTime() ?? 0;
    const isOld = ctx.clock.now().getTime() >= opened + MOST_DEADLINES * minutes(ctx.settings.deadlineMinutes);
    if (!(error instanceof StoredRowError) || !isOld) throw error;
    ctx.log.error('the last scan cannot be read, the next one opens', { scanId: id, error });
    return undefined;
  }
}

/** @throws when it cannot be closed, unless that has been so for too long: then the next one opens beside it */
async function closeOverdue(ctx: ScanContext, { id, openedAt, deadline }: Scan): Promise<void> {
  try {
    await closeScan(ctx, id, 'deadline');
  } catch (error) {
    // What waits for the alerts, waits beside the next scan.
    if ((await readScan(ctx.tables.Scans, id))?.state === 'closed') return;
    const opened = Date.parse(openedAt);
    if (ctx.clock.now().getTime() < opened + MOST_DEADLINES * (Date.parse(deadline) - opened)) throw error;
    ctx.log.error('a scan cannot be closed, the next one opens', { scanId: id, error });
  }
}

/** So many unfinished scans are looked after; the oldest are let go. */
const MOST_UNFINISHED = 50;

function newScan(ctx: ScanContext, id: string, { slot, by }: Wanted, last: Scan | undefined): Scan {
  const now = ctx.clock.now();
  const lastSlot = slot ?? (last && lastSlotOf(last));
  const isLeft = last && (last.state === 'open' || !last.dispatched);
  const unfinished = [...(last?.unfinished ?? []), ...(isLeft ? [last.id] : [])].slice(-MOST_UNFINISHED);
  return {
    id,
    at: (scanMoment(id) ?? now).toISOString(),
    by,
    openedAt: now.toISOString(),
    deadline: new Date(now.getTime() + minutes(ctx.settings.deadlineMinutes)).toISOString(),
    state: 'open',
    sealed: false,
    sentAt: now.toISOString(),
    subscriptions: 0,
    dispatched: false,
    skipped: 0,
    ...(lastSlot === undefined ? {} : { slot: lastSlot }),
    ...(unfinished.length > 0 ? { unfinished } : {}),
  };
}

/** Sends the messages that start a scan. What a crash leaves unsent, the supervisor sends. */
async function sendFirstWork(ctx: ScanContext, scan: Scan): Promise<void> {
  await ctx.queue.send('enumerate', { kind: 'estate', scanId: scan.id });
  await ctx.queue.send('supervise', { kind: 'tick', scanId: scan.id, tick: 0 }, { delaySeconds: 1 });
}

async function countSkip(ctx: ScanContext, scan: Scan): Promise<Scan> {
  ctx.log.info('scan still running, none opened', { scanId: scan.id });
  return (await changeScan(ctx.tables.Scans, scan.id, (s) => ({ ...s, skipped: s.skipped + 1 }))) ?? scan;
}
