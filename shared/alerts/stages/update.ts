// Cards that no longer say what is the case are brought up to date, as many as fit beside the new ones; those in a conversation that
// cannot be posted to, when it can be again.
import { compareText } from '../../model/finding.ts';
import type { Alert, Saying, Told } from '../alert.ts';
import { sayingOf } from '../alert.ts';
import { itemOf } from '../card.ts';
import { unreachable } from '../target.ts';
import type { CardUpdate, Stage } from './stage.ts';
import { MOST_CARDS } from './stage.ts';

export const update: Stage = (work, { targets }) => {
  const failed = unreachable(targets);
  const outdated = work.alerts.flatMap(outdatedBy).filter(({ destination }) => !failed.has(destination));
  const wrong = [...Map.groupBy(outdated, ({ card }) => card)].toSorted(([a], [b]) => compareText(a, b));
  const updates = wrong.slice(0, MOST_CARDS - work.cards.length).map(([card, items]) => ({
    card,
    destination: items[0]!.destination,
    items: items.map(({ item }) => item),
  }));
  const right = new Set(updates.map(({ card }) => card));
  return {
    ...work,
    alerts: work.alerts.map((alert) => standingOn(alert, right)),
    updates,
    more: work.more || wrong.length > updates.length,
  };
};

/** An item of a posted card that no longer says what is the case. */
interface Outdated {
  readonly card: string;
  readonly destination: string;
  /** What it should say. */
  readonly item: CardUpdate['items'][number];
}

/** A change that happened is told and over: its cards stay as they are. */
function outdatedBy(alert: Alert): readonly Outdated[] {
  if (alert.type === 'change') return [];
  const now = sayingOf(alert);
  const wrong = Object.entries(alert.told).filter(([, on]) => !says(on, now) || on.before);
  if (wrong.length === 0) return [];
  const { event: _event, ...item } = itemOf(alert);
  const { silence: _silence, ...again } = { ...item, shown: 'repeated' as const };
  return wrong.flatMap(([destination, on]) => [
    ...(on.before ?? []).map((card) => ({ card, destination, item: again })),
    ...(says(on, now) ? [] : [{ card: on.card, destination, item }]),
  ]);
}

const says = (on: Saying, { as, silence }: Saying): boolean => on.as === as && on.silence === silence;

/** @param right cards that are brought up to date now; on the others an alert still stands as before */
function standingOn(alert: Alert, right: ReadonlySet<string>): Alert {
  const saying = sayingOf(alert);
  const changes = (on: Told): boolean =>
    (right.has(on.card) && !says(on, saying)) || (on.before?.some((older) => right.has(older)) ?? false);
  if (right.size === 0 || !Object.values(alert.told).some(changes)) return alert;
  const told = Object.entries(alert.told).map(([key, on]) => {
    const { before: _before, as, silence, ...rest } = on;
    const before = on.before?.filter((card) => !right.has(card)) ?? [];
    const said = right.has(on.card) ? saying : { as, ...(silence === undefined ? {} : { silence }) };
    return [key, { ...rest, ...said, ...(before.length > 0 ? { before } : {}) }] as const;
  });
  return { ...alert, told: Object.fromEntries(told) };
}
