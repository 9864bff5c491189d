// Snapshots of the fleet: one small row at the close of every scan, newest first, which says how things stood and from which rows the lines of the fleet are read.
import { z } from 'zod';
import type { Fleet } from '../model/fleet.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { RowRange, StoredRow, Table } from '../ports.ts';
import { deleteRows } from './delete-rows.ts';
import type { ContentRefs, FleetContent, KnownContent } from './fleet-content.ts';
import { purgeContent, readContent, writeContent } from './fleet-content.ts';
import { bodyKind, columnKind, json } from './row-kind.ts';
import { firstRow, rowsOf, storedBy } from './rows.ts';

export type FleetHead = Omit<Fleet, keyof FleetContent | 'missing'>;

const FLEET = 'fleet';
const headRow = columnKind(
  'Fleet',
  z.object({
    /** Before `missingCount` was kept, the whole list of what is missing was in it. */
    head: json<Omit<FleetHead, 'missingCount'> & { missingCount?: number; missing?: readonly string[] }>(),
    /** It has outlived its time, and stays only because a later close refers to its content. Only in rows of an older layout. */
    purged: z.boolean().exactOptional(),
  }),
);
const contentColumn = columnKind(
  'Fleet',
  z.object({
    content: json<ContentRefs>().exactOptional(),
    /** In rows of an older layout, instead: the row that holds all lines as its body, which may be this one. */
    contentKey: z.string().exactOptional(),
  }),
);
const HEAD_COLUMNS = ['head', 'purged'];
const CONTENT_COLUMNS = ['content', 'contentKey', 'purged'];
/** The body, apart from the columns: a list of sentences in any script may be longer than a column holds. */
const missingBody = bodyKind('Fleet', z.object({ missing: z.custom<readonly string[]>() }));
const oldBody = bodyKind('Fleet', z.object({ content: z.custom<FleetContent>() }));

/**
 * Stores the snapshot of a close: its content first, so that whatever is found can be read.
 * @returns `exists` when the scan was closed already
 */
export async function insertFleet(table: Table, fleet: Fleet): Promise<'inserted' | 'exists'> {
  const { clusters, subscriptions, missing, ...head } = fleet;
  const at = new Date(fleet.at);
  const rowKey = reverseTimeKey(at);
  const closed = await newestRow(table, at, CONTENT_COLUMNS);
  if (closed?.rowKey === rowKey) return 'exists';
  const before = closed && contentColumn.read(closed).content;
  const content = await writeContent(table, at, { clusters, subscriptions }, before);
  const columns = { ...headRow.write({ head }), ...contentColumn.write({ content }) };
  return table.insert({ partitionKey: FLEET, rowKey, ...columns, ...missingBody.write({ missing }) });
}

const newestRow = (table: Table, until?: Date, columns?: readonly string[]): Promise<StoredRow | undefined> => {
  const range: RowRange = { partition: FLEET, rowFrom: until ? reverseTimeKey(until) : '' };
  return firstRow(table, columns ? { ...range, columns } : range);
};

function headOf(row: StoredRow): FleetHead {
  const { missing, missingCount = missing?.length ?? 0, ...head } = headRow.read(row).head;
  return { ...head, missingCount };
}

/** The closes that had happened by a moment and are not purged, newest scan first. */
async function* closesBy(table: Table, moment: Date): AsyncGenerator<StoredRow> {
  const range = { partition: FLEET, rowFrom: reverseTimeKey(moment), columns: HEAD_COLUMNS };
  const closedAt = (row: StoredRow): Date => new Date(headOf(row).closedAt);
  for await (const row of storedBy(table, range, moment, closedAt)) if (!headRow.read(row).purged) yield row;
}

interface ReadFleet {
  readonly fleet: Fleet;
  readonly known?: KnownContent;
}

/** @param before a fleet read earlier: of a later one only what has changed since is read */
async function toFleet(table: Table, row: StoredRow, before?: KnownContent): Promise<ReadFleet> {
  const { content: refs, contentKey } = contentColumn.read(row);
  if (refs) {
    const { content, ...known } = await readContent(table, refs, before);
    return { fleet: { ...headOf(row), ...missingBody.read(row), ...content }, known };
  }
  const holder = contentKey === row.rowKey ? row : await table.get(FLEET, contentKey ?? '');
  if (!holder) throw new Error(`The fleet of ${row.rowKey} refers to content that is gone: ${contentKey}`);
  const { missing = [] } = headRow.read(row).head;
  return { fleet: { ...headOf(row), missing, ...oldBody.read(holder).content } };
}

/** @returns the fleet at the newest close, or at the newest close not after `until` */
export async function readFleet(table: Table, until?: Date): Promise<Fleet | undefined> {
  const row = await newestRow(table, until);
  return row && (await toFleet(table, row)).fleet;
}

/** @returns the fleet as it was known at a moment: from the newest scan that had closed by then */
export async function readKnownFleet(table: Table, asOf: Date): Promise<Fleet | undefined> {
  for await (const { rowKey } of closesBy(table, asOf)) {
    const row = await table.get(FLEET, rowKey);
    if (row) return (await toFleet(table, row)).fleet;
  }
  return undefined;
}

/** A reader that keeps the newest fleet in memory, asks only whether there is a newer one, and then reads what has changed. */
export function cachedFleet(table: Table): () => Promise<Fleet | undefined> {
  let cached: { readonly rowKey: string; readonly reading: Promise<ReadFleet> } | undefined;
  const readNewest = async (rowKey: string, before: Promise<ReadFleet> | undefined): Promise<ReadFleet> => {
    const row = await table.get(FLEET, rowKey);
    if (!row) throw new Error(`The newest fleet, ${rowKey}, is gone`);
    return toFleet(table, row, (await before?.catch(() => undefined))?.known);
  };
  return async () => {
    const newest = await newestRow(table, undefined, []);
    if (!newest) return undefined;
    if (cached?.rowKey !== newest.rowKey) {
      // Whoever asks in the meantime awaits the same reading.
      const next = { rowKey: newest.rowKey, reading: readNewest(newest.rowKey, cached?.reading) };
      cached = next;
      next.reading.catch(() => cached === next && (cached = undefined));
    }
    return (await cached.reading).fleet;
  };
}

/** The closes between two moments, newest first, without their clusters. */
export async function* readTrend(table: Table, from: Date, to: Date): AsyncGenerator<FleetHead> {
  for await (const row of closesBy(table, to)) {
    const head = headOf(row);
    if (Date.parse(head.closedAt) < from.getTime()) return;
    yield head;
  }
}

/** @returns the last close before a moment, without its clusters */
export async function readCloseBefore(table: Table, moment: Date): Promise<FleetHead | undefined> {
  for await (const row of closesBy(table, new Date(moment.getTime() - 1))) return headOf(row);
  return undefined;
}

/** Purges the snapshots from before a moment, except what was known at that moment, and the content that no snapshot needs any more. */
export async function purgeSnapshots(table: Table, before: Date): Promise<void> {
  const known: string[] = [];
  for await (const { rowKey } of closesBy(table, before)) known.push(rowKey);
  const over = new Set(known.slice(1));
  const needed = new Set<string>();
  const due: string[] = [];
  // Newest first: whatever refers to a row of the older layout comes before the row that holds the content.
  for await (const row of rowsOf(table, { partition: FLEET, columns: CONTENT_COLUMNS })) {
    const { content = [], contentKey } = contentColumn.read(row);
    const purged = row['purged'] === true;
    if (!purged && !over.has(row.rowKey))
      for (const key of [contentKey, ...content.map((ref) => ref.key)]) needed.add(key ?? '');
    else if (!needed.has(row.rowKey)) due.push(row.rowKey);
    else if (!purged) await markPurged(table, row.rowKey);
  }
  await deleteRows(table, FLEET, due);
  await purgeContent(table, needed, before);
}

/** It holds, in the older layout, the content of one that stays: from now on it does not count as a close. */
async function markPurged(table: Table, rowKey: string): Promise<void> {
  const row = await table.get(FLEET, rowKey);
  if (row) await table.replace({ ...row, purged: true }, row.etag);
}
