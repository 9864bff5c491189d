// Supervising: every wake-up looks after the scan. It sends lost work again, closes what is finished or overdue, and starts what is late.
import type { Scan } from '../model/scan.ts';
import { changeScan, readCurrent } from '../store/scans.ts';
import type { Unreadable } from '../store/rows.ts';
import type { WorkItem } from '../store/work.ts';
import { changeWork, listWork } from '../store/work.ts';
import { closeScan } from './close.ts';
import type { ScanContext } from './context.ts';
import { MAX_TRIES, RESEND_AFTER_MS, minutes } from './context.ts';
import type { EnumerateMessage } from './messages.ts';
import { forQueue } from './messages.ts';
import { openSlotScan } from './open.ts';
import { recordPoison } from './poison.ts';
import { startPurge } from './purge.ts';

/** The first ticks come quickly, so that a small estate is done in seconds; later ones come twice a minute. */
const nextTickSeconds = (tick: number): number => Math.min(30, 1 + Math.floor(tick / 4));

/** Does the work of one tick of the supervise queue: look after the scan, and come back while it is open. */
export async function tick(ctx: ScanContext, message: { scanId: string; tick: number }): Promise<void> {
  const scan = await superviseCurrent(ctx).catch((error: unknown) => {
    // The next tick tries again; if this one failed, none would come.
    ctx.log.error('a tick failed', { scanId: message.scanId, error });
    return readCurrent(ctx.tables.Scans);
  });
  if (scan?.id !== message.scanId || isDone(scan)) return;
  // A duplicate of a tick that has already sent the next one. If it sent one too, every duplicate would double the ticks for good.
  if ((scan.ticks ?? 0) > message.tick) return;
  const next = message.tick + 1;
  await ctx.queue.send(
    'supervise',
    { kind: 'tick', scanId: scan.id, tick: next },
    { delaySeconds: nextTickSeconds(next) },
  );
  try {
    await changeScan(ctx.tables.Scans, scan.id, (s) => ((s.ticks ?? 0) >= next ? undefined : { ...s, ticks: next }));
  } catch (error) {
    // This tick must not come back: each time, it would send another one.
    ctx.log.error('a tick was not counted', { scanId: scan.id, error });
  }
}

const isDone = ({ state, dispatched, unfinished = [] }: Scan): boolean =>
  state === 'closed' && dispatched && unfinished.length === 0;

/**
 * One look at the current scan. Any wake-up may call it at any time, also two at once.
 * @returns the scan as it then stands; undefined when there has never been one
 */
export async function superviseCurrent(ctx: ScanContext): Promise<Scan | undefined> {
  const scan = await readCurrent(ctx.tables.Scans);
  if (!scan) return undefined;
  await finishEarlier(ctx, scan);
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

/** Finishes what had not finished when this scan opened, oldest first. What resists keeps nobody from looking after this one. */
async function finishEarlier(ctx: ScanContext, { id: scanId, unfinished = [] }: Scan): Promise<void> {
  const done = new Set<string>();
  try {
    for (const id of unfinished) {
      await closeScan(ctx, id, 'deadline');
      done.add(id);
    }
  } catch (error) {
    ctx.log.error('an earlier scan cannot be finished', { scanId, unfinished, error });
  }
  if (done.size > 0)
    await changeScan(ctx.tables.Scans, scanId, ({ unfinished: left = [], ...s }) => ({
      ...s,
      unfinished: left.filter((id) => !done.has(id)),
    }));
}

/** A timer may be a little late: without a scan for a period and this much more, it has stopped. */
const GRACE_MS = minutes(5);

/** Opens a scan that its timer should have opened: timers can stop without notice, so every wake-up checks. */
export async function startOverdue(ctx: ScanContext): Promise<void> {
  const scan = await readCurrent(ctx.tables.Scans);
  const latest = ctx.clock.now().getTime() - minutes(ctx.settings.periodMinutes) - GRACE_MS;
  if (!scan || new Date(scan.openedAt).getTime() < latest) await openSlotScan(ctx);
}

/** A row that cannot be read cannot be sent again either: the close says that it is missing. */
const gonePast =
  (ctx: ScanContext, { id: scanId }: Scan): Unreadable =>
  (error) =>
    ctx.log.error('work cannot be read', { scanId, error });

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
    for await (const item of listWork<object>(ctx.tables.Work, scan.id, what, gonePast(ctx, scan))) {
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

async function resend(
  ctx: ScanContext,
  scan: Scan,
  item: WorkItem<object>,
  queue: 'enumerate' | 'audit',
): Promise<void> {
  const { partition, key, tries } = item;
  if (tries >= MAX_TRIES) {
    ctx.log.error('work given up', { scanId: scan.id, item: key, tries });
    await recordPoison(ctx, queue, item.message);
    return;
  }
  ctx.log.warn('work sent again', { scanId: scan.id, item: key, tries: tries + 1 });
  const sentAt = ctx.clock.now();
  const left = await changeWork(ctx.tables.Work, partition, key, (now) =>
    now.state === 'pending' ? { ...now, tries: tries + 1, sentAt } : undefined,
  );
  if (left) await ctx.queue.send(queue, forQueue(item.message));
}
