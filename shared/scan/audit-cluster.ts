// Auditing one cluster: look, judge, compare with what was stored, store it all in one transaction, then strike the work off.
import { unreadableResult } from '../audit/audit.ts';
import { sayLeftOut } from '../audit/left-out.ts';
import { carryForward } from '../drift/carry.ts';
import { compareResults } from '../drift/compare.ts';
import type { Cluster } from '../model/cluster.ts';
import { ofTenant } from '../model/cluster.ts';
import { fitEvents, fitResult, isNews } from '../model/fit-result.ts';
import { UnreadableError } from '../model/estate.ts';
import { clusterKey } from '../model/keys.ts';
import type { Result } from '../model/result.ts';
import { scanMoment } from '../model/scan.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { putIndexed } from '../store/fleet-index.ts';
import type { StoredResult, Versioned } from '../store/results.ts';
import { commitResult, readLatest } from '../store/results.ts';
import { untilStored } from '../store/until-stored.ts';
import { changeWork, finishWork, readWork } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { toFleetCluster } from './fleet-cluster.ts';
import { judgeWithin } from './judge-within.ts';
import { addManagedNamespaces } from './managed-namespaces.ts';
import type { AuditMessage } from './messages.ts';
import { noteFailure, workOf } from './work-of.ts';

/**
 * Does the work of one message of the audit queue. Doing it twice, or late, changes nothing.
 * @throws when storage fails, when others keep changing the same cluster, or when anything unforeseen is thrown; the queue brings the
 *   message back, and what was thrown waits with the work for whoever gives it up
 */
export async function auditOne(ctx: ScanContext, message: AuditMessage, signal: AbortSignal): Promise<void> {
  try {
    const outcome = await record(ctx, message, () => look(ctx, message, signal));
    await (outcome === 'superseded' ? skip(ctx, message) : strikeOff(ctx, message));
  } catch (error) {
    await noteFailure(ctx, workOf(message), error);
    throw error;
  }
}

/** Stores that a cluster could not be looked at because of an error, like any other reason: it is unknown, and that is told. Its work stays. */
export async function recordUnaudited(ctx: ScanContext, message: AuditMessage, problem: string): Promise<void> {
  await record(ctx, message, async () => ({ kind: 'unreadable', reason: 'error', message: problem }));
}

/** @returns `superseded` when a later scan has looked at it already */
async function record(
  ctx: ScanContext,
  message: AuditMessage,
  lookOnce: () => Promise<Seen>,
): Promise<'recorded' | 'superseded'> {
  const key = clusterKey(message.id);
  const at = scanMoment(message.scanId);
  if (!at) throw new Error(`${message.scanId} is not the id of a scan`);
  const started = ctx.clock.now();
  let seen: Seen | undefined;
  return untilStored(ctx.tables.Results, `the result of ${message.id}`, async () => {
    const latest = await readLatest(ctx.tables.Results, key);
    if (latest && latest.at > at) return 'superseded';
    if (latest?.scanId === message.scanId) return finish(ctx, key, latest, true);
    seen ??= await lookOnce();
    const next = judge(message, at, seen, latest, ctx.clock.now());
    if (!next) return 'recorded';
    // The process that stored the last result may have died before indexing it, and its message may come back too late: its drift would never be seen.
    if (latest && latest.changedScanId === latest.scanId) await index(ctx, key, latest, true);
    const outcome = await commitResult(ctx.tables.Results, key, latest, next.stored, next.events);
    if (outcome === 'conflict') return outcome;
    const { result } = next.stored;
    if (next.leftOut > 0 || result.leftOut)
      ctx.log.warn('a cluster holds more than is kept', {
        scanId: message.scanId,
        cluster: message.id,
        findings: result.leftOut,
        drift: next.leftOut,
      });
    ctx.log.info('cluster audited', {
      scanId: message.scanId,
      cluster: message.id,
      verdict: result.verdict,
      drift: next.events.length,
      ms: ctx.clock.now().getTime() - started.getTime(),
    });
    return finish(ctx, key, next.stored, latest !== undefined || next.events.length > 0);
  });
}

type Seen =
  | { readonly kind: 'judged'; readonly result: Result; readonly namespacesAt?: Date }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unreadable'; readonly reason: UnknownReason; readonly message: string };

async function look(ctx: ScanContext, message: AuditMessage, signal: AbortSignal): Promise<Seen> {
  const source = message.source.kind === 'stored' ? await storedSource(ctx, message) : message.source;
  if (source.kind === 'unreadable') return source;
  if (source.kind === 'body') return judgeCluster(ctx, message, source.cluster, signal);
  try {
    const fetched = await ctx.estate.cluster(message.id, signal);
    if (fetched === 'gone') return { kind: 'gone' };
    if ('problem' in fetched) return { kind: 'unreadable', reason: 'cluster-unreadable', message: fetched.problem };
    return await judgeCluster(ctx, message, fetched.cluster, signal);
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    return { kind: 'unreadable', reason: error.reason, message: `${error.message} ${error.remedy}`.trim() };
  }
}

/** The row may be gone: a duplicate of the message finished first. */
async function storedSource(ctx: ScanContext, message: AuditMessage): Promise<AuditMessage['source']> {
  const { partition, key } = workOf(message);
  const work = await readWork<AuditMessage>(ctx.tables.Work, partition, key);
  return work?.message.source ?? { kind: 'fetch' };
}

async function judgeCluster(
  ctx: ScanContext,
  message: AuditMessage,
  listed: Cluster,
  signal: AbortSignal,
): Promise<Seen> {
  const { cluster, ...age } = await addManagedNamespaces(ctx, message, ofTenant(listed, message.homeTenant), signal);
  if (cluster.unreadableFields)
    ctx.log.warn('fields of a cluster not understood', {
      scanId: message.scanId,
      cluster: cluster.id,
      fields: cluster.unreadableFields.map(({ place }) => place),
    });
  const addressTurn = message.turns?.includes('address') ?? false;
  const { excludedNamespaces, exemptionMaxDays: maxDays, timezone: zone } = ctx.settings;
  const exemptions = { entries: await ctx.exemptions(message.scanId), maxDays, zone };
  // What was read takes memory until it is judged: nothing is waited for in between.
  const inCluster = ctx.reader
    ? await ctx.reader.read(cluster, { scanId: message.scanId, addressTurn }, signal)
    : {
        status: 'unknown' as const,
        reason: 'disabled' as const,
        message: 'Reading inside clusters is switched off.',
        remedy: 'Set BULKHEAD_IN_CLUSTER to on.',
      };
  const now = ctx.clock.now();
  const result = judgeWithin({ cluster, inCluster, now, excludedNamespaces, exemptions }, ctx.catalogue);
  return { kind: 'judged', result, ...age };
}

function judge(
  message: AuditMessage,
  at: Date,
  seen: Seen,
  latest: Versioned<StoredResult> | undefined,
  storedAt: Date,
): { stored: StoredResult; events: ReturnType<typeof compareResults>; leftOut: number } | undefined {
  const previous = latest?.result;
  // It was gone before anybody knew it: there is nothing to remember.
  if (seen.kind === 'gone' && !previous) return undefined;
  const current =
    seen.kind === 'judged'
      ? seen.result
      : seen.kind === 'gone'
        ? { ...previous!, gone: true }
        : unreadableResult({ id: message.id, name: message.name }, seen.reason, seen.message, previous);
  const carried = carryForward(previous?.gone ? undefined : previous, current);
  const { whole, kept: result } = sayLeftOut({ whole: carried, kept: fitResult(carried) });
  const context = { scanId: message.scanId, at: at.toISOString(), baseline: message.baseline };
  const changed = !latest || JSON.stringify(latest.result) !== JSON.stringify(result);
  const stored: StoredResult = {
    scanId: message.scanId,
    at,
    changedScanId: changed ? message.scanId : latest.changedScanId,
    since: latest && latest.result.verdict === result.verdict ? latest.since : at,
    storedAt,
    ...(seen.kind === 'judged' && seen.namespacesAt ? { namespacesAt: seen.namespacesAt } : {}),
    result,
  };
  // All of it is compared: what was left out of one of the two is neither resolved nor new.
  const news = compareResults(previous, whole, context).filter((event) => isNews(previous, event));
  const { events, leftOut } = fitEvents(news);
  return { stored, events, leftOut };
}

/**
 * The index follows the result: written again by a duplicate, so a crash in between leaves no gap.
 * @param outbox events of this or an earlier scan may be waiting; only at a first sight without events is it certain that none are
 */
async function finish(ctx: ScanContext, key: string, stored: StoredResult, outbox: boolean): Promise<'recorded'> {
  if (stored.changedScanId === stored.scanId) await index(ctx, key, stored, outbox);
  return 'recorded';
}

const index = (ctx: ScanContext, key: string, stored: StoredResult, outbox: boolean): Promise<void> =>
  putIndexed(ctx.tables.Fleet, {
    cluster: toFleetCluster(key, stored),
    scanId: stored.scanId,
    outbox,
    gone: stored.result.gone ?? false,
  });

/** A later scan has looked at it: this one has not, and says so. */
async function skip(ctx: ScanContext, message: AuditMessage): Promise<void> {
  const { partition, key } = workOf(message);
  await changeWork(ctx.tables.Work, partition, key, (item) =>
    item.state === 'pending' ? { ...item, state: 'skipped' } : undefined,
  );
  ctx.log.warn('cluster skipped, a later scan has looked at it', { scanId: message.scanId, cluster: message.id });
}

function strikeOff(ctx: ScanContext, message: AuditMessage): Promise<void> {
  const { partition, key } = workOf(message);
  return finishWork(ctx.tables.Work, partition, key);
}
