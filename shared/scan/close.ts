// Closing a scan: the fleet as it now stands is stored once, the drift goes to the alerts, the work is cleared away.
import { compareText } from '../model/finding.ts';
import type { Fleet, FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { compareClusters } from '../model/fleet.ts';
import { toMissing } from '../model/missing.ts';
import type { Scan } from '../model/scan.ts';
import { countVerdicts } from '../model/result.ts';
import { listIndexed, listSubscriptions } from '../store/fleet-index.ts';
import { insertFleet, readFleet } from '../store/fleet-snapshots.ts';
import { inParts } from '../store/parts.ts';
import { readLatest } from '../store/results.ts';
import { changeScan, readScan } from '../store/scans.ts';
import type { WorkItem } from '../store/work.ts';
import { clearWork, listWork } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { PARALLEL_READS } from './context.ts';
import { summarise } from './fleet-cluster.ts';
import type { AuditMessage, SubscriptionMessage } from './messages.ts';

/**
 * Closes a scan and hands its drift over. Every step may be repeated by whoever comes after a crash.
 * @param why `finished` when no work is left, `deadline` when time ran out
 */
export async function closeScan(ctx: ScanContext, scanId: string, why: 'finished' | 'deadline'): Promise<void> {
  const scan = await readScan(ctx.tables.Scans, scanId);
  if (!scan) return;
  const closed = scan.state === 'closed' ? scan : await writeClose(ctx, scan, why);
  if (closed.dispatched) return;
  const fleet = await readFleet(ctx.tables.Fleet, new Date(scan.at));
  if (fleet?.scanId === scanId) await ctx.dispatch(closed, fleet);
  if (closed.outcome === 'complete') await ctx.heartbeat(closed);
  await clearWork(ctx.tables.Work, new Date(scan.at));
  await changeScan(ctx.tables.Scans, scanId, (s) => (s.dispatched ? undefined : { ...s, dispatched: true }));
}

async function writeClose(ctx: ScanContext, scan: Scan, why: 'finished' | 'deadline'): Promise<Scan> {
  const fleet = await gatherFleet(ctx, scan, why);
  const inserted = await insertFleet(ctx.tables.Fleet, fleet);
  // Somebody closed it a moment ago: the fleet they inserted is the one that counts.
  const standing = inserted === 'inserted' ? fleet : ((await readFleet(ctx.tables.Fleet, new Date(scan.at))) ?? fleet);
  const closed = await changeScan(ctx.tables.Scans, scan.id, (s) =>
    s.state === 'closed'
      ? undefined
      : {
          ...s,
          state: 'closed',
          closedAt: standing.closedAt,
          outcome: standing.outcome,
          missing: standing.missing,
          missingCount: standing.missingCount,
          summary: standing.summary,
        },
  );
  ctx.log.info('scan closed', { scanId: scan.id, outcome: standing.outcome, clusters: standing.summary.clusters, why });
  return closed ?? scan;
}

async function gatherFleet(ctx: ScanContext, scan: Scan, why: 'finished' | 'deadline'): Promise<Fleet> {
  const clusters = new Map<string, FleetCluster>();
  const missing: string[] = scan.problem ? [scan.problem] : [];
  const subscriptions: FleetSubscription[] = [];
  const listed = new Set<string>();
  for await (const { subscription } of listSubscriptions(ctx.tables.Fleet)) {
    subscriptions.push(subscription);
    listed.add(subscription.id);
    if (!subscription.readable)
      missing.push(`Subscription ${subscription.name} could not be read: ${subscription.message}`);
  }
  for await (const { cluster, gone } of listIndexed(ctx.tables.Fleet))
    if (!gone && listed.has(cluster.subscriptionId)) clusters.set(cluster.key, cluster);
  const done = new Set<string>();
  for await (const item of listWork<SubscriptionMessage>(ctx.tables.Work, scan.id, 'subscriptions'))
    if (item.state === 'done') done.add(item.message.subscription.id);
    else
      missing.push(
        `The clusters of subscription ${item.message.subscription.name} were not listed ${cause(item, why)}.`,
      );
  const unseen = new Set([...clusters.values()].filter((c) => !done.has(c.subscriptionId)).map(({ key }) => key));
  for await (const item of listWork<AuditMessage>(ctx.tables.Work, scan.id, 'clusters')) {
    missing.push(`Cluster ${item.message.name} was not audited ${cause(item, why)}.`);
    clusters.set(item.key, notAudited(item, clusters.get(item.key), scan));
    unseen.add(item.key);
  }
  for (const part of inParts([...unseen], PARALLEL_READS))
    for (const line of await Promise.all(part.map((key) => withLastLook(ctx, scan, clusters.get(key)!))))
      clusters.set(line.key, line);
  if (!scan.sealed && why === 'deadline') missing.push('The subscriptions were not listed before the deadline.');
  const ordered = [...clusters.values()].toSorted(compareClusters);
  const inOrder = subscriptions.toSorted((a, b) => compareText(a.id, b.id));
  return {
    scanId: scan.id,
    at: scan.at,
    closedAt: ctx.clock.now().toISOString(),
    outcome: missing.length === 0 ? 'complete' : 'partial',
    ...toMissing(missing),
    summary: summarise(ordered, inOrder),
    clusters: ordered,
    subscriptions: inOrder,
  };
}

/** A process may have died after it stored the result: then the scan did look. */
async function withLastLook(ctx: ScanContext, scan: Scan, line: FleetCluster): Promise<FleetCluster> {
  const latest = await readLatest(ctx.tables.Results, line.key);
  return !latest || latest.scanId === scan.id ? line : { ...line, lastScanId: latest.scanId };
}

const cause = (item: WorkItem, why: 'finished' | 'deadline'): string =>
  item.problem === undefined
    ? why === 'deadline'
      ? 'before the deadline'
      : 'in time'
    : `because of an error: ${item.problem}`;

/** What a scan did not look at is unknown, whatever it was before. */
function notAudited(item: WorkItem<AuditMessage>, known: FleetCluster | undefined, scan: Scan): FleetCluster {
  const reason = item.state === 'failed' ? ('error' as const) : ('timeout' as const);
  const message = item.problem ?? 'The scan closed before this cluster was audited.';
  const { id, name, subscriptionId } = item.message;
  const base: FleetCluster = known ?? {
    id,
    key: item.key,
    name,
    subscriptionId,
    resourceGroup: id.split('/')[4] ?? '',
    location: '',
    tags: {},
    engine: 'unrecognised',
    plugin: '',
    kubernetesVersion: '',
    verdict: 'unknown',
    since: scan.at,
    failing: [],
    unknownReasons: [],
    counts: countVerdicts([]),
    midOperation: false,
  };
  return { ...base, verdict: 'unknown', unreadable: { reason, message } };
}
