// Delivering: a card that is due is claimed, sent, and only then struck off: at least once, and exactly once if nothing crashes.
import type { CardMessage, Chat, Clock, Log, Queue, SendOutcome, StoredRow, Table } from '../ports.ts';
import type { Card } from '../alerts/card.ts';
import type { Waiting } from './alert-rows.ts';
import { ALERTS_PARTITION, NOTIFICATION, alertRows, notificationRow, toWaiting } from './alert-rows.ts';
import { readCard, readPosted, writePosted } from './card-store.ts';
import { StoredRowError } from '../store/body.ts';
import type { Destination } from './destinations.ts';
import { listDestinations, markFailed, nextTry, revive } from './destinations.ts';
import { countSend, nextFree } from './rate.ts';

export interface DeliverContext {
  readonly alerts: Table;
  readonly chat: Table;
  readonly send: Chat;
  readonly render: (card: Card) => CardMessage;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
}

/** Longer than any send takes: a claim older than this belongs to a process that died. */
const LEASE_MS = 120_000;
/** Teams itself may be down for hours: a conversation is given up only after a whole day of busy answers. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Somebody wakes up at least this often. */
const WAKE_SECONDS = 300;
const BASE_DELAY_MS = 2_000;
const MAX_DELAY_MS = 15 * 60_000;

/**
 * Sends everything that is due, to each destination in order. Anybody may call it at any time.
 * @returns how many destinations failed, or can be posted to again
 */
export async function deliver(ctx: DeliverContext): Promise<number> {
  const destinations = new Map((await listDestinations(ctx.chat)).map((destination) => [destination.key, destination]));
  const blocked = new Set<string>();
  let turned = 0;
  let nextDue = Number.POSITIVE_INFINITY;
  for await (const row of alertRows(ctx.alerts, NOTIFICATION)) {
    const waiting = readWaiting(ctx, row);
    if (!waiting || blocked.has(waiting.destination)) continue;
    const key = waiting.destination;
    const destination = destinations.get(key);
    const due = Math.max(waiting.dueAt.getTime(), destination ? nextTry(destination) : 0);
    const outcome = due > ctx.clock.now().getTime() ? due : await deliverOne(ctx, row, waiting, destination);
    if (outcome === 'done') continue;
    if (outcome === 'revived') {
      turned++;
      const { failed: _failed, triedAt: _triedAt, ...alive } = destination!;
      destinations.set(key, alive);
      continue;
    }
    blocked.add(key);
    if (outcome === 'failed') turned++;
    else nextDue = Math.min(nextDue, outcome);
  }
  const delaySeconds = Math.max(1, Math.ceil((nextDue - ctx.clock.now().getTime()) / 1000));
  // What is due later is found by the next wake-up. If it were announced too, every wake-up would add a chain of messages.
  if (delaySeconds <= WAKE_SECONDS) await ctx.queue.send('deliver', {}, { delaySeconds });
  return turned;
}

/** One that cannot be read is logged and left alone: it must not hold up what waits behind it. */
function readWaiting(ctx: DeliverContext, row: StoredRow): Waiting | undefined {
  try {
    return toWaiting(row);
  } catch (error) {
    if (!(error instanceof StoredRowError)) throw error;
    ctx.log.error('notification cannot be read', { notification: row.rowKey, error });
    return undefined;
  }
}

type Outcome = 'done' | 'revived' | 'failed' | number;

/** @returns what became of it, or when to look at this destination again, in milliseconds since 1970 */
async function deliverOne(
  ctx: DeliverContext,
  row: StoredRow,
  waiting: Waiting,
  destination: Destination | undefined,
): Promise<Outcome> {
  if (!destination) {
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey, row.etag);
    return 'done';
  }
  const now = ctx.clock.now().getTime();
  const free = await nextFree(ctx.chat, destination.key, now);
  if (free > now) return free;
  const leaseUntil = now + LEASE_MS;
  const attempts = waiting.attempts + 1;
  const claimed = { ...waiting, attempts, dueAt: new Date(leaseUntil) };
  if ((await ctx.alerts.replace({ ...row, ...notificationRow.write(claimed) }, row.etag)) === 'stale')
    return leaseUntil;
  const fields = { card: waiting.card, scanId: waiting.scanId, destination: destination.key, attempts };
  const outcome = await sendCard(ctx, waiting, destination);
  if (outcome.status === 'sent' || outcome.status === 'refused') {
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey);
    if (outcome.status === 'sent') ctx.log.info('notification sent', { ...fields, activity: outcome.activityId });
    else ctx.log.error('notification refused', { ...fields, error: outcome.message });
    const isBack = destination.failed !== undefined && (await revive(ctx.chat, destination.address.conversationId));
    return isBack ? 'revived' : 'done';
  }
  // Claims of processes that died say nothing about the conversation: only answers count.
  const { busy: busyBefore = 0, busySince = new Date(now) } = waiting;
  const busy = busyBefore + 1;
  if (outcome.status === 'gone' || now - busySince.getTime() >= GIVE_UP_MS) {
    ctx.log.error('destination failed', { ...fields, error: outcome.message });
    await markFailed(ctx.chat, destination, outcome.message, ctx.clock.now());
    // It waits for the next try, with what was decided after it.
    const { busy: _busy, busySince: _busySince, ...unhurried } = waiting;
    const { partitionKey, rowKey } = row;
    const next = notificationRow.write({ ...unhurried, dueAt: new Date(now) });
    await ctx.alerts.upsert({ partitionKey, rowKey, ...next });
    return 'failed';
  }
  const backoff = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (busy - 1)) * (0.5 + ctx.random() / 2);
  const askedMs = ((outcome.status === 'retry' && outcome.afterSeconds) || 0) * 1000;
  const dueAt = new Date(ctx.clock.now().getTime() + Math.max(backoff, askedMs));
  ctx.log.warn('notification postponed', { ...fields, error: outcome.message, dueAt: dueAt.toISOString() });
  await ctx.alerts.upsert({ ...row, ...notificationRow.write({ ...claimed, busy, busySince, dueAt }) });
  return dueAt.getTime();
}

/** Posts a card, or brings it up to date where it stands; posts it again where that is not possible. */
async function sendCard(
  ctx: DeliverContext,
  { card: id, mode, seq }: Waiting,
  destination: Destination,
): Promise<SendOutcome> {
  const found = await readCard(ctx.alerts, id);
  if (!found) return { status: 'refused', message: 'The card was purged before it could be sent' };
  const { card, version } = found;
  const posted = await readPosted(ctx.alerts, id);
  // A process died between sending and striking off: what stands there is this version or a later one.
  if (posted && posted.version >= seq) return { status: 'sent', activityId: posted.activityId };
  const message = ctx.render(card);
  const sent = async (send: Promise<SendOutcome>): Promise<SendOutcome> => {
    const outcome = await send;
    await countSend(ctx.chat, destination.key, ctx.clock.now().getTime());
    if (outcome.status === 'sent')
      await writePosted(ctx.alerts, id, { activityId: outcome.activityId, version }, ctx.clock.now());
    return outcome;
  };
  if (!posted || mode === 'post') return sent(ctx.send.post(destination.address, message));
  const updated = await sent(ctx.send.update(destination.address, posted.activityId, message));
  return updated.status === 'gone' ? sent(ctx.send.post(destination.address, message)) : updated;
}
