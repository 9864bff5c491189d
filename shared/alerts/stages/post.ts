// What is due becomes cards: one for each destination, kind and group. From then on an alert stands on its newest card.
import { compareText } from '../../model/finding.ts';
import type { Alert, Told } from '../alert.ts';
import { compareAlerts, sayingOf } from '../alert.ts';
import { makeCard } from '../make-card.ts';
import type { Due, Stage } from './stage.ts';
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
    more: due.length > posted.length,
  };
};

/** What is new is told before what is told again. */
const cardKey = ({ destination, kind, group }: Due): string =>
  [destination, kind === 'repeat' ? 1 : 0, group].join('\n');

/** An alert is told again at most once an hour or so, and its older cards follow within minutes. */
const MOST_BEFORE = 10;

/** @param on the new card by destination */
function toldOn(alert: Alert, on: ReadonlyMap<string, string> | undefined, at: string): Alert {
  if (!on) return alert;
  const saying = sayingOf(alert);
  const now = [...on].map(([destination, card]): [string, Told] => {
    const before = cardsBefore(alert, destination);
    return [destination, { card, at, ...saying, ...(before.length > 0 ? { before } : {}) }];
  });
  const owed = alert.owed.filter((destination) => !on.has(destination));
  return { ...alert, told: { ...alert.told, ...Object.fromEntries(now) }, owed, toldAt: at };
}

/** @returns the cards that are to say that it was told again; one that says it was resolved then is right */
function cardsBefore({ type, told }: Alert, destination: string): readonly string[] {
  const on = told[destination];
  if (!on || type === 'change') return [];
  return [...(on.before ?? []), ...(on.as === 'resolved' ? [] : [on.card])].slice(-MOST_BEFORE);
}
