// Delivering: a card that is due is claimed, sent, and only then struck off: at least once, and exactly once if nothing crashes.
import type { Log, Queue, SendOutcome, StoredRow } from '../ports.ts';
import type { Waiting } from './alert-rows.ts';
import { ALERTS_PARTITION, NOTIFICATION, alertRows, notificationRow, toWaiting } from './alert-rows.ts';
import { StoredRowError } from '../store/body.ts';
import { endOfClaim } from './claims.ts';
import type { Destination } from './destinations.ts';
import { listDestinations, markFailed, nextTry, revive } from './destinations.ts';
import { nextFree } from './rate.ts';
import type { CardOutcome, SendContext } from './send-card.ts';
import { sendCard } from './send-card.ts';
import { setAside } from './set-aside.ts';
import { wakeLater } from './wake-later.ts';

export interface DeliverContext extends SendContext {
  readonly queue: Queue;
  readonly log: Log;
  /** Gives numbers from 0 up to but not including 1. */
  readonly random: () => number;
  /** Has the alerts that stand on a card told to a conversation by another one: the card is lost. */
  readonly tellAnew: (card: string, destination: string) => Promise<void>;
}

/** Teams itself may be down for hours: a conversation is given up only after a whole day of busy answers. */
const GIVE_UP_MS = 24 * 3_600_000;
const BASE_DELAY_MS = 2_000;
const MAX_DELAY_MS = 15 * 60_000;
/** Whatever Teams asks for, it is tried again after this. */
const MAX_ASKED_MS = 3_600_000;

/**
 * Sends everything that is due, to each destination in order. Anybody may call it at any time.
 * @returns how many destinations failed, or can be posted to again
 */
export async function deliver(ctx: DeliverContext): Promise<number> {
  const destinations = new Map(
    (await listDestinations(ctx.chat, (error) => ctx.log.error('conversation cannot be read', { error }))).map(
      (destination) => [destination.key, destination],
    ),
  );
  const blocked = new Set<string>();
  let turned = 0;
  let nextDue = Number.POSITIVE_INFINITY;
  for await (const row of alertRows(ctx.alerts, NOTIFICATION)) {
    const waiting = await readWaiting(ctx, row);
    if (!waiting || blocked.has(waiting.destination)) continue;
    const key = waiting.destination;
    const destination = destinations.get(key);
    const due = Math.max(dueBy(waiting, ctx.clock.now()), destination ? nextTry(destination) : 0);
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
  if (nextDue < Number.POSITIVE_INFINITY) await wakeLater(ctx, nextDue);
  return turned;
}

/** What waits for longer than anybody lets it wait was postponed by a clock that went wrong. */
const dueBy = ({ dueAt }: Waiting, now: Date): number =>
  dueAt.getTime() > now.getTime() + MAX_ASKED_MS ? now.getTime() : dueAt.getTime();

/** One that cannot be read is set aside: it must not hold up what waits behind it, and the alerts of its card are told by another one. */
async function readWaiting(ctx: DeliverContext, row: StoredRow): Promise<Waiting | undefined> {
  try {
    return toWaiting(row);
  } catch (error) {
    if (!(error instanceof StoredRowError)) throw error;
    ctx.log.error('notification cannot be read', { notification: row.rowKey, error });
    const { card, destination } = row;
    const known = typeof card === 'string' && typeof destination === 'string' ? { card, destination } : undefined;
    await setAside(ctx.alerts, { card: row.rowKey, destination: '', ...known, why: error.message }, ctx.clock.now());
    if (known) await ctx.tellAnew(known.card, known.destination);
    await ctx.alerts.delete(ALERTS_PARTITION, row.rowKey, row.etag);
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
  const taken = waiting.claimed ? endOfClaim(ctx.alerts, row, now) : now;
  if (taken > now) return taken;
  const free = await nextFree(ctx.chat, destination.key, now);
  if (free > now) return free;
  const { claimed: _claimed, ...unclaimed } = waiting;
  const tried = { ...unclaimed, attempts: waiting.attempts + 1 };
  const claim = { ...row, ...notificationRow.write({ ...tried, claimed: true }) };
  if ((await ctx.alerts.replace(claim, row.etag)) === 'stale') return now + LOST_CLAIM_MS;
  return settle(ctx, row, tried, destination, await sendCard(ctx, waiting, destination));
}

/** Somebody else has just claimed it: their send takes a moment. */
const LOST_CLAIM_MS = 5_000;

/** @param tried the notification as it is to stand when it waits for another try */
async function settle(
  ctx: DeliverContext,
  { rowKey }: StoredRow,
  tried: Waiting,
  destination: Destination,
  outcome: CardOutcome,
): Promise<Outcome> {
  const { card, scanId, attempts } = tried;
  const fields = { card, scanId, destination: destination.key, attempts };
  const now = ctx.clock.now();
  const wait = async (next: Waiting): Promise<number> => {
    await ctx.alerts.upsert({ partitionKey: ALERTS_PARTITION, rowKey, ...notificationRow.write(next) });
    return next.dueAt.getTime();
  };
  switch (outcome.status) {
    case 'unreadable':
    case 'refused':
      ctx.log.error('notification set aside', { ...fields, error: outcome.message });
      await setAside(ctx.alerts, { card, destination: destination.key, why: outcome.message }, now);
      if (outcome.status === 'unreadable') await ctx.tellAnew(card, destination.key);
      break;
    case 'smaller':
      ctx.log.warn('card refused, a smaller one follows', { ...fields, error: outcome.message });
      return wait({ ...tried, dueAt: now });
    case 'sent':
      ctx.log.info('notification sent', { ...fields, activity: outcome.activityId });
      break;
    case 'gone':
    case 'retry':
      return postpone(ctx, tried, destination, outcome, fields, wait);
  }
  await ctx.alerts.delete(ALERTS_PARTITION, rowKey);
  if (outcome.status === 'unreadable' || destination.failed === undefined) return 'done';
  return (await revive(ctx.chat, destination.address.conversationId)) ? 'revived' : 'done';
}

/** The conversation cannot take it now, or never: it waits, or is given up. */
async function postpone(
  ctx: DeliverContext,
  tried: Waiting,
  destination: Destination,
  outcome: SendOutcome & { readonly status: 'gone' | 'retry' },
  fields: object,
  wait: (next: Waiting) => Promise<number>,
): Promise<Outcome> {
  const now = ctx.clock.now();
  // Claims of processes that died say nothing about the conversation: only answers count.
  const { busy: busyBefore = 0, busySince = now, ...unhurried } = tried;
  const busy = busyBefore + 1;
  if (outcome.status === 'gone' || now.getTime() - busySince.getTime() >= GIVE_UP_MS) {
    ctx.log.error('destination failed', { ...fields, error: outcome.message });
    await markFailed(ctx.chat, destination, outcome.message, now);
    // It waits for the next try, with what was decided after it.
    await wait({ ...unhurried, dueAt: now });
    return 'failed';
  }
  const backoff = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** (busy - 1)) * (0.5 + ctx.random() / 2);
  const askedMs = Math.min(MAX_ASKED_MS, ((outcome.status === 'retry' && outcome.afterSeconds) || 0) * 1000);
  const dueAt = new Date(now.getTime() + Math.max(backoff, askedMs));
  ctx.log.warn('notification postponed', { ...fields, error: outcome.message, dueAt: dueAt.toISOString() });
  return wait({ ...tried, busy, busySince, dueAt });
}
