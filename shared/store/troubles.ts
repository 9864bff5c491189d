// What went wrong beside the scans, for whoever asks how Bulkhead is: one row for each kind of trouble, however often it happens.
import { z } from 'zod';
import type { Table } from '../ports.ts';
import { columnKind, moment } from './row-kind.ts';
import { rowsOf } from './rows.ts';
import { storeRow, untilStored } from './until-stored.ts';

const PARTITION = 'trouble';
const troubleRow = columnKind(
  'Scans',
  z.object({
    /** When it last happened. */
    at: moment,
    /** How often, since it had last been absent for a day. */
    count: z.number(),
    detail: z.string(),
  }),
);

export interface Trouble {
  /** One of a few names, as a key: `queue-deliver`. */
  readonly what: string;
  readonly at: Date;
  readonly count: number;
  /** A word or a figure, never a text of somebody else. */
  readonly detail: string;
}

/** What has not happened for this long is over. */
const OVER_MS = 24 * 3_600_000;

/** Writes down that something happened. @throws when storage fails */
export async function noteTrouble(table: Table, { what, at, detail }: Omit<Trouble, 'count'>): Promise<void> {
  await untilStored(table, `the trouble ${what}`, async () => {
    const row = await table.get(PARTITION, what);
    const before = row && troubleRow.read(row);
    const count = before && at.getTime() - before.at.getTime() < OVER_MS ? before.count + 1 : 1;
    return storeRow(table, { partitionKey: PARTITION, rowKey: what, ...troubleRow.write({ at, count, detail }) }, row);
  });
}

/** @returns what happened within the last day */
export async function listTroubles(table: Table, now: Date): Promise<readonly Trouble[]> {
  const found: Trouble[] = [];
  for await (const row of rowsOf(table, { partition: PARTITION })) {
    const trouble = troubleRow.read(row);
    if (now.getTime() - trouble.at.getTime() < OVER_MS) found.push({ what: row.rowKey, ...trouble });
  }
  return found;
}
