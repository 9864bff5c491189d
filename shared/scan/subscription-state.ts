// Whether a subscription can be read is itself stored, compared with the last scan, and told.
import type { Subscription } from '../model/estate.ts';
import { clip } from '../model/clip.ts';
import type { FleetSubscription } from '../model/fleet.ts';
import { encodeKey } from '../model/keys.ts';
import type { DriftEvent } from '../model/result.ts';
import type { Scan } from '../model/scan.ts';
import { isLaterScan } from '../model/scan.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { shellLine } from '../model/shell.ts';
import type { StoredResult } from '../store/results.ts';
import { commitResult, readLatest } from '../store/results.ts';
import type { IndexedSubscription } from '../store/fleet-index.ts';
import { putSubscription } from '../store/fleet-index.ts';
import { untilStored } from '../store/until-stored.ts';
import type { ScanContext } from './context.ts';

export const subscriptionKey = (id: string): string => `subscription~${encodeKey(id)}`;

/** What a stranger's server says may be of any length. */
const MOST_MESSAGE_CHARS = 1_000;

type Failure = { readonly reason: UnknownReason; readonly message: string } | undefined;

/** Stores what this scan found, with a drift event when the subscription became readable or unreadable. Doing it twice changes nothing. */
export async function recordSubscription(
  ctx: ScanContext,
  scan: Scan,
  subscription: Subscription,
  failure: Failure,
  indexed: IndexedSubscription | undefined,
): Promise<void> {
  const { Results, Fleet } = ctx.tables;
  const key = subscriptionKey(subscription.id);
  const outcome = await untilStored(Results, `the state of subscription ${subscription.id}`, async () => {
    const latest = await readLatest<FleetSubscription>(Results, key);
    if (latest && latest.at > new Date(scan.at)) return 'superseded';
    if (latest?.scanId === scan.id) return 'committed';
    const bounded = failure && { ...failure, message: clip(failure.message, MOST_MESSAGE_CHARS) };
    const { next, events } = judge(scan, subscription, bounded, latest);
    return commitResult(Results, key, latest, next, events);
  });
  if (outcome === 'superseded') return;
  const stored = await readLatest<FleetSubscription>(Results, key);
  const firstReadScanId = indexed?.firstReadScanId ?? (failure ? undefined : scan.id);
  await putSubscription(Fleet, {
    subscription: stored!.result,
    scanId: scan.id,
    outbox: indexed === undefined || indexed.outbox || isUnindexed(stored!.changedScanId, indexed, scan),
    ...(firstReadScanId === undefined ? {} : { firstReadScanId }),
  });
}

/** @returns what is to be stored, and the event where the subscription became readable or unreadable */
function judge(
  scan: Scan,
  subscription: Subscription,
  failure: Failure,
  latest: StoredResult<FleetSubscription> | undefined,
): { next: StoredResult<FleetSubscription>; events: readonly DriftEvent[] } {
  const before = latest?.result;
  const turned = before?.readable !== (failure === undefined);
  const changed =
    turned ||
    before?.message !== failure?.message ||
    before?.name !== subscription.name ||
    before.homeTenant !== subscription.homeTenant;
  const now: FleetSubscription = {
    ...subscription,
    readable: failure === undefined,
    ...(failure ? { reason: failure.reason, message: failure.message } : {}),
    since: turned || !before ? scan.at : before.since,
  };
  const next = {
    scanId: scan.id,
    at: new Date(scan.at),
    changedScanId: changed || !latest ? scan.id : latest.changedScanId,
    since: new Date(now.since),
    result: now,
  };
  return { next, events: before && turned ? [turnEvent(scan, now)] : [] };
}

/** Changed by this scan, or by an earlier one that died before it wrote the index. */
const isUnindexed = (changedScanId: string, indexed: IndexedSubscription, scan: Scan): boolean =>
  changedScanId === scan.id || isLaterScan(changedScanId, indexed.scanId);

function turnEvent(scan: Scan, now: FleetSubscription): DriftEvent {
  const kind = now.readable ? 'subscription-regained' : 'subscription-lost';
  return {
    id: [scan.id, now.id, kind, '', ''].join('|'),
    kind,
    scanId: scan.id,
    at: scan.at,
    subscriptionId: now.id,
    clusterId: '',
    clusterName: '',
    resourceGroup: '',
    tags: {},
    severity: now.readable ? 'info' : 'high',
    title: now.readable
      ? `Subscription ${now.name} can be read again`
      : `Subscription ${now.name} can no longer be read`,
    detail: now.message ?? 'Its clusters are judged again.',
    ...(now.readable
      ? {}
      : { remediation: shellLine('az', 'role', 'assignment', 'list', '--scope', `/subscriptions/${now.id}`, '--all') }),
  };
}
