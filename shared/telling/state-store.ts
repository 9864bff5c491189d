// Where the alerts are kept: one document cut into rows, replaced in one transaction with the cards and notifications that it brings.
import type { Advanced } from '../alerts/advance.ts';
import type { Alert } from '../alerts/alert.ts';
import type { Card, CardItem } from '../alerts/card.ts';
import type { AlertsState } from '../alerts/model.ts';
import { emptyState } from '../alerts/model.ts';
import type { Row, RowChange, Table } from '../ports.ts';
import { packParts } from '../store/parts.ts';
import { rowsOf } from '../store/rows.ts';
import { untilStored } from '../store/until-stored.ts';
import {
  ALERTS_PARTITION,
  CARD,
  PART,
  STATE,
  cardRow,
  headRow,
  partRow,
  toCardRow,
  toNotificationRow,
} from './alert-rows.ts';

/** As a rule, a thousand alerts are far below what a row holds, and twenty such rows leave room for cards in a transaction. */
const PER_PART = 1_000;
const partKey = (index: number): string => `${PART}${String(index).padStart(3, '0')}`;

export interface ReadState {
  readonly state: AlertsState;
  /** undefined when nothing was ever stored. */
  readonly etag: string | undefined;
  /** The part rows as they are stored: one that does not change is not written. */
  readonly parts: readonly string[];
}

/** @returns the alerts as they are stored, all of one moment @throws when others keep changing them */
export async function readState(table: Table): Promise<ReadState> {
  return untilStored(table, 'the alerts', async () => {
    const row = await table.get(ALERTS_PARTITION, STATE);
    if (!row) return { state: emptyState, etag: undefined, parts: [] };
    const { parts: count, ...head } = headRow.read(row).head;
    const parts: (readonly Alert[])[] = [];
    const range = { partition: ALERTS_PARTITION, rowFrom: PART, rowTo: partKey(count) };
    for await (const part of rowsOf(table, range)) parts.push(partRow.read(part).alerts);
    // The rows change together, but are read one after another: the head tells whether somebody wrote in between.
    const again = await table.get(ALERTS_PARTITION, STATE);
    if (again?.etag !== row.etag) return 'conflict';
    return {
      state: { ...head, alerts: parts.flat() },
      etag: row.etag,
      parts: parts.map((part) => JSON.stringify(part)),
    };
  });
}

/** @returns true when nothing would be written that is not there already */
export const isSame = (read: ReadState, next: Advanced): boolean =>
  next.notifications.length === 0 && JSON.stringify(read.state) === JSON.stringify(next.state);

/**
 * Writes the alerts with their cards and notifications, all or nothing.
 * @returns `conflict` when somebody else wrote since they were read
 */
export async function writeState(
  table: Table,
  read: ReadState,
  next: Advanced,
  now: Date,
): Promise<'committed' | 'conflict'> {
  const { alerts, ...head } = next.state;
  const stored = new Set(read.parts);
  const parts = packParts(alerts, PER_PART, (part) => {
    const json = JSON.stringify(part);
    return { part, json, packed: stored.has(json) ? undefined : partRow.write({ alerts: part }) };
  });
  const row: Row = {
    partitionKey: ALERTS_PARTITION,
    rowKey: STATE,
    ...headRow.write({ head: { ...head, parts: parts.length } }),
  };
  const changes: RowChange[] = [
    read.etag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag: read.etag },
  ];
  const upsert = (changed: Row): number => changes.push({ kind: 'upsert', row: changed });
  for (const [index, { part, json, packed }] of parts.entries())
    if (json !== read.parts[index])
      upsert({
        partitionKey: ALERTS_PARTITION,
        rowKey: partKey(index),
        ...(packed ?? partRow.write({ alerts: part })),
      });
  const version = (card: string): number =>
    next.notifications.find((notification) => notification.card === card)?.seq ?? 0;
  for (const card of next.cards) upsert(toCardRow(card, version(card.id)));
  for (const { card: id, items } of next.updates) {
    const before = await table.get(ALERTS_PARTITION, CARD + id);
    if (before) upsert(toCardRow(withItems(cardRow.read(before).card, items), version(id)));
  }
  for (const notification of next.notifications) upsert(toNotificationRow(notification, now));
  return table.transact(ALERTS_PARTITION, changes);
}

/** @returns the card with these items as they now are; an item that the card left out for lack of room changes nothing */
function withItems(card: Card, items: readonly Omit<CardItem, 'event'>[]): Card {
  if (card.kind === 'digest') return card;
  const changed = new Map(items.map((item) => [item.alertId, item]));
  return {
    ...card,
    items: card.items.map((item) => {
      const now = changed.get(item.alertId);
      return now ? { event: item.event, ...now } : item;
    }),
  };
}
