// What changed, worked out anew from the results as they were stored: drift has to say just that.
import type { FleetSubscription } from '../../../shared/model/fleet.ts';
import type { DriftEvent, Result } from '../../../shared/model/result.ts';
import type { StoredRow } from '../../../shared/ports.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';
import type { Known } from './known.ts';
import { follow, nothingKnown } from './known.ts';

/** Kinds that the oracle works out; others are told as they come. */
const WORKED_OUT = new Set<DriftEvent['kind']>([
  'new-failure',
  'exemption-expired',
  'resolved',
  'engine-changed',
  'cluster-gone',
  'cluster-appeared',
  'subscription-lost',
  'subscription-regained',
]);

/** @param clusters by their keys, what is known of them: kept up to date here @param told is given every event that was stored */
export function changesAreDrift(
  { broken }: Observed,
  clusters: Map<string, Known>,
  told: (event: DriftEvent) => void,
): Invariant {
  const readable = new Map<string, boolean>();
  /** By subscription: the scan that could read it first. What appears in that scan is a baseline. */
  const firstRead = new Map<string, string>();

  function ofSubscription(key: string, { readable: now }: FleetSubscription): string[] {
    const before = readable.get(key);
    readable.set(key, now);
    if (before === undefined || before === now) return [];
    return [now ? 'subscription-regained' : 'subscription-lost'];
  }

  function ofCluster(key: string, result: Result, scanId: string): string[] {
    const known = clusters.get(key);
    if (result.gone) {
      clusters.set(key, nothingKnown(true));
      return known && !known.gone ? ['cluster-gone'] : [];
    }
    if (known && !known.gone) return follow(known, result);
    const now = nothingKnown(false);
    follow(now, result);
    clusters.set(key, now);
    const first = firstRead.get(result.subscriptionId);
    return first === undefined || first === scanId ? [] : ['cluster-appeared'];
  }

  return {
    committed(table, changes) {
      for (const { after } of changes)
        if (table === 'Fleet' && after?.partitionKey === 'subscription' && after['firstReadScanId'] !== undefined)
          firstRead.set(after.rowKey, after['firstReadScanId'] as string);
      if (table !== 'Results') return;
      const latest = changes.find(({ after }) => after?.rowKey === 'latest')?.after;
      const outbox = changes.find(({ after }) => after?.rowKey.startsWith('o~'))?.after;
      const events = outbox ? bodyOf<DriftEvent[]>(outbox) : [];
      for (const event of events) told(event);
      if (!latest || (!outbox && latest['changedScanId'] !== latest['scanId'])) return;
      const expected = work(latest).toSorted();
      const found = events.filter(isWorkedOut).map(wordsOf).toSorted();
      if (JSON.stringify(expected) !== JSON.stringify(found))
        broken(
          `${latest.partitionKey} in ${String(latest['scanId'])}: drift is ${JSON.stringify(found)}, what changed is ${JSON.stringify(expected)}`,
        );
    },
  };

  function work(row: StoredRow): string[] {
    const key = row.partitionKey;
    if (key.startsWith('subscription~')) return ofSubscription(key, bodyOf<FleetSubscription>(row));
    return ofCluster(key, bodyOf<Result>(row), row['scanId'] as string);
  }
}

/** One that only got worse was a failure before. */
const isWorkedOut = ({ kind, title }: DriftEvent): boolean => WORKED_OUT.has(kind) && !/^Now \w+: /.test(title);
const wordsOf = ({ kind, rule, subject }: DriftEvent): string => [kind, rule, subject].filter(Boolean).join(' ');
