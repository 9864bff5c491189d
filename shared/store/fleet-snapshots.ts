// Snapshots of the fleet: one at the close of every scan, newest first. That of an unchanged fleet refers to the one that holds its content.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fleet } from '../model/fleet.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { Row, Table } from '../ports.ts';
import { bodyKind, columnKind, json } from './row-kind.ts';
import { firstRow, rowsOf } from './rows.ts';

/** Clusters and subscriptions; what differs between two scans of an unchanged fleet is left out. */
type FleetContent = Pick<Fleet, 'clusters' | 'subscriptions'>;
export type FleetHead = Omit<Fleet, keyof FleetContent>;

const FLEET = 'fleet';
const closeRow = columnKind('Fleet', z.object({ hash: z.string(), contentKey: z.string(), head: json<FleetHead>() }));
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

/** @returns the fleet as it was known at a moment: from the newest scan that had closed by then, whatever moment that scan stands for */
export async function readKnownFleet(table: Table, asOf: Date): Promise<Fleet | undefined> {
  for await (const row of rowsOf(table, { partition: FLEET, rowFrom: reverseTimeKey(asOf) }))
    if (Date.parse(closeRow.read(row).head.closedAt) <= asOf.getTime()) return toFleet(table, row);
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
  const range = { partition: FLEET, rowFrom: reverseTimeKey(to), rowTo: reverseTimeKey(new Date(from.getTime() - 1)) };
  for await (const row of rowsOf(table, range)) yield closeRow.read(row).head;
}

/** Deletes snapshots older than a moment, except the newest before it and those that hold the content of one that stays. */
export async function purgeSnapshots(table: Table, before: Date): Promise<void> {
  const oldest = reverseTimeKey(before);
  const needed = new Set<string>();
  for await (const row of rowsOf(table, { partition: FLEET }))
    if (row.rowKey < oldest) needed.add(closeRow.read(row).contentKey);
  let kept = false;
  for await (const row of rowsOf(table, { partition: FLEET, rowFrom: oldest })) {
    if (!kept) needed.add(closeRow.read(row).contentKey);
    if (kept && !needed.has(row.rowKey)) await table.delete(FLEET, row.rowKey);
    kept = true;
  }
}
