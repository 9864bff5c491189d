// Supervising: every wake-up looks after the scan. It sends lost work again, closes what is finished or overdue, and starts what is late.
import type { Scan } from '../model/scan.ts';
import { changeScan, readCurrent } from '../store/scans.ts';
import type { WorkItem } from '../store/work.ts';
import { listWork, putWork } from '../store/work.ts';
import { closeScan } from './close.ts';
import type { ScanContext } from './context.ts';
import { MAX_TRIES, RESEND_AFTER_MS, minutes } from './context.ts';
import type { EnumerateMessage } from './messages.ts';
import { openSlotScan } from './open.ts';
import { startPurge } from './purge.ts';

/** The first ticks come quickly, so that a small estate is done in seconds; later ones come twice a minute. */
const nextTickSeconds = (tick: number): number => Math.min(30, 1 + Math.floor(tick / 4));

/** Does the work of one tick of the supervise queue: look after the scan, and come back while it is open. */
export async function tick(ctx: ScanContext, message: { scanId: string; tick: number }): Promise<void> {
  const scan = await superviseCurrent(ctx);
  if (scan?.id !== message.scanId || (scan.state === 'closed' && scan.dispatched)) return;
  // A duplicate of a tick that has already sent the next one. If it sent one too, every duplicate would double the ticks for good.
  if ((scan.ticks ?? 0) > message.tick) return;
  const next = message.tick + 1;
  await ctx.queue.send(
    'supervise',
    { kind: 'tick', scanId: scan.id, tick: next },
    { delaySeconds: nextTickSeconds(next) },
  );
  await changeScan(ctx.tables.Scans, scan.id, (s) => ((s.ticks ?? 0) >= next ? undefined : { ...s, ticks: next }));
}

/**
 * One look at the current scan. Any wake-up may call it at any time, also two at once.
 * @returns the scan as it then stands; undefined when there has never been one
 */
export async function superviseCurrent(ctx: ScanContext): Promise<Scan | undefined> {
  const scan = await readCurrent(ctx.tables.Scans);
  if (!scan) return undefined;
  if (scan.state === 'closed') {
    if (!scan.dispatched) await closeScan(ctx, scan.id, 'finished');
  } else if (ctx.clock.now() >= new Date(scan.deadline)) {
    await closeScan(ctx, scan.id, 'deadline');
    await startPurge(ctx);
  } else if (await settle(ctx, scan)) {
    await closeScan(ctx, scan.id, 'finished');
    await startPurge(ctx);
  }
  return (await readCurrent(ctx.tables.Scans)) ?? undefined;
}

/** A timer may be a little late: without a scan for a period and this much more, it has stopped. */
const GRACE_MS = minutes(5);

/** Opens a scan that its timer should have opened: timers can stop without notice, so every wake-up checks. */
export async function startOverdue(ctx: ScanContext): Promise<void> {
  const scan = await readCurrent(ctx.tables.Scans);
  const latest = ctx.clock.now().getTime() - minutes(ctx.settings.periodMinutes) - GRACE_MS;
  if (!scan || new Date(scan.openedAt).getTime() < latest) await openSlotScan(ctx);
}

/** @returns true when no work is left */
async function settle(ctx: ScanContext, scan: Scan): Promise<boolean> {
  const now = ctx.clock.now().getTime();
  if (!scan.sealed) {
    if (now - new Date(scan.sentAt).getTime() >= RESEND_AFTER_MS) await resendEstate(ctx, scan);
    return false;
  }
  let pending = 0;
  for (const [what, queue] of [
    ['subscriptions', 'enumerate'],
    ['clusters', 'audit'],
  ] as const)
    for await (const item of listWork(ctx.tables.Work, scan.id, what)) {
      if (item.state !== 'pending') continue;
      pending++;
      if (now - item.sentAt.getTime() >= RESEND_AFTER_MS) await resend(ctx, scan, item, queue);
      // The scan is not finished, and one row that is not overdue is enough to know it.
      else break;
    }
  return pending === 0;
}

async function resendEstate(ctx: ScanContext, scan: Scan): Promise<void> {
  ctx.log.warn('enumeration sent again', { scanId: scan.id });
  await changeScan(ctx.tables.Scans, scan.id, (s) => ({ ...s, sentAt: ctx.clock.now().toISOString() }));
  const message: EnumerateMessage = { kind: 'estate', scanId: scan.id };
  await ctx.queue.send('enumerate', message);
}

async function resend(ctx: ScanContext, scan: Scan, item: WorkItem, queue: 'enumerate' | 'audit'): Promise<void> {
  if (item.tries >= MAX_TRIES) {
    ctx.log.error('work given up', { scanId: scan.id, item: item.key, tries: item.tries });
    const problem = `it was sent ${item.tries} times and never finished`;
    await putWork(ctx.tables.Work, [{ ...item, state: 'failed', problem }]);
    return;
  }
  ctx.log.warn('work sent again', { scanId: scan.id, item: item.key, tries: item.tries + 1 });
  await putWork(ctx.tables.Work, [{ ...item, tries: item.tries + 1, sentAt: ctx.clock.now() }]);
  await ctx.queue.send(queue, item.message);
}
