// The digest: when it is due, to whom, and the cards it becomes.
import { compareAlerts } from '../alert.ts';
import type { DigestCard } from '../card.ts';
import { itemsOf } from '../card.ts';
import { cardId } from '../make-card.ts';
import type { AdvanceInput, AlertsState } from '../model.ts';
import type { Routing } from '../routing.ts';
import { targetsOf } from '../routing.ts';
import type { Target } from '../target.ts';
import { failedSentence, isReachable } from '../target.ts';
import { digestDate } from '../time.ts';
import type { Stage, Work } from './stage.ts';
import { MOST_CARDS } from './stage.ts';

/** Alerts named on a digest. */
const MAX_UNACKNOWLEDGED = 20;

/**
 * @returns the local date of a digest that is due, who has it already and who has yet to get it; undefined when nobody is
 * waiting for one
 */
export function digestDue(state: Pick<AlertsState, 'digest'>, routing: Routing, targets: readonly Target[], now: Date) {
  const { digest } = routing;
  if (!digest) return undefined;
  const date = digestDate(digest, now);
  // The clock on the wall was put back past the hour.
  if (state.digest && date < state.digest.date) return undefined;
  const told = state.digest?.date === date ? state.digest.told : [];
  // Whoever subscribed after its hour gets the next one.
  const present = targets
    .filter(isReachable)
    .filter(({ since }) => since === undefined || digestDate(digest, new Date(since)) < date);
  const owed = targetsOf(digest, present).filter((key) => !told.includes(key));
  return owed.length > 0 ? { date, told, owed, every: digest.every } : undefined;
}

/** As many as fit beside the other cards; the rest follow in the next step. */
export const digest: Stage = (work, input) => {
  const { routing, targets, now } = input;
  const due = digestDue(work, routing, targets, now);
  // Digests were switched on just now: one whose hour has passed today is not made up for.
  if (routing.digest && work.digest === undefined)
    return { ...work, digest: { date: digestDate(routing.digest, now), told: due?.owed ?? [] } };
  if (!due || !input.digest) return work;
  const room = MOST_CARDS - work.cards.length - work.updates.length;
  const content = contentOf(work, input, input.digest);
  const reached = due.owed.slice(0, room);
  const cards = reached.map((destination): DigestCard => ({
    ...content,
    id: cardId('digest', due.date, destination),
    destination,
    period: due.every,
  }));
  return {
    ...work,
    cards: [...work.cards, ...cards],
    digest: { date: due.date, told: [...due.told, ...reached] },
    more: work.more || reached.length < due.owed.length,
  };
};

function contentOf(work: Work, input: AdvanceInput, content: NonNullable<AdvanceInput['digest']>) {
  const { scanId, now, overdue, silences, targets } = input;
  const failed = failedSentence(targets);
  const open = work.alerts
    .filter(({ type, status, ack }) => type === 'state' && status === 'firing' && !ack)
    .toSorted(compareAlerts);
  const named = itemsOf(open, MAX_UNACKNOWLEDGED);
  return {
    kind: 'digest' as const,
    scanId,
    at: now.toISOString(),
    ...(overdue === undefined ? {} : { overdue }),
    ...(failed === undefined ? {} : { failed }),
    ...content,
    unacknowledged: named.items,
    more: named.more,
    silences: silences.length,
  };
}
