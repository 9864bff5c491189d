// The work of one scan: a row per subscription to list and per cluster to audit. A cluster's row is deleted when its result is stored.
import { scanMoment } from '../model/scan.ts';
import type { Row, RowChange, Table } from '../ports.ts';
import { packBody, unpackBody } from './body.ts';

export interface WorkItem<M = unknown> {
  readonly partition: string;
  readonly key: string;
  /** The message that does this work, to be sent again when it got lost. */
  readonly message: M;
  readonly sentAt: Date;
  readonly tries: number;
  readonly state: WorkState;
  /** For a failed item: why it was given up. */
  readonly problem?: string;
}

/** `done` and `failed` rows stay until the scan closes; a cluster's `done` is the absence of its row. */
export type WorkState = 'pending' | 'done' | 'failed';

export const subscriptionsPartition = (scanId: string): string => scanId;
export const clustersPartition = (scanId: string, subscriptionId: string): string => `${scanId}~${subscriptionId}`;
const clusterRange = (scanId: string): { partitionFrom: string; partitionTo: string } => ({
  partitionFrom: `${scanId}~`,
  partitionTo: `${scanId}\u007f`,
});

const toRow = (item: WorkItem): Row => ({
  partitionKey: item.partition,
  rowKey: item.key,
  sentAt: item.sentAt.toISOString(),
  tries: item.tries,
  state: item.state,
  problem: item.problem,
  ...packBody(item.message),
});

const toItem = <M>(row: Row): WorkItem<M> => ({
  partition: row.partitionKey,
  key: row.rowKey,
  message: unpackBody<M>(row),
  sentAt: new Date(row['sentAt'] as string),
  tries: row['tries'] as number,
  state: row['state'] as WorkState,
  ...(row['problem'] === undefined ? {} : { problem: row['problem'] as string }),
});

/** Writes items of one partition, 100 a transaction; an item already there is written anew. */
export async function putWork(table: Table, items: readonly WorkItem[]): Promise<void> {
  for (let at = 0; at < items.length; at += 100) {
    const batch = items.slice(at, at + 100);
    const changes = batch.map((item): RowChange => ({ kind: 'upsert', row: toRow(item) }));
    await table.transact(batch[0]!.partition, changes);
  }
}

export async function readWork<M>(table: Table, partition: string, key: string): Promise<WorkItem<M> | undefined> {
  const row = await table.get(partition, key);
  return row && toItem<M>(row);
}

/** Items of a scan's subscriptions, or of all its clusters that are not finished. */
export async function* listWork<M>(
  table: Table,
  scanId: string,
  what: 'subscriptions' | 'clusters',
): AsyncGenerator<WorkItem<M>> {
  const range = what === 'subscriptions' ? { partition: subscriptionsPartition(scanId) } : clusterRange(scanId);
  for await (const page of table.pages(range)) for (const row of page) yield toItem<M>(row);
}

/** The cluster's result is stored. Absent is fine: a duplicate message finished first. */
export async function finishWork(table: Table, partition: string, key: string): Promise<void> {
  await table.delete(partition, key);
}

/**
 * Removes what is left of the work of a scan and of those before it: a slow process may write some after its scan was closed.
 * @param at the moment the scan stands for
 */
export async function clearWork(table: Table, at: Date): Promise<void> {
  for await (const page of table.pages({}))
    for (const row of page) {
      const moment = scanMoment(row.partitionKey.split('~')[0]!);
      if (!moment || moment <= at) await table.delete(row.partitionKey, row.rowKey);
    }
}
