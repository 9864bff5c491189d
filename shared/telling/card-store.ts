// Cards as they were decided, and where each stands in Teams.
import type { Card } from '../alerts/card.ts';
import type { Table } from '../ports.ts';
import type { Posted } from './alert-rows.ts';
import {
  ALERTS_PARTITION,
  CARD,
  NOTIFICATION,
  POSTED,
  SET_ASIDE,
  alertRows,
  cardRow,
  postedRow,
} from './alert-rows.ts';
import { purgeParts, readState } from './state-store.ts';

/** @returns a card with the number of its last change; undefined when it was purged @throws StoredRowError when its row is damaged or of a newer version */
export async function readCard(table: Table, id: string): Promise<StoredCard | undefined> {
  const row = await table.get(ALERTS_PARTITION, CARD + id);
  return row && { ...cardRow.read(row), etag: row.etag };
}

export interface StoredCard {
  readonly card: Card;
  readonly version: number;
  readonly etag: string;
}

/** @returns where a card stands; undefined when it was never posted */
export async function readPosted(table: Table, card: string): Promise<Posted | undefined> {
  const row = await table.get(ALERTS_PARTITION, POSTED + card);
  return row && postedRow.read(row);
}

export async function writePosted(table: Table, card: string, posted: Omit<Posted, 'at'>, at: Date): Promise<void> {
  const keys = { partitionKey: ALERTS_PARTITION, rowKey: POSTED + card };
  await table.upsert({ ...keys, ...postedRow.write({ at: at.toISOString(), ...posted }) });
}

/** Deletes cards written before a moment, except those that wait to be sent and those that alerts still stand on: they have yet to be brought up to date. */
export async function purgeCards(table: Table, before: Date): Promise<void> {
  await purgeParts(table);
  const { state } = await readState(table);
  const needed = new Set(
    state.alerts.flatMap(({ told }) => Object.values(told).flatMap((on) => [on.card, ...(on.before ?? [])])),
  );
  for await (const { card } of alertRows(table, NOTIFICATION)) if (typeof card === 'string') needed.add(card);
  for (const prefix of [CARD, POSTED, SET_ASIDE])
    for await (const { rowKey, at } of alertRows(table, prefix, ['at']))
      // One whose date cannot be read has no other end.
      if (!(typeof at === 'string' && at >= before.toISOString()) && !needed.has(rowKey.slice(prefix.length)))
        await table.delete(ALERTS_PARTITION, rowKey);
}
