// Sending one card: in the words that hold now, in its place where it stands already, and smaller where Teams refuses it.
import type { CardMessage, Chat, Clock, SendOutcome, Table } from '../ports.ts';
import type { Card } from '../alerts/card.ts';
import { smaller } from '../alerts/shrink.ts';
import { StoredRowError } from '../store/body.ts';
import type { Waiting } from './alert-rows.ts';
import { toCardRow } from './alert-rows.ts';
import type { StoredCard } from './card-store.ts';
import { readCard, readPosted, writePosted } from './card-store.ts';
import type { Destination } from './destinations.ts';
import { countSend } from './rate.ts';
import { inPresentWords } from './renew-card.ts';

export interface SendContext {
  readonly alerts: Table;
  readonly chat: Table;
  readonly results: Table;
  readonly send: Chat;
  readonly render: (card: Card) => CardMessage;
  readonly clock: Clock;
}

/** `unreadable`: its row is damaged or of a newer version. `smaller`: it was refused, and a smaller one now waits in its place. */
export type CardOutcome = SendOutcome | { readonly status: 'unreadable' | 'smaller'; readonly message: string };

/** What is told within this time was renewed when it was decided. */
const FRESH_MS = 60_000;

/** Posts a card, or brings it up to date where it stands; posts it again where that is not possible. */
export async function sendCard(
  ctx: SendContext,
  { card: id, mode, seq }: Waiting,
  destination: Destination,
): Promise<CardOutcome> {
  try {
    const found = await readCard(ctx.alerts, id);
    if (!found) return { status: 'refused', message: 'The card was purged before it could be sent' };
    const posted = await readPosted(ctx.alerts, id);
    // A process died between sending and striking off: what stands there is this version or a later one.
    if (posted && posted.version >= seq) return { status: 'sent', activityId: posted.activityId };
    // Without an id there is nothing to update.
    const where = mode === 'update' && posted?.activityId ? posted.activityId : undefined;
    const card = await renewed(ctx, found);
    const outcome = await sendTo(ctx, destination, card, found.version, where);
    return outcome.status === 'refused' ? await shrink(ctx, card, found.version, outcome) : outcome;
  } catch (error) {
    if (error instanceof StoredRowError) return { status: 'unreadable', message: error.message };
    throw error;
  }
}

/** @param where the activity that is to be replaced; without one, the card is posted */
async function sendTo(
  ctx: SendContext,
  destination: Destination,
  card: Card,
  version: number,
  where: string | undefined,
): Promise<SendOutcome> {
  // Counted first: nothing may come between a post and the note that it was posted.
  await countSend(ctx.chat, destination.key, ctx.clock.now().getTime());
  const message = ctx.render(card);
  const outcome = await (where === undefined
    ? ctx.send.post(destination.address, message)
    : ctx.send.update(destination.address, where, message));
  if (outcome.status === 'sent')
    await writePosted(ctx.alerts, card.id, { activityId: outcome.activityId, version }, ctx.clock.now());
  if (outcome.status === 'gone' && where !== undefined) return sendTo(ctx, destination, card, version, undefined);
  return outcome;
}

/** A card that waited, or that stands for long, is told in the words of the newest results, and kept so. */
async function renewed(ctx: SendContext, found: StoredCard): Promise<Card> {
  if (ctx.clock.now().getTime() - Date.parse(found.card.at) < FRESH_MS) return found.card;
  const card = await inPresentWords(ctx.results, found.card);
  // Should it have changed meanwhile, an update follows.
  if (card !== found.card) await ctx.alerts.replace(toCardRow(card, found.version), found.etag);
  return card;
}

async function shrink(
  ctx: SendContext,
  card: Card,
  version: number,
  refused: SendOutcome & { readonly status: 'refused' },
): Promise<CardOutcome> {
  const next = smaller(card);
  if (!next) return refused;
  const stored = await readCard(ctx.alerts, card.id);
  if (stored?.version === version) await ctx.alerts.replace(toCardRow(next, version), stored.etag);
  return { status: 'smaller', message: refused.message };
}
