// Where the alerts are kept: one document cut into rows, cards and notifications beside it, all in one partition so that they change together.
import type { Row, RowChange, StoredRow, Table } from '../ports.ts';
import { packBody, unpackBody } from '../store/body.ts';
import type { Alert } from '../alerts/alert.ts';
import type { Card, CardItem } from '../alerts/card.ts';
import type { AlertsState, Notification } from '../alerts/model.ts';
import { emptyState } from '../alerts/model.ts';
import type { Advanced } from '../alerts/advance.ts';

export const ALERTS_PARTITION = 'alerts';
const STATE = 'state';
const PART = 'p~';
const CARD = 'c~';
export const NOTIFICATION = 'n~';
/** A thousand alerts are far below what a row holds, and twenty such rows leave room for cards in a transaction. */
const PER_PART = 1_000;

/** The document without its alerts, which stand in the part rows. */
type Head = Omit<AlertsState, 'alerts'> & { readonly parts: number };

export interface ReadState {
  readonly state: AlertsState;
  readonly etag: string | undefined;
  /** The part rows as they are stored: one that does not change is not written. */
  readonly parts: readonly string[];
}

export async function readState(table: Table): Promise<ReadState> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const row = await table.get(ALERTS_PARTITION, STATE);
    if (!row) return { state: emptyState, etag: undefined, parts: [] };
    const { parts: count, ...head } = unpackBody<Head>(row);
    const parts: (readonly Alert[])[] = [];
    for await (const page of table.pages({ partition: ALERTS_PARTITION, rowFrom: PART, rowTo: partKey(count) }))
      for (const part of page) parts.push(unpackBody<Alert[]>(part));
    // The rows change together, but are read one after another: the head tells whether somebody wrote in between.
    const again = await table.get(ALERTS_PARTITION, STATE);
    if (again?.etag !== row.etag) continue;
    return {
      state: { ...head, alerts: parts.flat() },
      etag: row.etag,
      parts: parts.map((part) => JSON.stringify(part)),
    };
  }
  throw new Error('The alerts are changed by others all the time');
}

const partKey = (index: number): string => `${PART}${String(index).padStart(3, '0')}`;

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
  const parts = Array.from({ length: Math.ceil(alerts.length / PER_PART) }, (_, index) =>
    alerts.slice(index * PER_PART, (index + 1) * PER_PART),
  );
  const stateRow: Row = {
    partitionKey: ALERTS_PARTITION,
    rowKey: STATE,
    ...packBody({ ...head, parts: parts.length } satisfies Head),
  };
  const changes: RowChange[] = [
    read.etag === undefined ? { kind: 'insert', row: stateRow } : { kind: 'replace', row: stateRow, etag: read.etag },
  ];
  for (const [index, part] of parts.entries())
    if (JSON.stringify(part) !== read.parts[index])
      changes.push({
        kind: 'upsert',
        row: { partitionKey: ALERTS_PARTITION, rowKey: partKey(index), ...packBody(part) },
      });
  const version = (card: string): number =>
    next.notifications.find((notification) => notification.card === card)?.seq ?? 0;
  for (const card of next.cards) changes.push({ kind: 'upsert', row: cardRow(card, version(card.id)) });
  for (const { card: id, items } of next.updates) {
    const row = await table.get(ALERTS_PARTITION, CARD + id);
    if (row) changes.push({ kind: 'upsert', row: cardRow(withItems(unpackBody<Card>(row), items), version(id)) });
  }
  for (const notification of next.notifications)
    changes.push({ kind: 'upsert', row: notificationRow(notification, now) });
  return table.transact(ALERTS_PARTITION, changes);
}

const cardRow = (card: Card, version: number): Row => ({
  partitionKey: ALERTS_PARTITION,
  rowKey: CARD + card.id,
  at: card.at,
  version,
  ...packBody(card),
});

const notificationRow = ({ seq, card, destination, mode, scanId }: Notification, now: Date): Row => ({
  partitionKey: ALERTS_PARTITION,
  rowKey: `${NOTIFICATION}${String(seq).padStart(12, '0')}`,
  schema: 1,
  card,
  destination,
  mode,
  scanId,
  attempts: 0,
  dueAt: now.toISOString(),
});

/** @returns the card with these items as they stand now; an item that the card left out for want of room changes nothing */
export function withItems(card: Card, items: readonly Pick<CardItem, 'alertId' | 'shown' | 'at' | 'by'>[]): Card {
  if (card.kind === 'digest') return card;
  const changed = new Map(items.map((item) => [item.alertId, item]));
  return {
    ...card,
    items: card.items.map((item) => {
      const now = changed.get(item.alertId);
      if (!now) return item;
      const { by: _by, ...kept } = item;
      return { ...kept, ...now };
    }),
  };
}

export const toNotification = (row: StoredRow): Notification => ({
  seq: Number(row.rowKey.slice(NOTIFICATION.length)),
  card: row['card'] as string,
  destination: row['destination'] as string,
  mode: row['mode'] as Notification['mode'],
  scanId: row['scanId'] as string,
});

/** @returns a card with the number of its last change; undefined when it was purged */
export async function readCard(table: Table, id: string): Promise<{ card: Card; version: number } | undefined> {
  const row = await table.get(ALERTS_PARTITION, CARD + id);
  return row && { card: unpackBody<Card>(row), version: row['version'] as number };
}

const POSTED = 'a~';

/** Where a card stands in Teams, and which change of it. */
export interface Posted {
  readonly activityId: string;
  readonly version: number;
}

export async function readPosted(table: Table, card: string): Promise<Posted | undefined> {
  const row = await table.get(ALERTS_PARTITION, POSTED + card);
  return row && { activityId: row['activityId'] as string, version: row['version'] as number };
}

export async function writePosted(table: Table, card: string, posted: Posted, at: Date): Promise<void> {
  const keys = { partitionKey: ALERTS_PARTITION, rowKey: POSTED + card };
  await table.upsert({ ...keys, schema: 1, at: at.toISOString(), ...posted });
}

/** Deletes cards written before a moment, but for those that alerts still stand on: they are to be brought up to date yet. */
export async function purgeCards(table: Table, before: Date): Promise<void> {
  const { state } = await readState(table);
  const needed = new Set(state.alerts.flatMap(({ told }) => Object.values(told).map(({ card }) => card)));
  for (const prefix of [CARD, POSTED])
    for await (const page of table.pages({
      partition: ALERTS_PARTITION,
      rowFrom: prefix,
      rowTo: `${prefix.slice(0, -1)}\u007f`,
    }))
      for (const row of page)
        if ((row['at'] as string) < before.toISOString() && !needed.has(row.rowKey.slice(prefix.length)))
          await table.delete(ALERTS_PARTITION, row.rowKey);
}
