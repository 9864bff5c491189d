// Retention: once a day, what is older than the setting allows is deleted. Each message does a slice of the results, so it may be interrupted anywhere.
import { purgeExemptions } from '../store/exemptions.ts';
import type { IndexedCluster } from '../store/fleet-index.ts';
import { listSubscriptionIds, readIndexed, removeIndexed } from '../store/fleet-index.ts';
import { purgeSnapshots } from '../store/fleet-snapshots.ts';
import { purgeDriftLog } from '../store/drift-log.ts';
import type { Subject } from '../store/purge-subject.ts';
import { forgetSubject, isStale, purgeSubject, subjectsBehind } from '../store/purge-subject.ts';
import { readNewest } from '../store/results.ts';
import { claimPurge, purgeScans } from '../store/scans.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';
import { subscriptionKey } from './subscription-state.ts';

/** Some five hundred clusters with a history each: a few seconds. */
const SLICE_ROWS = 20_000;
const DAY_MS = minutes(24 * 60);

/** Starts a purge after the first scan that closes on a day. A clock that is ahead must not delete what is kept. */
export async function startPurge(ctx: ScanContext): Promise<void> {
  const own = ctx.clock.now();
  const stores = ctx.storeTime?.() ?? own;
  const now = stores < own ? stores : own;
  if (!(await claimPurge(ctx.tables.Scans, now.toISOString().slice(0, 10)))) return;
  const before = new Date(now.getTime() - ctx.settings.retentionDays * DAY_MS).toISOString();
  await ctx.queue.send('supervise', { kind: 'purge', before, after: '' });
}

/**
 * Deletes what is due in one slice of the results, and sends the message for the next.
 * @param message.after the key of the cluster or subscription behind which this slice begins
 * @param mostRows a slice ends with the subject that reaches it
 */
export async function purgeSlice(
  ctx: ScanContext,
  message: { before: string; after: string },
  mostRows = SLICE_ROWS,
): Promise<void> {
  const before = new Date(message.before);
  if (message.after === '') await purgeFleetWide(ctx, before);
  const watched = await listSubscriptionIds(ctx.tables.Fleet);
  const done = { subjects: 0, rows: 0, deleted: 0 };
  for await (const subject of subjectsBehind(ctx.tables.Results, message.after)) {
    done.deleted += await purgeOne(ctx, subject, before, watched);
    done.subjects++;
    done.rows += subject.rows.length;
    if (done.rows < mostRows) continue;
    await ctx.queue.send('supervise', { kind: 'purge', before: message.before, after: subject.key });
    break;
  }
  ctx.log.info('history purged', { before: message.before, ...done });
}

async function purgeFleetWide(ctx: ScanContext, before: Date): Promise<void> {
  const { Scans, Fleet, Alerts } = ctx.tables;
  await purgeScans(Scans, before);
  await purgeSnapshots(Fleet, before);
  await purgeDriftLog(Fleet, before);
  await purgeExemptions(Alerts, before);
  await ctx.forgetAlerts(before);
}

/** What nobody watches any more is kept for as long as history is, and then forgotten altogether. */
async function purgeOne(
  ctx: ScanContext,
  subject: Subject,
  before: Date,
  watched: ReadonlySet<string>,
): Promise<number> {
  const { Results, Fleet } = ctx.tables;
  const known = isStale(subject, before) ? await findLeft(ctx, subject, watched) : undefined;
  if (!known) return purgeSubject(Results, subject, before);
  return forgetSubject(Results, subject, before, async () => {
    if (known.indexed) await removeIndexed(Fleet, known.indexed);
  });
}

/** @returns what the index knows of a subject that is gone or out of scope; undefined while it is watched or the alerts have yet to take up its events */
async function findLeft(
  { tables: { Results, Fleet } }: ScanContext,
  { key }: Subject,
  watched: ReadonlySet<string>,
): Promise<{ readonly indexed?: IndexedCluster } | undefined> {
  if (key.startsWith(subscriptionKey(''))) {
    const isWatched = [...watched].some((id) => subscriptionKey(id) === key);
    return isWatched ? undefined : {};
  }
  const last = await readNewest(Results, key);
  const indexed = last && (await readIndexed(Fleet, last.result.subscriptionId, key));
  if (!indexed) return {};
  const left = indexed.gone || !watched.has(indexed.cluster.subscriptionId);
  return left && !indexed.outbox ? { indexed } : undefined;
}
