// Opening a scan: whoever comes first opens it, everybody else finds it open.
import type { Scan } from '../model/scan.ts';
import { manualScanId, scanMoment, slotOf, slotScanId } from '../model/scan.ts';
import { changeScan, openScanRow, readCurrent, readScan } from '../store/scans.ts';
import { untilStored } from '../store/until-stored.ts';
import { closeScan } from './close.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';

export interface Opened {
  readonly scan: Scan;
  /** False when this scan, or an earlier one that is still running, was open already. */
  readonly created: boolean;
}

/** Opens the scan of the present schedule slot. A timer that fires twice, late, or at the same time as a watchdog does no harm. */
export async function openSlotScan(ctx: ScanContext): Promise<Opened> {
  return open(ctx, slotScanId(slotOf(ctx.clock.now(), ctx.settings.periodMinutes)), 'schedule');
}

/** Opens a scan because somebody asked for it. @param by who asked, for the record */
export async function openManualScan(ctx: ScanContext, by: string): Promise<Opened> {
  return open(ctx, manualScanId(ctx.clock.now(), ctx.nonce()), by);
}

async function open(ctx: ScanContext, id: string, by: string): Promise<Opened> {
  const { Scans } = ctx.tables;
  return untilStored(Scans, 'the current scan', async () => {
    const current = await readCurrent(Scans);
    if (current?.id === id) return { scan: current, created: false };
    if (current?.state === 'open') {
      if (ctx.clock.now() < new Date(current.deadline)) return { scan: await countSkip(ctx, current), created: false };
      await closeScan(ctx, current.id, 'deadline');
    }
    const existing = await readScan(Scans, id);
    if (existing) return { scan: existing, created: false };
    const scan = newScan(ctx, id, by);
    if ((await openScanRow(Scans, scan, current?.id)) === 'lost') return 'conflict';
    ctx.log.info('scan opened', { scanId: id, by });
    await sendFirstWork(ctx, scan);
    return { scan, created: true };
  });
}

function newScan(ctx: ScanContext, id: string, by: string): Scan {
  const now = ctx.clock.now();
  const at = scanMoment(id) ?? now;
  return {
    id,
    at: at.toISOString(),
    by,
    openedAt: now.toISOString(),
    deadline: new Date(now.getTime() + minutes(ctx.settings.deadlineMinutes)).toISOString(),
    state: 'open',
    sealed: false,
    sentAt: now.toISOString(),
    subscriptions: 0,
    dispatched: false,
    skipped: 0,
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
