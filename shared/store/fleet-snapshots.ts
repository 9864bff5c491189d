// Snapshots of the fleet: one at the close of every scan, newest first. When the fleet has not changed, its snapshot refers to the one that holds the content.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fleet } from '../model/fleet.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { Row, StoredRow, Table } from '../ports.ts';
import { bodyKind, columnKind, json } from './row-kind.ts';
import { firstRow, rowsOf, storedBy } from './rows.ts';

/** Clusters and subscriptions; what differs between two scans of an unchanged fleet is left out. */
type FleetContent = Pick<Fleet, 'clusters' | 'subscriptions'>;
export type FleetHead = Omit<Fleet, keyof FleetContent>;

const FLEET = 'fleet';
const closeRow = columnKind(
  'Fleet',
  z.object({
    hash: z.string(),
    contentKey: z.string(),
    head: json<FleetHead>(),
    /** It has outlived its time, and stays only because a later close refers to its content. */
    purged: z.boolean().exactOptional(),
  }),
);
const contentRow = bodyKind('Fleet', z.object({ content: z.custom<FleetContent>() }));

/**
 * Stores the snapshot of a close.
 * @returns `exists` when the scan was closed already
 */
export async function insertFleet(table: Table, fleet: Fleet): Promise<'inserted' | 'exists'> {
  const { clusters, subscriptions, ...head } = fleet;
  const content: FleetContent = { clusters, subscriptions };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const rowKey = reverseTimeKey(new Date(fleet.at));
  const newest = await newestRow(table, new Date(new Date(fleet.at).getTime() - 1));
  const previous = newest && closeRow.read(newest);
  const same = previous?.hash === hash;
  return table.insert({
    partitionKey: FLEET,
    rowKey,
    ...closeRow.write({ hash, contentKey: same ? previous.contentKey : rowKey, head }),
    ...(same ? {} : contentRow.write({ content })),
  });
}

const newestRow = (table: Table, until?: Date): Promise<Row | undefined> =>
  firstRow(table, { partition: FLEET, rowFrom: until ? reverseTimeKey(until) : '' });

/** The closes that had happened by a moment and are not purged, newest scan first. */
async function* closesBy(table: Table, moment: Date): AsyncGenerator<StoredRow> {
  const range = { partition: FLEET, rowFrom: reverseTimeKey(moment) };
  const closedAt = (row: Row): Date => new Date(closeRow.read(row).head.closedAt);
  for await (const row of storedBy(table, range, moment, closedAt)) if (!closeRow.read(row).purged) yield row;
}

async function toFleet(table: Table, row: Row): Promise<Fleet> {
  const { contentKey, head } = closeRow.read(row);
  const holder = contentKey === row.rowKey ? row : await table.get(FLEET, contentKey);
  if (!holder) throw new Error(`The fleet of ${row.rowKey} refers to content that is gone: ${contentKey}`);
  return { ...head, ...contentRow.read(holder).content };
}

/** @returns the fleet at the newest close, or at the newest close not after `until` */
export async function readFleet(table: Table, until?: Date): Promise<Fleet | undefined> {
  const row = await newestRow(table, until);
  return row && toFleet(table, row);
}

/** @returns the fleet as it was known at a moment: from the newest scan that had closed by then */
export async function readKnownFleet(table: Table, asOf: Date): Promise<Fleet | undefined> {
  for await (const row of closesBy(table, asOf)) return toFleet(table, row);
  return undefined;
}

/** A reader that keeps the newest fleet in memory and only asks whether there is a newer one. */
export function cachedFleet(table: Table): () => Promise<Fleet | undefined> {
  let cached: { readonly rowKey: string; readonly fleet: Fleet } | undefined;
  return async () => {
    const row = await newestRow(table);
    if (!row) return undefined;
    if (cached?.rowKey !== row.rowKey) cached = { rowKey: row.rowKey, fleet: await toFleet(table, row) };
    return cached.fleet;
  };
}

/** The closes between two moments, newest first, without their clusters. */
export async function* readTrend(table: Table, from: Date, to: Date): AsyncGenerator<FleetHead> {
  for await (const row of closesBy(table, to)) {
    const { head } = closeRow.read(row);
    if (Date.parse(head.closedAt) < from.getTime()) return;
    yield head;
  }
}

/** @returns the last close before a moment, without its clusters */
export async function readCloseBefore(table: Table, moment: Date): Promise<FleetHead | undefined> {
  for await (const row of closesBy(table, new Date(moment.getTime() - 1))) return closeRow.read(row).head;
  return undefined;
}

/**
 * Purges the snapshots from before a moment, except what was known at that moment.
 * Those that hold the content of one that stays are only marked: they no longer count as closes.
 */
export async function purgeSnapshots(table: Table, before: Date): Promise<void> {
  const known: string[] = [];
  for await (const { rowKey } of closesBy(table, before)) known.push(rowKey);
  const over = new Set(known.slice(1));
  const needed = new Set<string>();
  // Newest first: whatever refers to a content comes before the row that holds it.
  for await (const row of rowsOf(table, { partition: FLEET })) {
    const { contentKey, purged } = closeRow.read(row);
    if (!purged && !over.has(row.rowKey)) needed.add(contentKey);
    else if (!needed.has(row.rowKey)) await table.delete(FLEET, row.rowKey);
    else if (!purged) await table.replace({ ...row, purged: true }, row.etag);
  }
}
