// What changed, worked out from the results as they are stored: every change between two of them has its drift event, and the last one counts.
import type { App } from '../../shared/app/app.ts';
import { alertId } from '../../shared/alerts/lifecycle.ts';
import { compareResults } from '../../shared/drift/compare.ts';
import type { FleetSubscription } from '../../shared/model/fleet.ts';
import type { DriftEvent, DriftKind, Result } from '../../shared/model/result.ts';
import { readSubscription } from '../../shared/store/fleet-index.ts';
import { readDriftLog } from '../../shared/store/drift-log.ts';
import type { StoredResult } from '../../shared/store/results.ts';
import { readHistory } from '../../shared/store/results.ts';
import { rowsOf } from '../../shared/store/rows.ts';

export interface Changes {
  /** In the order of time. */
  readonly events: readonly DriftEvent[];
  readonly lost: readonly string[];
}

/** @returns what changed between stored results, and what of it the drift log lacks or an outbox still holds */
export async function changesOf({ tables }: App): Promise<Changes> {
  const keys = new Set<string>();
  const lost: string[] = [];
  for await (const { partitionKey, rowKey } of rowsOf(tables.Results, {})) {
    keys.add(partitionKey);
    if (rowKey.startsWith('o~')) lost.push(`${partitionKey}: ${rowKey} is left in the outbox`);
  }
  const events: DriftEvent[] = [];
  for (const key of keys)
    events.push(...(key.startsWith('subscription~') ? await turnsOf(tables, key) : await driftOf(tables, key)));
  const logged = new Set<string>();
  for await (const { id } of readDriftLog(tables.Fleet, new Date(0), new Date('9999-01-01'))) logged.add(id);
  for (const { id } of events) if (!logged.has(id)) lost.push(`${id} is not in the drift log`);
  return { events: events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)), lost };
}

async function historyOf<R>(tables: App['tables'], key: string): Promise<readonly StoredResult<R>[]> {
  const rows: StoredResult<R>[] = [];
  for await (const row of readHistory<R>(tables.Results, key)) rows.unshift(row);
  return rows;
}

async function driftOf(tables: App['tables'], key: string): Promise<readonly DriftEvent[]> {
  const rows = await historyOf<Result>(tables, key);
  const subscription = await readSubscription(tables.Fleet, rows[0]?.result.subscriptionId ?? '');
  const first = subscription?.firstReadScanId;
  return rows.flatMap(({ scanId, at, result }, index) =>
    compareResults(rows[index - 1]?.result, result, {
      scanId,
      at: at.toISOString(),
      baseline: first === undefined || first === scanId,
    }),
  );
}

async function turnsOf(tables: App['tables'], key: string): Promise<readonly DriftEvent[]> {
  const rows = await historyOf<FleetSubscription>(tables, key);
  return rows.flatMap(({ scanId, at, result: { id, name, readable } }, index) => {
    const before = rows[index - 1]?.result;
    if (!before || before.readable === readable) return [];
    const kind: DriftKind = readable ? 'subscription-regained' : 'subscription-lost';
    const about = { subscriptionId: id, clusterId: '', clusterName: '', resourceGroup: '', tags: {}, detail: '' };
    const base = { scanId, at: at.toISOString(), severity: 'high' as const, title: `${kind} ${name}` };
    return [{ ...base, ...about, id: [scanId, id, kind, '', ''].join('|'), kind }];
  });
}

const FAILS: readonly DriftKind[] = ['new-failure', 'exemption-expired', 'visibility-lost', 'subscription-lost'];
const PASSES: readonly DriftKind[] = ['resolved', 'visibility-regained', 'subscription-regained'];

/** @returns the last word on everything that fails or not, by the id of its alert; a cluster that is gone has none */
export function lastWords(events: readonly DriftEvent[]): ReadonlyMap<string, { event: DriftEvent; fails: boolean }> {
  const last = new Map<string, { event: DriftEvent; fails: boolean }>();
  for (const event of events) {
    const fails = FAILS.includes(event.kind);
    if (fails || PASSES.includes(event.kind)) last.set(alertId(event), { event, fails });
    if (event.kind === 'cluster-gone')
      for (const [id, known] of last) if (known.event.clusterId === event.clusterId) last.delete(id);
  }
  return last;
}
