// When a digest is due to whom, and the cards it becomes.
import { createHash } from 'node:crypto';
import type { Alert } from './alert.ts';
import type { DigestCard } from './card.ts';
import { itemOf } from './card.ts';
import type { AdvanceInput, AlertsState } from './model.ts';
import { compareAlerts } from './notify.ts';
import type { Routing, Target } from './routing.ts';
import { targetsOf } from './routing.ts';
import { digestDate } from './time.ts';

/** Alerts named on a digest. */
const MAX_UNACKNOWLEDGED = 20;

/** @returns the local date of a digest that is due, and who has and has not got it; undefined when everybody has */
export function digestDue(state: Pick<AlertsState, 'digest'>, routing: Routing, targets: readonly Target[], now: Date) {
  const { digest } = routing;
  if (!digest) return undefined;
  const date = digestDate(digest, now);
  // The clock on the wall was put back past the hour.
  if (state.digest && date < state.digest.date) return undefined;
  const told = state.digest?.date === date ? state.digest.told : [];
  // Who subscribed when its hour was past gets the next one.
  const present = targets.filter(({ since }) => since === undefined || digestDate(digest, new Date(since)) < date);
  const owed = targetsOf(digest, present).filter((key) => !told.includes(key));
  return owed.length > 0 ? { date, told, owed, every: digest.every } : undefined;
}

export interface DigestStep {
  readonly told: AlertsState['digest'];
  readonly cards: readonly DigestCard[];
  readonly more: boolean;
}

/** @param room cards that fit beside the others; who is left gets it in the next step */
export function digestOf(state: AlertsState, input: AdvanceInput, alerts: readonly Alert[], room: number): DigestStep {
  const { routing, digest: content, targets, now, scanId, overdue, silences } = input;
  const due = digestDue(state, routing, targets, now);
  // Digests were switched on a moment ago: one whose hour is past today is not made up for.
  if (routing.digest && state.digest === undefined)
    return { told: { date: digestDate(routing.digest, now), told: due?.owed ?? [] }, cards: [], more: false };
  if (!due || !content) return { told: state.digest, cards: [], more: false };
  const { date, told, owed, every } = due;
  const open = alerts
    .filter((alert) => alert.type === 'state' && alert.status === 'firing' && !alert.ack)
    .toSorted(compareAlerts);
  const cards = owed.slice(0, room).map((destination): DigestCard => ({
    id: createHash('sha256').update(`digest\n${date}\n${destination}`).digest('hex').slice(0, 20),
    kind: 'digest',
    destination,
    scanId,
    at: now.toISOString(),
    ...(overdue === undefined ? {} : { overdue }),
    period: every,
    ...content,
    unacknowledged: open.slice(0, MAX_UNACKNOWLEDGED).map(itemOf),
    more: Math.max(0, open.length - MAX_UNACKNOWLEDGED),
    silences: silences.length,
  }));
  const done = cards.map(({ destination }) => destination);
  return { told: { date, told: [...told, ...done] }, cards, more: done.length < owed.length };
}
