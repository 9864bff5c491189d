// Cards that no longer say what is the case are brought up to date, as many as fit beside the new ones; those in a conversation that
// cannot be posted to, when it can be again.
import { compareText } from '../../model/finding.ts';
import type { Alert } from '../alert.ts';
import { sayingOf } from '../alert.ts';
import { itemOf } from '../card.ts';
import { unreachable } from '../target.ts';
import type { Outdated, Stage } from './stage.ts';
import { MOST_CARDS } from './stage.ts';

export const update: Stage = (work, { targets }) => {
  const failed = unreachable(targets);
  const outdated = [...work.outdated, ...work.alerts.flatMap(outdatedBy)].filter(
    ({ destination }) => !failed.has(destination),
  );
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

/** A change that happened is told and over: its cards stay as they are. */
function outdatedBy(alert: Alert): readonly Outdated[] {
  if (alert.type === 'change') return [];
  const now = sayingOf(alert);
  const { event: _event, ...item } = itemOf(alert);
  return Object.entries(alert.told)
    .filter(([, { as, silence }]) => as !== now.as || silence !== now.silence)
    .map(([destination, { card }]) => ({ card, destination, item }));
}

/** @param right cards that are brought up to date now; on the others an alert still stands as before */
function standingOn(alert: Alert, right: ReadonlySet<string>): Alert {
  if (right.size === 0) return alert;
  const saying = sayingOf(alert);
  const told = Object.entries(alert.told).map(
    ([key, on]) => [key, right.has(on.card) ? { card: on.card, ...saying } : on] as const,
  );
  return { ...alert, told: Object.fromEntries(told) };
}
