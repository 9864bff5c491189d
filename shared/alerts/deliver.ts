// Delivering: notifications that are due are claimed, sent, and only then struck off. At least once, and once where nothing crashes.
import type { CardMessage, Chat, Clock, Log, Queue, StoredRow, Table } from '../ports.ts';
import { unpackBody } from '../store/body.ts';
import type { Destination } from './destinations.ts';
import { listDestinations, markFailed } from './destinations.ts';
import { ALERTS_PARTITION, NOTIFICATION } from './dispatch.ts';
import type { Notification } from './model.ts';

export interface DeliverContext {
  readonly alerts: Table;
  readonly chat: Table;
  readonly send: Chat;
  readonly render: (notification: Notification) => CardMessage;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** Longer than any send takes: a claim older than this belongs to a process that died. */
const LEASE_MS = 120_000;
const MAX_ATTEMPTS = 12;
const BASE_DELAY_MS = 2_000;
const MAX_DELAY_MS = 15 * 60_000;

/** Sends everything that is due, in order per destination. Anybody may call it at any time. */
export async function deliver(ctx: DeliverContext): Promise<void> {
  const destinations = new Map((await listDestinations(ctx.chat)).map((destination) => [destination.key, destination]));
  const blocked = new Set<string>();
  let nextDue = Number.POSITIVE_INFINITY;
  for await (const page of ctx.alerts.pages({ partition: ALERTS_PARTITION, rowFrom: NOTIFICATION, rowTo: 'n\u007f' }))
    for (const row of page) {
      const destination = row['destination'] as string;
      if (blocked.has(destination)) continue;
      const due = new Date(row['dueAt'] as string).getTime();
      const outcome = due > ctx.clock.now().getTime() ? due : await deliverOne(ctx, row, destinations.get(destination));
      if (outcome === 'done') continue;
      blocked.add(destination);
      nextDue = Math.min(nextDue, outcome);
    }
  if (Number.isFinite(nextDue)) {
    const delaySeconds = Math.max(1, Math.ceil((nextDue - ctx.clock.now().getTime()) / 1000));
    await ctx.queue.send('deliver', {}, { delaySeconds });
  }
}

/** @returns `done`, or when to look at this destination again, in milliseconds since 1970 */
async function deliverOne(
  ctx: DeliverContext,
  row: StoredRow,
  destination: Destination | undefined,
): Promise<'done' | number> {
  if (!destination || destination.failed !== undefined) {
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey, row.etag);
    return 'done';
  }
  const now = ctx.clock.now().getTime();
  const leaseUntil = now + LEASE_MS;
  const attempts = (row['attempts'] as number) + 1;
  const claimed = { ...row, attempts, dueAt: new Date(leaseUntil).toISOString() };
  if ((await ctx.alerts.replace(claimed, row.etag)) === 'stale') return leaseUntil;
  const notification = unpackBody<Notification>(row);
  const outcome = await ctx.send.post(destination.address, ctx.render(notification));
  const fields = { notification: notification.id, scanId: notification.scanId, destination: destination.key, attempts };
  if (outcome.status === 'sent') {
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey);
    ctx.log.info('notification sent', { ...fields, activity: outcome.activityId });
    return 'done';
  }
  if (outcome.status === 'refused') {
    ctx.log.error('notification refused', { ...fields, error: outcome.message });
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey);
    return 'done';
  }
  if (outcome.status === 'gone' || attempts >= MAX_ATTEMPTS) {
    ctx.log.error('destination failed', { ...fields, error: outcome.message });
    await markFailed(ctx.chat, destination, outcome.message);
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey);
    return 'done';
  }
  const backoff = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (attempts - 1)) * (0.5 + ctx.random() / 2);
  const dueAt =
    ctx.clock.now().getTime() + Math.max(backoff, ((outcome.status === 'retry' && outcome.afterSeconds) || 0) * 1000);
  ctx.log.warn('notification postponed', { ...fields, error: outcome.message, dueAt: new Date(dueAt).toISOString() });
  await ctx.alerts.upsert({ ...claimed, dueAt: new Date(dueAt).toISOString() });
  return dueAt;
}
