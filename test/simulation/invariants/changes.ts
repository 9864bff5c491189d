// The oracle: what changed, worked out anew from the results as they were stored; drift has to say just that.
import type { FleetSubscription } from '../../../shared/model/fleet.ts';
import type { DriftEvent, Result } from '../../../shared/model/result.ts';
import { clusterSubject } from '../../../shared/model/finding.ts';
import type { StoredRow } from '../../../shared/ports.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';

/** What is known of one cluster from results that could be decided. */
interface Known {
  gone: boolean;
  engine: string | undefined;
  /** Some result could be decided: what it found is what later ones are held against. */
  decided: boolean;
  readonly failing: Set<string>;
  readonly exempt: Set<string>;
}

const nothing = (gone: boolean): Known => ({
  gone,
  engine: undefined,
  decided: false,
  failing: new Set(),
  exempt: new Set(),
});

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

/** @param told is given every event that was stored */
export function changesAreDrift({ broken }: Observed, told: (event: DriftEvent) => void): Invariant {
  const clusters = new Map<string, Known>();
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
      clusters.set(key, nothing(true));
      return known && !known.gone ? ['cluster-gone'] : [];
    }
    if (known && !known.gone) return decide(known, result);
    const now = nothing(false);
    decide(now, result);
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
      const found = events.filter(isWorkedOut).map(nameOf).toSorted();
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

/** Takes what a result decides into what is known. @returns what that changes */
function decide(known: Known, result: Result): string[] {
  if (result.midOperation || result.unreadable) return [];
  const changes: string[] = [];
  // Where the owner brings the CNI, ARM names no engine: nothing is known to have changed.
  if (!result.engineUnread) {
    if (known.engine !== undefined && known.engine !== result.engine) changes.push('engine-changed');
    known.engine = result.engine;
  }
  for (const { rule, subject, verdict } of result.findings) {
    if (subject !== clusterSubject || verdict === 'unknown') continue;
    if (verdict === 'fail' && !known.failing.has(rule))
      changes.push(`${known.exempt.has(rule) ? 'exemption-expired' : 'new-failure'} ${rule}`);
    if (verdict !== 'fail' && known.failing.has(rule)) changes.push(`resolved ${rule}`);
    if (verdict === 'fail') known.failing.add(rule);
    else known.failing.delete(rule);
    if (verdict === 'exempt') known.exempt.add(rule);
    else known.exempt.delete(rule);
  }
  // What is found at the first sight of a cluster is a baseline, also where that comes later than the cluster.
  if (!known.decided) changes.length = 0;
  known.decided = true;
  return changes;
}

const isWorkedOut = ({ kind, subject, title }: DriftEvent): boolean =>
  WORKED_OUT.has(kind) && (subject ?? clusterSubject) === clusterSubject && !/ became \w+ on /.test(title);
const nameOf = ({ kind, rule }: DriftEvent): string => (rule === undefined ? kind : `${kind} ${rule}`);
