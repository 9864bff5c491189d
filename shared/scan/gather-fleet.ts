// The fleet at the close of a scan: what the index knows, what this scan did not look at, and what is missing.
import { compareText } from '../model/finding.ts';
import type { Fleet, FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { compareClusters } from '../model/fleet.ts';
import type { Scan } from '../model/scan.ts';
import { countVerdicts } from '../model/result.ts';
import { clip } from '../model/clip.ts';
import { toMissing } from '../model/missing.ts';
import { listIndexed, listSubscriptions } from '../store/fleet-index.ts';
import { inParts } from '../store/parts.ts';
import { readLatest } from '../store/results.ts';
import type { Unreadable } from '../store/rows.ts';
import type { WorkItem } from '../store/work.ts';
import { listWork } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { PARALLEL_READS } from './context.ts';
import { summarise } from './fleet-cluster.ts';
import type { AuditMessage, SubscriptionMessage } from './messages.ts';

/** `finished` when no work is left, `deadline` when time ran out. */
export type Why = 'finished' | 'deadline';

export interface Wanted {
  readonly why: Why;
  /** Set where the close failed before: leaves out what is long and what can do without, and says so with this problem. */
  readonly lessBecause?: string;
}

/** @returns the fleet as it now stands; a row that cannot be read is left out and said @throws when storage fails */
export async function gatherFleet(ctx: ScanContext, scan: Scan, { why, lessBecause }: Wanted): Promise<Fleet> {
  const missing: string[] = [];
  if (scan.sealed && scan.problem) missing.push(scan.problem);
  if (lessBecause !== undefined) missing.push(lessSentence(lessBecause));
  const unreadable: Unreadable = (error) => missing.push(`${error.message}.`);
  const subscriptions = await gatherSubscriptions(ctx, missing, unreadable);
  const clusters = new Map<string, FleetCluster>();
  const listed = new Set(subscriptions.map(({ id }) => id));
  for await (const { cluster, gone } of listIndexed(ctx.tables.Fleet, undefined, unreadable))
    if (!gone && listed.has(cluster.subscriptionId)) clusters.set(cluster.key, cluster);
  const unseen = await withoutThisScan(ctx, scan, why, clusters, { missing, unreadable });
  if (lessBecause === undefined) await addLastLooks(ctx, scan, unseen, clusters);
  if (!scan.sealed) missing.push(`The subscriptions were not listed before the deadline${lastFailure(scan)}.`);
  const shorten = lessBecause === undefined ? { line: asItIs, subscription: asItIs } : short;
  const ordered = [...clusters.values()].map(shorten.line).toSorted(compareClusters);
  const inOrder = subscriptions.map(shorten.subscription).toSorted((a, b) => compareText(a.id, b.id));
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

async function gatherSubscriptions(ctx: ScanContext, missing: string[], unreadable: Unreadable) {
  const subscriptions: FleetSubscription[] = [];
  for await (const { subscription } of listSubscriptions(ctx.tables.Fleet, unreadable)) {
    subscriptions.push(subscription);
    if (!subscription.readable)
      missing.push(`Subscription ${subscription.name} could not be read: ${subscription.message}`);
  }
  return subscriptions;
}

/** Puts down as unknown what is still to be done. @returns the keys of all clusters that this scan did not look at */
async function withoutThisScan(
  ctx: ScanContext,
  scan: Scan,
  why: Why,
  clusters: Map<string, FleetCluster>,
  { missing, unreadable }: { readonly missing: string[]; readonly unreadable: Unreadable },
): Promise<ReadonlySet<string>> {
  const { Work } = ctx.tables;
  const done = new Set<string>();
  for await (const item of listWork<SubscriptionMessage>(Work, scan.id, 'subscriptions', unreadable)) {
    const { id, name } = item.message.subscription;
    if (item.state === 'done') done.add(id);
    else missing.push(`The clusters of subscription ${name} were not listed ${cause(item, why)}.`);
  }
  const unseen = new Set([...clusters.values()].filter((c) => !done.has(c.subscriptionId)).map(({ key }) => key));
  for await (const item of listWork<AuditMessage>(Work, scan.id, 'clusters', unreadable)) {
    const { name } = item.message;
    const known = clusters.get(item.key);
    if (item.state === 'skipped') missing.push(`Cluster ${name} was skipped: a later scan has looked at it.`);
    else missing.push(`Cluster ${name} was not audited ${cause(item, why)}.`);
    if (item.state !== 'skipped') clusters.set(item.key, notAudited(item, known, scan));
    else if (!known) continue;
    unseen.add(item.key);
  }
  return unseen;
}

/** A process may have died after it stored the result: then the scan did look. */
async function addLastLooks(
  ctx: ScanContext,
  scan: Scan,
  unseen: ReadonlySet<string>,
  clusters: Map<string, FleetCluster>,
): Promise<void> {
  for (const part of inParts([...unseen], PARALLEL_READS)) {
    const looks = await Promise.all(part.map((key) => readLatest(ctx.tables.Results, key)));
    for (const [i, key] of part.entries()) {
      const lastScanId = looks[i]?.scanId;
      if (lastScanId !== undefined && lastScanId !== scan.id) clusters.set(key, { ...clusters.get(key)!, lastScanId });
    }
  }
}

function cause(item: WorkItem, why: Why): string {
  if (item.state === 'failed') return `because of an error: ${item.problem ?? 'nobody knows which'}`;
  return `${why === 'deadline' ? 'before the deadline' : 'in time'}${lastFailure(item)}`;
}

const lastFailure = ({ problem }: { readonly problem?: string }): string =>
  problem === undefined ? '' : `; the last attempt failed: ${problem}`;

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

/** How long a sentence of somebody else may be where the whole would not fit. */
const SHORT_CHARS = 100;
const lessSentence = (problem: string): string =>
  `The scan could not be closed as usual (${problem}): tags and long sentences are left out.`;

const asItIs = <T>(line: T): T => line;
const short = {
  line: ({ unreadable, ...line }: FleetCluster): FleetCluster => ({
    ...line,
    tags: {},
    ...(unreadable ? { unreadable: { ...unreadable, message: clip(unreadable.message, SHORT_CHARS) } } : {}),
  }),
  subscription: ({ message, ...line }: FleetSubscription): FleetSubscription => ({
    ...line,
    ...(message === undefined ? {} : { message: clip(message, SHORT_CHARS) }),
  }),
};
