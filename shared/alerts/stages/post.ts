// What is due becomes cards: one for each destination, kind and group. From then on an alert stands on its newest card.
import { compareText } from '../../model/finding.ts';
import type { Alert } from '../alert.ts';
import { compareAlerts, sayingOf } from '../alert.ts';
import { itemOf } from '../card.ts';
import { makeCard } from '../make-card.ts';
import type { Due, Outdated, Stage } from './stage.ts';
import { MOST_CARDS } from './stage.ts';

export const post: Stage = (work, input) => {
  const due = [...Map.groupBy(work.dues, cardKey)].toSorted(([a], [b]) => compareText(a, b));
  const posted = due.slice(0, MOST_CARDS).map(([, dues]) => {
    const worstFirst = dues.toSorted((a, b) => compareAlerts(a.alert, b.alert));
    return { card: makeCard(worstFirst, input), dues };
  });
  const told = new Map<Alert, Map<string, string>>();
  for (const { card, dues } of posted)
    for (const { alert, destination } of dues)
      told.set(alert, (told.get(alert) ?? new Map<string, string>()).set(destination, card.id));
  const at = input.now.toISOString();
  return {
    ...work,
    alerts: work.alerts.map((alert) => toldOn(alert, told.get(alert), at)),
    cards: posted.map(({ card }) => card),
    outdated: [...told].flatMap(([alert, on]) => replacedBy(alert, on)),
    more: due.length > posted.length,
  };
};

/** What is new is told before what is told again. */
const cardKey = ({ destination, kind, group }: Due): string =>
  [destination, kind === 'repeat' ? 1 : 0, group].join('\n');

/** @param on the new card by destination */
function toldOn(alert: Alert, on: ReadonlyMap<string, string> | undefined, toldAt: string): Alert {
  if (!on) return alert;
  const saying = sayingOf(alert);
  const now = Object.fromEntries([...on].map(([destination, card]) => [destination, { card, ...saying }]));
  const owed = alert.owed.filter((destination) => !on.has(destination));
  return { ...alert, told: { ...alert.told, ...now }, owed, toldAt };
}

/** @returns what the cards of before should say of an alert that stands on newer ones; one that says it was resolved then is right */
function replacedBy(alert: Alert, on: ReadonlyMap<string, string>): readonly Outdated[] {
  const { event: _event, silence: _silence, ...item } = itemOf(alert);
  return Object.entries(alert.told)
    .filter(([destination, { as }]) => on.has(destination) && as !== 'resolved' && alert.type === 'state')
    .map(([destination, { card }]) => ({ card, destination, item: { ...item, shown: 'repeated' } }));
}
