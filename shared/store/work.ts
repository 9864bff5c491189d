// The work of a scan: a row for each subscription to list and each cluster to audit. A cluster's row is deleted when its result is stored.
import { z } from 'zod';
import { clip } from '../model/clip.ts';
import { scanMoment } from '../model/scan.ts';
import type { Row, RowChange, Table } from '../ports.ts';
import type { RowOf } from './row-kind.ts';
import { bodyKind, columnKind, moment, withBody } from './row-kind.ts';
import { MOST_CHANGES, inParts, inTurns } from './parts.ts';
import type { Unreadable } from './rows.ts';
import { partitionsWith, readEach, rowsOf } from './rows.ts';
import { transactAll } from './transactions.ts';
import { storeRow, untilStored } from './until-stored.ts';

export const subscriptionsPartition = (scanId: string): string => scanId;
export const clustersPartition = (scanId: string, subscriptionId: string): string => `${scanId}~${subscriptionId}`;

/**
 * Work that is `done`, `failed` or `skipped` keeps its row until the scan closes; a cluster that is done has no row. It is
 * skipped where a later scan has looked at it already.
 */
const columns = columnKind(
  'Work',
  z.object({
    sentAt: moment,
    tries: z.number(),
    state: z.enum(['pending', 'done', 'failed', 'skipped']),
    /** What its last attempt failed with, why it was given up, or why the subscription could not be read. */
    problem: z.string().exactOptional(),
  }),
);
const itemRow = withBody(columns, bodyKind('Work', z.object({ message: z.unknown() })));

export interface WorkItem<M = unknown> extends RowOf<typeof columns> {
  readonly partition: string;
  readonly key: string;
  /** The message that asks for this work, to be sent again if it gets lost. */
  readonly message: M;
}

/** Whoever asks knows from the partition what kind of message is there. */
const toItem = <M>(row: Row): WorkItem<M> => {
  const { message, ...item } = itemRow.read(row);
  return { partition: row.partitionKey, key: row.rowKey, ...item, message: message as M };
};

/** A column holds 32 Ki characters, and what a stranger's server says may be longer. */
const MOST_PROBLEM_CHARS = 1_000;

const toRow = (item: WorkItem): Row => ({
  partitionKey: item.partition,
  rowKey: item.key,
  ...itemRow.write({
    ...item,
    ...(item.problem === undefined ? {} : { problem: clip(item.problem, MOST_PROBLEM_CHARS) }),
  }),
});

/** Writes items of one partition, as many in a transaction as it holds; an item that is there already is overwritten. */
export async function putWork(table: Table, items: readonly WorkItem[]): Promise<void> {
  // A hundred at a time: packed, they are many times smaller than as they stand, and not all of them are to be packed at once.
  for (const part of inParts(items, MOST_CHANGES)) {
    const changes = part.map((item): RowChange => ({ kind: 'upsert', row: toRow(item) }));
    if ((await transactAll(table, part[0]!.partition, changes)) === 'conflict')
      throw new Error(`The work of ${part[0]!.partition} could not be stored: the table answers with a conflict`);
  }
}

export async function readWork<M>(table: Table, partition: string, key: string): Promise<WorkItem<M> | undefined> {
  const row = await table.get(partition, key);
  return row && toItem<M>(row);
}

/**
 * Changes an item that is there: one that somebody finishes at the same time does not come back.
 * @param change gives what it is then, or undefined to leave it as it is
 * @returns the item as it then stands; undefined when there is none
 */
export async function changeWork<M>(
  table: Table,
  partition: string,
  key: string,
  change: (item: WorkItem<M>) => WorkItem<M> | undefined,
): Promise<WorkItem<M> | undefined> {
  return untilStored(table, `the work ${partition} ${key}`, async () => {
    const row = await table.get(partition, key);
    if (!row) return undefined;
    const item = toItem<M>(row);
    const next = change(item);
    if (!next) return item;
    return (await storeRow(table, toRow(next), row)) === 'stored' ? next : 'conflict';
  });
}

/** The items of a scan: its subscriptions, or all its clusters that are not finished. @param unreadable see readEach */
export async function* listWork<M>(
  table: Table,
  scanId: string,
  what: 'subscriptions' | 'clusters',
  unreadable?: Unreadable,
): AsyncGenerator<WorkItem<M>> {
  const range = what === 'subscriptions' ? { partition: subscriptionsPartition(scanId) } : partitionsWith(`${scanId}~`);
  yield* readEach(rowsOf(table, range), (row) => toItem<M>(row), unreadable);
}

/** Strikes a cluster off when its result is stored. Its row may be gone: a duplicate message finished first. */
export async function finishWork(table: Table, partition: string, key: string): Promise<void> {
  await table.delete(partition, key);
}

/** So many partitions are cleared at a time. */
const PARALLEL_WRITES = 16;

/**
 * Removes what is left of the work of a scan and of those before it: a slow process may write some after its scan has closed.
 * @param at the moment the scan stands for
 * @param except ids of earlier scans that are still to be closed: their work says what they are missing
 */
export async function clearWork(table: Table, at: Date, except: readonly string[] = []): Promise<void> {
  const kept = new Set(except);
  const partitions = new Map<string, string[]>();
  for await (const { partitionKey, rowKey } of rowsOf(table, { columns: [] })) {
    const scanId = partitionKey.split('~')[0]!;
    const scanAt = scanMoment(scanId);
    if (kept.has(scanId) || (scanAt && scanAt > at)) continue;
    const keys = partitions.get(partitionKey) ?? [];
    partitions.set(partitionKey, keys);
    keys.push(rowKey);
  }
  const parts = [...partitions].flatMap(([partition, keys]) =>
    inParts(keys, MOST_CHANGES).map((part) => ({ partition, part })),
  );
  await inTurns(parts, PARALLEL_WRITES, async ({ partition, part }) => {
    const changes = part.map((rowKey): RowChange => ({ kind: 'delete', rowKey }));
    if ((await table.transact(partition, changes)) === 'committed') return;
    // Somebody else has deleted one of them.
    for (const rowKey of part) await table.delete(partition, rowKey);
  });
}
