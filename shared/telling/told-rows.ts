// What a step tells, as rows: its new cards, its posted cards as they should now be, and a notification for each.
import type { Advanced } from '../alerts/advance.ts';
import type { Card, CardItem } from '../alerts/card.ts';
import { alertId } from '../alerts/lifecycle.ts';
import type { Row, Table } from '../ports.ts';
import { toCardRow, toNotificationRow } from './alert-rows.ts';
import { readCard } from './card-store.ts';
import { ifReadable } from './if-readable.ts';

/** @returns the rows; a posted card that was purged or cannot be read gets none: whoever delivers its notification sets it aside */
export async function toldRows(
  table: Table,
  { cards, updates, notifications }: Pick<Advanced, 'cards' | 'updates' | 'notifications'>,
  now: Date,
): Promise<readonly Row[]> {
  const version = new Map(notifications.map(({ card, seq }) => [card, seq]));
  const updated = await Promise.all(
    updates.map(async ({ card: id, items }) => {
      const before = await ifReadable(readCard(table, id));
      return before ? [toCardRow(withItems(before.card, items), version.get(id) ?? 0)] : [];
    }),
  );
  return [
    ...cards.map((card) => toCardRow(card, version.get(card.id) ?? 0)),
    ...updated.flat(),
    ...notifications.map((notification) => toNotificationRow(notification, now)),
  ];
}

/** @returns the card with these items as they now are; an item that the card left out for lack of room changes nothing */
function withItems(card: Card, items: readonly Omit<CardItem, 'event'>[]): Card {
  if (card.kind === 'digest') return card;
  const changed = new Map(items.map((item) => [item.alertId, item]));
  return {
    ...card,
    items: card.items.map((item) => {
      // Older versions gave other ids.
      const now = changed.get(item.alertId) ?? changed.get(alertId(item.event));
      const event = { ...item.event, tags: {} };
      return now ? { event, ...now } : { ...item, event };
    }),
  };
}
