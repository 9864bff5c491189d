// Enumerating: the estate's subscriptions first, then the clusters of each, every one written down before its message is sent.
import type { ListedCluster, Subscription } from '../model/estate.ts';
import { UnreadableError } from '../model/estate.ts';
import { clusterKey } from '../model/keys.ts';
import type { Scan } from '../model/scan.ts';
import { changeScan, readScan } from '../store/scans.ts';
import type { IndexedSubscription } from '../store/fleet-index.ts';
import {
  listIndexed,
  listSubscriptions,
  putSubscription,
  readSubscription,
  removeSubscription,
} from '../store/fleet-index.ts';
import { messageBytes } from '../store/queue-message.ts';
import { inParts } from '../store/parts.ts';
import type { WorkItem } from '../store/work.ts';
import { clustersPartition, listWork, putWork, readWork, subscriptionsPartition } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { errorText } from './error-text.ts';
import { forQueue } from './messages.ts';
import type { AuditMessage, EnumerateMessage, SubscriptionMessage } from './messages.ts';
import { ofTenant } from '../model/cluster.ts';
import type { CallPlan, Found } from './rationed-calls.ts';
import { planCalls } from './rationed-calls.ts';
import { recordSubscription } from './subscription-state.ts';
import { noteFailure, workOf } from './work-of.ts';

/** This many messages are sent at a time. */
const PARALLEL_SENDS = 16;

/**
 * Does the work of one message of the enumerate queue. Doing it twice changes nothing.
 * @throws when storage fails or anything unforeseen is thrown; the queue brings the message back, and what was thrown waits for
 *   whoever gives it up
 */
export async function enumerate(ctx: ScanContext, message: EnumerateMessage, signal: AbortSignal): Promise<void> {
  const scan = await readScan(ctx.tables.Scans, message.scanId);
  if (!scan || scan.state === 'closed') return;
  try {
    if (message.kind === 'estate') await enumerateEstate(ctx, scan, message, signal);
    else await enumerateSubscription(ctx, scan, message, signal);
  } catch (error) {
    if (message.kind === 'estate') await noteEstateFailure(ctx, scan, error);
    else await noteFailure(ctx, workOf(message), error);
    throw error;
  }
}

type EstateMessage = Extract<EnumerateMessage, { kind: 'estate' }>;

async function enumerateEstate(
  ctx: ScanContext,
  scan: Scan,
  message: EstateMessage,
  signal: AbortSignal,
): Promise<void> {
  if (scan.sealed) return;
  const { messages, problem } = await findSubscriptions(ctx, scan, message, signal);
  const partition = subscriptionsPartition(scan.id);
  const known = new Set<string>();
  for await (const item of listWork(ctx.tables.Work, scan.id, 'subscriptions')) known.add(item.key);
  const items = messages
    .filter((m) => !known.has(m.subscription.id))
    .map((m) => newItem(ctx, partition, m.subscription.id, m));
  await putWork(ctx.tables.Work, items);
  await changeScan(ctx.tables.Scans, scan.id, ({ problem: _failed, ...s }) =>
    s.sealed ? undefined : { ...s, sealed: true, subscriptions: messages.length, ...(problem ? { problem } : {}) },
  );
  await sendAll(
    ctx,
    'enumerate',
    messages.map((message) => ({ message })),
  );
  ctx.log.info('subscriptions enumerated', { scanId: scan.id, subscriptions: messages.length, problem });
}

/** The subscriptions that Azure lists now, and known ones that it no longer lists: these are unreadable, not gone. */
async function findSubscriptions(
  ctx: ScanContext,
  scan: Scan,
  { unreadable }: EstateMessage,
  signal: AbortSignal,
): Promise<{ messages: SubscriptionMessage[]; problem?: string }> {
  let listed: readonly Subscription[] = [];
  let failure = unreadable;
  if (!failure)
    try {
      listed = await ctx.estate.subscriptions(signal);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      failure = { reason: 'subscription-unreadable', message: `${error.message} ${error.remedy}`.trim() };
    }
  const problem = failure && unlisted(failure.message);
  const messages: SubscriptionMessage[] = listed.map((subscription) => ({
    kind: 'subscription',
    scanId: scan.id,
    subscription,
  }));
  const seen = new Set(listed.map((subscription) => subscription.id));
  for await (const { subscription } of listSubscriptions(ctx.tables.Fleet)) {
    if (seen.has(subscription.id)) continue;
    if (ctx.settings.outOfScope(subscription.id)) {
      await removeSubscription(ctx.tables.Fleet, subscription.id);
      continue;
    }
    messages.push({
      kind: 'subscription',
      scanId: scan.id,
      subscription: { id: subscription.id, name: subscription.name },
      unreadable: {
        reason: failure?.reason ?? 'subscription-unreadable',
        message:
          problem ??
          'Azure no longer lists this subscription: it was disabled or deleted, or the identity lost its role on it.',
      },
    });
  }
  return { messages, ...(problem === undefined ? {} : { problem }) };
}

const unlisted = (why: string): string => `The subscriptions could not be listed: ${why}`;

/** Waits with the scan while it is tried again, and is taken away when that succeeds. */
async function noteEstateFailure(ctx: ScanContext, { id }: Scan, error: unknown): Promise<void> {
  try {
    const problem = errorText(error);
    await changeScan(ctx.tables.Scans, id, (s) => (s.sealed ? undefined : { ...s, problem }));
  } catch (failed) {
    ctx.log.error('why subscriptions could not be listed was not stored', { scanId: id, error: failed });
  }
}

async function enumerateSubscription(
  ctx: ScanContext,
  scan: Scan,
  message: SubscriptionMessage,
  signal: AbortSignal,
): Promise<void> {
  const { subscription } = message;
  const partition = subscriptionsPartition(scan.id);
  const item = await readWork<SubscriptionMessage>(ctx.tables.Work, partition, subscription.id);
  if (!item || item.state !== 'pending') return;
  const before = await readSubscription(ctx.tables.Fleet, subscription.id);
  const baseline = before?.firstReadScanId === undefined || before.firstReadScanId === scan.id;
  if (!before) await putSubscription(ctx.tables.Fleet, notYetRead(scan, subscription));
  const seen = new Set<string>();
  const calls = await planCalls(ctx, scan, subscription.id);
  const hand = (found: readonly Found[]): Promise<void> => handOut(ctx, scan, subscription.id, found, calls, seen);
  const { homeTenant } = subscription;
  const base = { scanId: scan.id, subscriptionId: subscription.id, baseline, ...(homeTenant ? { homeTenant } : {}) };
  let failure = message.unreadable;
  if (!failure)
    try {
      for await (const page of ctx.estate.clusters(subscription.id, signal))
        await hand(page.map((listed) => found(base, listed)));
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      failure = { reason: error.reason, message: `${error.message} ${error.remedy}`.trim() };
    }
  // Being absent from a page says nothing: only a GET answered with 404 says that a cluster is gone.
  const source: AuditMessage['source'] = failure ? { kind: 'unreadable', ...failure } : { kind: 'fetch' };
  const unseen: Found[] = [];
  const damaged = (error: Error): void =>
    ctx.log.error('a line of the index cannot be read', { scanId: scan.id, error });
  for await (const { cluster, gone } of listIndexed(ctx.tables.Fleet, subscription.id, damaged))
    if (!gone && !seen.has(cluster.key))
      unseen.push({ message: { ...base, id: cluster.id, name: cluster.name, source } });
  await hand(unseen);
  await calls.forgetOthers(seen);
  await recordSubscription(ctx, scan, subscription, failure, before);
  await putWork(ctx.tables.Work, [{ ...item, state: 'done', ...(failure ? { problem: failure.message } : {}) }]);
  ctx.log.info('clusters enumerated', { scanId: scan.id, subscription: subscription.id, clusters: seen.size, failure });
}

/** What is stored until the clusters have all been listed: if they never are, and Azure then stops listing the subscription, it is still known. */
function notYetRead(scan: Scan, subscription: Subscription): IndexedSubscription {
  const message = 'Its clusters have never been listed completely.';
  const state = { readable: false, reason: 'subscription-unreadable', message, since: scan.at } as const;
  return { subscription: { ...subscription, ...state }, scanId: scan.id, outbox: false };
}

/** What every message about a cluster of one subscription says. */
type Base = Pick<AuditMessage, 'scanId' | 'subscriptionId' | 'baseline' | 'homeTenant'>;

const found = (base: Base, listed: ListedCluster): Found => ({
  message: auditMessageOf(base, listed),
  ...('cluster' in listed ? { cluster: ofTenant(listed.cluster, base.homeTenant) } : {}),
});

/** A body of more than this does not fit into the row of its work either, and is fetched again. */
const MOST_STORED_BYTES = 512 * 1024;

function auditMessageOf(base: Base, listed: ListedCluster): AuditMessage {
  const message = { ...base, id: listed.id, name: listed.name };
  if ('problem' in listed)
    return { ...message, source: { kind: 'unreadable', reason: 'cluster-unreadable', message: listed.problem } };
  const whole = { ...message, source: { kind: 'body' as const, cluster: listed.cluster } };
  return messageBytes(whole) > MOST_STORED_BYTES ? { ...message, source: { kind: 'fetch' } } : whole;
}

/** Writes the work down, then sends it: the supervisor sends what a crash left unsent. */
async function handOut(
  ctx: ScanContext,
  scan: Scan,
  subscriptionId: string,
  listed: readonly Found[],
  calls: CallPlan,
  seen: Set<string>,
): Promise<void> {
  const fresh = listed.filter(({ message }) => !seen.has(clusterKey(message.id)));
  for (const { message } of fresh) seen.add(clusterKey(message.id));
  const partition = clustersPartition(scan.id, subscriptionId);
  const planned = await calls.plan(fresh);
  const items = planned.map(({ message, at }) => newItem(ctx, partition, clusterKey(message.id), message, at));
  await putWork(ctx.tables.Work, items);
  await sendAll(ctx, 'audit', planned);
}

/** @param sentAt when whoever works on it can see it */
const newItem = <M>(
  ctx: ScanContext,
  partition: string,
  key: string,
  message: M,
  sentAt = ctx.clock.now(),
): WorkItem<M> => ({ partition, key, message, sentAt, tries: 1, state: 'pending' });

/** Sends messages a few at a time, each to be seen at its moment. */
async function sendAll(
  ctx: ScanContext,
  queue: 'enumerate' | 'audit',
  messages: readonly { readonly message: object; readonly at?: Date }[],
): Promise<void> {
  const secondsUntil = (at: Date): number => Math.max(0, (at.getTime() - ctx.clock.now().getTime()) / 1000);
  for (const part of inParts(messages, PARALLEL_SENDS))
    await Promise.all(
      part.map(({ message, at }) =>
        ctx.queue.send(queue, forQueue(message), at ? { delaySeconds: secondsUntil(at) } : {}),
      ),
    );
}
