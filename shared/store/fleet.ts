// The fleet: one index row a cluster and a subscription, the snapshot of every close, and the log of drift across clusters.
import { createHash } from 'node:crypto';
import type { Fleet, FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { DriftEvent } from '../model/result.ts';
import { isLaterScan } from '../model/scan.ts';
import type { Row, Table } from '../ports.ts';
import { packBody, unpackBody } from './body.ts';

export interface IndexedCluster {
  readonly cluster: FleetCluster;
  /** The scan that changed this row last. */
  readonly scanId: string;
  /** Its partition has events that the alerts have not taken up. */
  readonly outbox: boolean;
  readonly gone: boolean;
}

const clusterPartition = (subscriptionId: string): string => `cluster~${subscriptionId}`;
const toIndexed = (row: Row): IndexedCluster => ({
  cluster: unpackBody<FleetCluster>(row),
  scanId: row['scanId'] as string,
  outbox: row['outbox'] as boolean,
  gone: row['gone'] as boolean,
});

/**
 * Writes the line of a cluster, unless one of this or a later scan stands there: a slow process does not turn the index back.
 * @throws when others keep changing the same line
 */
export async function putIndexed(table: Table, indexed: IndexedCluster): Promise<void> {
  const { cluster, scanId, outbox, gone } = indexed;
  const keys = { partitionKey: clusterPartition(cluster.subscriptionId), rowKey: cluster.key };
  for (let attempt = 0; attempt < 5; attempt++) {
    const before = await table.get(keys.partitionKey, keys.rowKey);
    if (before && !isLaterScan(scanId, before['scanId'] as string)) return;
    const waiting = outbox || before?.['outbox'] === true;
    const row = { ...keys, scanId, outbox: waiting, gone, ...packBody(cluster) };
    const outcome = before ? await table.replace(row, before.etag) : await table.insert(row);
    if (outcome === 'replaced' || outcome === 'inserted') return;
  }
  throw new Error(`The index of ${cluster.id} is changed by others all the time`);
}

/** Every cluster ever seen and not purged, of one subscription or of all. */
export async function* listIndexed(table: Table, subscriptionId?: string): AsyncGenerator<IndexedCluster> {
  const range =
    subscriptionId === undefined
      ? { partitionFrom: 'cluster~', partitionTo: 'cluster\u007f' }
      : { partition: clusterPartition(subscriptionId) };
  for await (const page of table.pages(range)) for (const row of page) yield toIndexed(row);
}

/** Says that the alerts took up the events of a cluster, unless the row changed since it was read. */
export async function clearOutboxFlag(table: Table, read: IndexedCluster): Promise<void> {
  const row = await table.get(clusterPartition(read.cluster.subscriptionId), read.cluster.key);
  if (!row || row['scanId'] !== read.scanId) return;
  await table.replace({ ...row, outbox: false }, row.etag);
}

/** Forgets a cluster that is gone, unless it came back. */
export async function removeGone(table: Table, { cluster }: Pick<IndexedCluster, 'cluster'>): Promise<void> {
  const row = await table.get(clusterPartition(cluster.subscriptionId), cluster.key);
  if (row?.['gone'] === true) await table.delete(row.partitionKey, row.rowKey, row.etag);
}

export interface IndexedSubscription {
  readonly subscription: FleetSubscription;
  readonly scanId: string;
  readonly outbox: boolean;
  /** The scan that could read it for the first time: its clusters are a baseline then. */
  readonly firstReadScanId?: string;
}

const SUBSCRIPTION = 'subscription';

export async function putSubscription(table: Table, indexed: IndexedSubscription): Promise<void> {
  const { subscription, scanId, outbox, firstReadScanId } = indexed;
  await table.upsert({
    partitionKey: SUBSCRIPTION,
    rowKey: subscription.id,
    scanId,
    outbox,
    firstReadScanId,
    ...packBody(subscription),
  });
}

const toSubscription = (row: Row): IndexedSubscription => ({
  subscription: unpackBody<FleetSubscription>(row),
  scanId: row['scanId'] as string,
  outbox: row['outbox'] as boolean,
  ...(row['firstReadScanId'] === undefined ? {} : { firstReadScanId: row['firstReadScanId'] as string }),
});

export async function readSubscription(table: Table, id: string): Promise<IndexedSubscription | undefined> {
  const row = await table.get(SUBSCRIPTION, id);
  return row && toSubscription(row);
}

/** Says that the alerts took up the events of a subscription, unless the row changed since it was read. */
export async function clearSubscriptionFlag(table: Table, read: IndexedSubscription): Promise<void> {
  const row = await table.get(SUBSCRIPTION, read.subscription.id);
  if (row && row['scanId'] === read.scanId) await table.replace({ ...row, outbox: false }, row.etag);
}

export async function* listSubscriptions(table: Table): AsyncGenerator<IndexedSubscription> {
  for await (const page of table.pages({ partition: SUBSCRIPTION })) for (const row of page) yield toSubscription(row);
}

export async function removeSubscription(table: Table, id: string): Promise<void> {
  await table.delete(SUBSCRIPTION, id);
}

const FLEET = 'fleet';

/** Clusters and subscriptions; what differs between two scans of an unchanged fleet is left out. */
type FleetContent = Pick<Fleet, 'clusters' | 'subscriptions'>;

/**
 * Stores the snapshot of a close. An unchanged fleet refers to the row that holds its content.
 * @returns `exists` when the scan was closed already
 */
export async function insertFleet(table: Table, fleet: Fleet): Promise<'inserted' | 'exists'> {
  const { clusters, subscriptions, ...head } = fleet;
  const content: FleetContent = { clusters, subscriptions };
  const hash = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  const rowKey = reverseTimeKey(new Date(fleet.at));
  const previous = await newestFleetRow(table, new Date(new Date(fleet.at).getTime() - 1));
  const same = previous?.['hash'] === hash;
  const contentKey = same ? (previous['contentKey'] as string) : rowKey;
  const shared = { partitionKey: FLEET, rowKey, hash, contentKey, head: JSON.stringify(head) };
  return table.insert(same ? { ...shared, schema: 1 } : { ...shared, ...packBody(content) });
}

async function newestFleetRow(table: Table, until?: Date): Promise<Row | undefined> {
  const rowFrom = until ? reverseTimeKey(until) : '';
  for await (const page of table.pages({ partition: FLEET, rowFrom, limit: 1 })) for (const row of page) return row;
  return undefined;
}

async function toFleet(table: Table, row: Row): Promise<Fleet> {
  const holder = row['contentKey'] === row.rowKey ? row : await table.get(FLEET, row['contentKey'] as string);
  if (!holder)
    throw new Error(`The fleet of ${row.rowKey} refers to content that is gone: ${String(row['contentKey'])}`);
  const head = JSON.parse(row['head'] as string) as Omit<Fleet, keyof FleetContent>;
  return { ...head, ...unpackBody<FleetContent>(holder) };
}

/** @returns the fleet at the newest close, or at the newest close not after `until` */
export async function readFleet(table: Table, until?: Date): Promise<Fleet | undefined> {
  const row = await newestFleetRow(table, until);
  return row && toFleet(table, row);
}

/** @returns the fleet as it was known at a moment: of the newest scan that had closed by then, whatever moment that stands for */
export async function readKnownFleet(table: Table, asOf: Date): Promise<Fleet | undefined> {
  for await (const page of table.pages({ partition: FLEET, rowFrom: reverseTimeKey(asOf) }))
    for (const row of page) {
      const { closedAt } = JSON.parse(row['head'] as string) as FleetHead;
      if (Date.parse(closedAt) <= asOf.getTime()) return toFleet(table, row);
    }
  return undefined;
}

/** A reader that keeps the newest fleet in memory and asks only whether there is a newer one. */
export function cachedFleet(table: Table): () => Promise<Fleet | undefined> {
  let cached: { readonly rowKey: string; readonly fleet: Fleet } | undefined;
  return async () => {
    const row = await newestFleetRow(table);
    if (!row) return undefined;
    if (cached?.rowKey !== row.rowKey) cached = { rowKey: row.rowKey, fleet: await toFleet(table, row) };
    return cached.fleet;
  };
}

export type FleetHead = Omit<Fleet, keyof FleetContent>;

/** The closes between two moments, newest first, without their clusters. */
export async function* readTrend(table: Table, from: Date, to: Date): AsyncGenerator<FleetHead> {
  const range = { partition: FLEET, rowFrom: reverseTimeKey(to), rowTo: reverseTimeKey(new Date(from.getTime() - 1)) };
  for await (const page of table.pages(range))
    for (const row of page) yield JSON.parse(row['head'] as string) as FleetHead;
}

/** Deletes snapshots older than a moment, except those that newer ones refer to and the newest before it. */
export async function purgeFleet(table: Table, before: Date): Promise<void> {
  const needed = new Set<string>();
  for await (const page of table.pages({ partition: FLEET }))
    for (const row of page) if (row.rowKey < reverseTimeKey(before)) needed.add(row['contentKey'] as string);
  let kept = false;
  for await (const page of table.pages({ partition: FLEET, rowFrom: reverseTimeKey(before) }))
    for (const row of page) {
      if (!kept) needed.add(row['contentKey'] as string);
      if (kept && !needed.has(row.rowKey)) await table.delete(FLEET, row.rowKey);
      kept = true;
    }
  for await (const page of table.pages({ partition: DRIFT, rowFrom: reverseTimeKey(before) }))
    for (const row of page) await table.delete(DRIFT, row.rowKey);
}

const DRIFT = 'drift';

/** Adds events to the log across clusters; adding the same ones again changes nothing. */
export async function logDrift(table: Table, events: readonly DriftEvent[]): Promise<void> {
  for (const [at, sameMoment] of Map.groupBy(events, (event) => event.at))
    for (let from = 0; from < sameMoment.length; from += 500) {
      const part = sameMoment.slice(from, from + 500);
      const ids = part.map((event) => event.id).join('\n');
      const hash = createHash('sha256').update(ids).digest('hex').slice(0, 16);
      const rowKey = `${reverseTimeKey(new Date(at))}~${hash}`;
      await table.upsert({ partitionKey: DRIFT, rowKey, ...packBody(part) });
    }
}

/** Drift events between two moments, newest first, each once. */
export async function* readDriftLog(table: Table, from: Date, to: Date): AsyncGenerator<DriftEvent> {
  const seen = new Set<string>();
  const range = { partition: DRIFT, rowFrom: reverseTimeKey(to), rowTo: `${reverseTimeKey(from)}\u007f` };
  for await (const page of table.pages(range))
    for (const row of page)
      for (const event of unpackBody<DriftEvent[]>(row)) {
        if (seen.has(event.id)) continue;
        seen.add(event.id);
        yield event;
      }
}
