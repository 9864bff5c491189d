// Retention: once a day what is older than the setting is deleted, a slice of clusters a message, so that it can be interrupted anywhere.
import { purgeExemptions } from '../store/exemptions.ts';
import { listIndexed, purgeFleet } from '../store/fleet.ts';
import { purgeBefore } from '../store/results.ts';
import { purgeScans } from '../store/scans.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';

const SLICE = 100;
const DAY_MS = minutes(24 * 60);

/** Starts a purge when the current scan is the first of its day. */
export async function startPurge(ctx: ScanContext): Promise<void> {
  const now = ctx.clock.now().getTime();
  if (now % DAY_MS >= minutes(ctx.settings.periodMinutes)) return;
  const before = new Date(now - ctx.settings.retentionDays * DAY_MS).toISOString();
  await ctx.queue.send('supervise', { kind: 'purge', before, after: '' });
}

/** Deletes one slice and sends the next. @param message.after the cluster key to go on behind */
export async function purgeSlice(ctx: ScanContext, message: { before: string; after: string }): Promise<void> {
  const before = new Date(message.before);
  if (message.after === '') {
    await purgeScans(ctx.tables.Scans, before);
    await purgeFleet(ctx.tables.Fleet, before);
    await purgeExemptions(ctx.tables.Alerts, before);
    await ctx.forgetAlerts(before);
  }
  const keys: string[] = [];
  for await (const { cluster } of listIndexed(ctx.tables.Fleet)) {
    if (cluster.key <= message.after) continue;
    keys.push(cluster.key);
    if (keys.length === SLICE) break;
  }
  let deleted = 0;
  for (const key of keys) deleted += await purgeBefore(ctx.tables.Results, key, before);
  ctx.log.info('history purged', { before: message.before, clusters: keys.length, deleted });
  const last = keys.at(-1);
  if (keys.length === SLICE && last)
    await ctx.queue.send('supervise', { kind: 'purge', before: message.before, after: last });
}
