// A card that was refused, made smaller: Teams says that it is too large, but not how large it may be.
import type { Card, CardItem } from './card.ts';

/** @returns the card with half of its alerts, the worst, and the rest counted; one alert in fewer words; undefined when nothing can be left out */
export function smaller(card: Card): Card | undefined {
  const items = card.kind === 'digest' ? card.unacknowledged : card.items;
  const kept = items.length > 1 ? items.slice(0, Math.floor(items.length / 2)) : items.map(inFewWords);
  if (items.every((item, index) => item === kept[index])) return undefined;
  const more = card.more + items.length - kept.length;
  return card.kind === 'digest' ? { ...card, unacknowledged: kept, more } : { ...card, items: kept, more };
}

function inFewWords(item: CardItem): CardItem {
  const { remediation, detail, ...event } = item.event;
  return detail === '' && remediation === undefined ? item : { ...item, event: { ...event, detail: '' } };
}
