// The index of the fleet: a row for each cluster and each subscription, as the last scan that looked at it found it.
import { z } from 'zod';
import type { FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { isLaterScan } from '../model/scan.ts';
import type { StoredRow, Table } from '../ports.ts';
import { inTurns } from './parts.ts';
import type { RowOf } from './row-kind.ts';
import { bodyKind, columnKind, withBody } from './row-kind.ts';
import type { Unreadable } from './rows.ts';
import { partitionsWith, readEach, rowsOf } from './rows.ts';
import { inTransactions } from './transactions.ts';
import { storeRow, untilStored } from './until-stored.ts';

const CLUSTERS = 'cluster~';
const clusterPartition = (subscriptionId: string): string => CLUSTERS + subscriptionId;
const clusterRow = withBody(
  columnKind(
    'Fleet',
    z.object({
      /** The scan that changed this row last. */
      scanId: z.string(),
      /** Its partition of the results has events that the alerts have not taken up. */
      outbox: z.boolean(),
      gone: z.boolean(),
    }),
  ),
  bodyKind('Fleet', z.object({ cluster: z.custom<FleetCluster>() })),
);
export type IndexedCluster = RowOf<typeof clusterRow>;

/**
 * Writes the row of a cluster, unless this or a later scan wrote it already: a slow process must not set the index back.
 * @throws when others keep changing the same row
 */
export async function putIndexed(table: Table, indexed: IndexedCluster): Promise<void> {
  const { cluster, scanId, outbox } = indexed;
  const keys = { partitionKey: clusterPartition(cluster.subscriptionId), rowKey: cluster.key };
  await untilStored(table, `the index of ${cluster.id}`, async () => {
    const row = await table.get(keys.partitionKey, keys.rowKey);
    const before = row && clusterRow.columns.read(row);
    if (before && !isLaterScan(scanId, before.scanId)) return 'superseded';
    const waiting = outbox || before?.outbox === true;
    return storeRow(table, { ...keys, ...clusterRow.write({ ...indexed, outbox: waiting }) }, row);
  });
}

/** Every cluster ever seen and not purged, of one subscription or of all. @param unreadable see readEach */
export async function* listIndexed(
  table: Table,
  subscriptionId?: string,
  unreadable?: Unreadable,
): AsyncGenerator<IndexedCluster> {
  const range =
    subscriptionId === undefined ? partitionsWith(CLUSTERS) : { partition: clusterPartition(subscriptionId) };
  yield* readEach(rowsOf(table, range), (row) => clusterRow.read(row), unreadable);
}

export async function readIndexed(
  table: Table,
  subscriptionId: string,
  key: string,
): Promise<IndexedCluster | undefined> {
  const row = await table.get(clusterPartition(subscriptionId), key);
  return row && clusterRow.read(row);
}

/** Forgets a cluster, unless a scan has changed its row since it was read: it came back. */
export async function removeIndexed(table: Table, { cluster, scanId }: IndexedCluster): Promise<void> {
  const row = await table.get(clusterPartition(cluster.subscriptionId), cluster.key);
  if (row?.['scanId'] === scanId) await table.delete(row.partitionKey, row.rowKey, row.etag);
}

const SUBSCRIPTION = 'subscription';
const subscriptionRow = withBody(
  columnKind(
    'Fleet',
    z.object({
      scanId: z.string(),
      outbox: z.boolean(),
      /** The first scan that could read it: what it found is a baseline. */
      firstReadScanId: z.string().exactOptional(),
    }),
  ),
  bodyKind('Fleet', z.object({ subscription: z.custom<FleetSubscription>() })),
);
export type IndexedSubscription = RowOf<typeof subscriptionRow>;

export async function putSubscription(table: Table, indexed: IndexedSubscription): Promise<void> {
  await table.upsert({
    partitionKey: SUBSCRIPTION,
    rowKey: indexed.subscription.id,
    ...subscriptionRow.write(indexed),
  });
}

export async function readSubscription(table: Table, id: string): Promise<IndexedSubscription | undefined> {
  const row = await table.get(SUBSCRIPTION, id);
  return row && subscriptionRow.read(row);
}

/** Every subscription that is watched. @param unreadable see readEach */
export async function* listSubscriptions(table: Table, unreadable?: Unreadable): AsyncGenerator<IndexedSubscription> {
  yield* readEach(rowsOf(table, { partition: SUBSCRIPTION }), (row) => subscriptionRow.read(row), unreadable);
}

/** @returns the ids of all that are watched */
export async function listSubscriptionIds(table: Table): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { rowKey } of rowsOf(table, { partition: SUBSCRIPTION, columns: [] })) ids.add(rowKey);
  return ids;
}

export async function removeSubscription(table: Table, id: string): Promise<void> {
  await table.delete(SUBSCRIPTION, id);
}

/** A cluster or a subscription whose events the alerts have not taken up. */
export interface Waiting {
  readonly kind: 'cluster' | 'subscription';
  /** The cluster's key, or the subscription's id. */
  readonly id: string;
  readonly row: StoredRow;
}

/** @returns all that wait, clusters first */
export async function listWaiting(table: Table): Promise<readonly Waiting[]> {
  const waiting: Waiting[] = [];
  for await (const row of rowsOf(table, partitionsWith(CLUSTERS)))
    if (row['outbox'] === true) waiting.push({ kind: 'cluster', id: row.rowKey, row });
  for await (const row of rowsOf(table, { partition: SUBSCRIPTION }))
    if (row['outbox'] === true) waiting.push({ kind: 'subscription', id: row.rowKey, row });
  return waiting;
}

/** So many partitions are written at a time. */
const PARALLEL_WRITES = 16;

/** Records that the alerts took up the events of some, many in a transaction; a row that has changed since it was read stays as it is. */
export async function clearFlags(table: Table, waiting: readonly Waiting[]): Promise<void> {
  const parts = [...Map.groupBy(waiting, ({ row }) => row.partitionKey)].flatMap(([partition, rows]) => {
    const cleared = rows.map(({ row }) => ({
      kind: 'replace' as const,
      row: { ...row, outbox: false },
      etag: row.etag,
    }));
    return inTransactions(cleared).map((changes) => ({ partition, changes }));
  });
  await inTurns(parts, PARALLEL_WRITES, async ({ partition, changes }) => {
    if ((await table.transact(partition, changes)) === 'committed') return;
    for (const change of changes) if (change.kind === 'replace') await table.replace(change.row, change.etag);
  });
}
