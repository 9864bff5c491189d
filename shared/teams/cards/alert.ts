// The card of an alert group: one clear headline, each alert with its state, and buttons to act.
import type { AlertsCard, Card } from '../../alerts/card.ts';
import { isOwn } from '../../alerts/alert.ts';
import type { CardMessage } from '../../ports.ts';
import { alertActions } from './parts/alert-actions.ts';
import { headElements, headlineOf, isOpen, isOver, itemLine, stateLine } from './parts/alert-words.ts';
import { digestCard } from './digest.ts';
import type { Element } from './parts/elements.ts';
import { card, warned } from './parts/card.ts';
import { text } from './parts/elements.ts';
import { moment } from './parts/words.ts';
import { eventBlock, isFirstRemedy } from './parts/event.ts';
import { stormCard } from './storm.ts';

/** This many alerts are shown in full, then this many on one line each; the rest are counted. */
const IN_FULL = 5;
const IN_LINE = 20;

/** @param now for ages @returns what is posted for a card, whatever its kind: plain text only, and small enough for Teams */
export function alertCard(content: Card, now: Date): CardMessage {
  return warned(render(content, now), content.overdue, content.failed);
}

function render(content: Card, now: Date): CardMessage {
  switch (content.kind) {
    case 'alerts':
    case 'repeat':
      return groupCard(content, now);
    case 'storm':
      return stormCard(content);
    case 'digest':
      return digestCard(content, now);
  }
}

function groupCard(content: AlertsCard, now: Date): CardMessage {
  const { items, more, group } = content;
  const headline = headlineOf(content, now);
  const total = items.length + more;
  const events = items.map(({ event }) => event);
  const rest = more + Math.max(0, items.length - IN_FULL - IN_LINE);
  const body: Element[] = [
    ...headElements(headline, [group, seenBy(content)]),
    ...items.slice(0, IN_FULL).map((item, index) =>
      eventBlock({
        event: item.event,
        state: stateLine(item),
        withTitle: total > 1,
        withRemedy: isOpen(item) && !isOver(items) && isFirstRemedy(events, index),
        ...(item.shown === 'happened' ? {} : { alertId: item.alertId }),
      }),
    ),
    ...items.slice(IN_FULL, IN_FULL + IN_LINE).map(itemLine),
    ...(rest > 0 ? [text(`and ${rest} more: type “alerts” to see them`, { subtle: true })] : []),
  ];
  return card(headline.text, body, alertActions(items));
}

function seenBy({ items, at }: AlertsCard): string {
  const event = items[0]?.event;
  return !event || isOwn(event) ? moment(at) : `Seen by the scan of ${moment(event.at)}`;
}
