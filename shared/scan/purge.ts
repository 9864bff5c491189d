// Retention: once a day, what is older than the setting allows is deleted. Each message does a slice of the clusters, so it may be interrupted anywhere.
import { purgeExemptions } from '../store/exemptions.ts';
import type { IndexedCluster } from '../store/fleet-index.ts';
import { listIndexed, listSubscriptions, removeIndexed } from '../store/fleet-index.ts';
import { purgeSnapshots } from '../store/fleet-snapshots.ts';
import { purgeDriftLog } from '../store/drift-log.ts';
import { purgeBefore, purgeLeft } from '../store/results.ts';
import { partitionsWith, rowsOf } from '../store/rows.ts';
import type { Table } from '../ports.ts';
import { claimPurge, purgeScans } from '../store/scans.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';
import { subscriptionKey } from './subscription-state.ts';

const SLICE = 100;
const DAY_MS = minutes(24 * 60);

/** Starts a purge after the first scan that closes on a day. */
export async function startPurge(ctx: ScanContext): Promise<void> {
  const now = ctx.clock.now();
  if (!(await claimPurge(ctx.tables.Scans, now.toISOString().slice(0, 10)))) return;
  const before = new Date(now.getTime() - ctx.settings.retentionDays * DAY_MS).toISOString();
  await ctx.queue.send('supervise', { kind: 'purge', before, after: '' });
}

/** Deletes one slice and sends the message for the next. @param message.after the cluster key after which this slice begins */
export async function purgeSlice(ctx: ScanContext, message: { before: string; after: string }): Promise<void> {
  const before = new Date(message.before);
  if (message.after === '') await purgeFleetWide(ctx, before);
  const slice: IndexedCluster[] = [];
  for await (const indexed of listIndexed(ctx.tables.Fleet)) {
    if (indexed.cluster.key <= message.after) continue;
    slice.push(indexed);
    if (slice.length === SLICE) break;
  }
  const watched = await watchedSubscriptions(ctx);
  let deleted = 0;
  for (const indexed of slice) {
    const left = indexed.gone || !watched.has(indexed.cluster.subscriptionId);
    deleted += await purgeCluster(ctx, indexed, left, before);
  }
  ctx.log.info('history purged', { before: message.before, clusters: slice.length, deleted });
  const last = slice.at(-1)?.cluster.key;
  if (slice.length === SLICE && last)
    await ctx.queue.send('supervise', { kind: 'purge', before: message.before, after: last });
}

async function purgeFleetWide(ctx: ScanContext, before: Date): Promise<void> {
  const { Scans, Fleet, Results, Alerts } = ctx.tables;
  await purgeScans(Scans, before);
  await purgeSnapshots(Fleet, before);
  await purgeDriftLog(Fleet, before);
  const watched = new Set([...(await watchedSubscriptions(ctx))].map(subscriptionKey));
  for (const key of await knownSubscriptionKeys(Results))
    if (watched.has(key)) await purgeBefore(Results, key, before);
    else await purgeLeft(Results, key, before);
  await purgeExemptions(Alerts, before);
  await ctx.forgetAlerts(before);
}

async function watchedSubscriptions(ctx: ScanContext): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for await (const { subscription } of listSubscriptions(ctx.tables.Fleet)) ids.add(subscription.id);
  return ids;
}

/** @returns the keys of all subscriptions that have results: those out of scope are in no index any more */
async function knownSubscriptionKeys(results: Table): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { partitionKey } of rowsOf(results, partitionsWith(subscriptionKey('')))) keys.add(partitionKey);
  return keys;
}

/** @param left it is gone or out of scope: it is kept for as long as history is, and then forgotten altogether */
async function purgeCluster(ctx: ScanContext, indexed: IndexedCluster, left: boolean, before: Date): Promise<number> {
  const { Results, Fleet } = ctx.tables;
  const { key } = indexed.cluster;
  const deleted = left && !indexed.outbox ? await purgeLeft(Results, key, before) : undefined;
  if (deleted === undefined) return purgeBefore(Results, key, before);
  await removeIndexed(Fleet, indexed);
  return deleted;
}
