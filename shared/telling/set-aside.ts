// Cards that could not be told and never will be: they hold nobody up, and are counted where people look.
import { z } from 'zod';
import type { Table } from '../ports.ts';
import { columnKind } from '../store/row-kind.ts';
import { ALERTS_PARTITION, SET_ASIDE, alertRows } from './alert-rows.ts';

const setAsideRow = columnKind('Alerts', z.object({ at: z.string(), destination: z.string(), why: z.string() }));
const MAX_WHY_CHARS = 500;

/** Keeps which card it was until the purge. */
export async function setAside(
  table: Table,
  { card, destination, why }: { readonly card: string; readonly destination: string; readonly why: string },
  at: Date,
): Promise<void> {
  const keys = { partitionKey: ALERTS_PARTITION, rowKey: SET_ASIDE + card };
  await table.upsert({
    ...keys,
    ...setAsideRow.write({ at: at.toISOString(), destination, why: why.slice(0, MAX_WHY_CHARS) }),
  });
}

const DAY_MS = 86_400_000;

/** @returns one sentence about the cards that were set aside within a day; empty when none was */
export async function listSetAside(table: Table, now: Date): Promise<readonly string[]> {
  const since = new Date(now.getTime() - DAY_MS).toISOString();
  let count = 0;
  for await (const { at } of alertRows(table, SET_ASIDE, ['at'])) if (typeof at === 'string' && at >= since) count++;
  if (count === 0) return [];
  return [
    `${count === 1 ? 'A card' : `${count} cards`} could not be posted within the last day and never will be: the log says why.`,
  ];
}
