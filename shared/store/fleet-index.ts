// The index of the fleet: a row for each cluster and each subscription, as the last scan that looked at it found it.
import { z } from 'zod';
import type { FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { isLaterScan } from '../model/scan.ts';
import type { Table } from '../ports.ts';
import type { RowOf } from './row-kind.ts';
import { bodyKind, columnKind, withBody } from './row-kind.ts';
import { partitionsWith, rowsOf } from './rows.ts';
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

/** Every cluster ever seen and not purged, of one subscription or of all. */
export async function* listIndexed(table: Table, subscriptionId?: string): AsyncGenerator<IndexedCluster> {
  const range =
    subscriptionId === undefined ? partitionsWith(CLUSTERS) : { partition: clusterPartition(subscriptionId) };
  for await (const row of rowsOf(table, range)) yield clusterRow.read(row);
}

/** Records that the alerts took up the events of a cluster, unless its row has changed since it was read. */
export const clearOutboxFlag = (table: Table, { cluster, scanId }: IndexedCluster): Promise<void> =>
  clearFlag(table, clusterPartition(cluster.subscriptionId), cluster.key, scanId);

async function clearFlag(table: Table, partition: string, key: string, scanId: string): Promise<void> {
  const row = await table.get(partition, key);
  if (row?.['scanId'] === scanId) await table.replace({ ...row, outbox: false }, row.etag);
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

/** Records that the alerts took up the events of a subscription, unless its row has changed since it was read. */
export const clearSubscriptionFlag = (table: Table, { subscription, scanId }: IndexedSubscription): Promise<void> =>
  clearFlag(table, SUBSCRIPTION, subscription.id, scanId);

export async function* listSubscriptions(table: Table): AsyncGenerator<IndexedSubscription> {
  for await (const row of rowsOf(table, { partition: SUBSCRIPTION })) yield subscriptionRow.read(row);
}

export async function removeSubscription(table: Table, id: string): Promise<void> {
  await table.delete(SUBSCRIPTION, id);
}
