// The outbox: drift events that were stored with their result and that the alerts have not yet taken up.
import type { DriftEvent } from '../model/result.ts';
import type { Tables } from '../ports.ts';
import type { IndexedCluster, IndexedSubscription } from '../store/fleet-index.ts';
import { clearOutboxFlag, clearSubscriptionFlag, listIndexed, listSubscriptions } from '../store/fleet-index.ts';
import { logDrift } from '../store/drift-log.ts';
import type { OutboxRow } from '../store/results.ts';
import { readOutbox, removeOutbox } from '../store/results.ts';
import { inParts } from '../store/parts.ts';
import { PARALLEL_READS } from './context.ts';
import { subscriptionKey } from './subscription-state.ts';

export interface Outbox {
  /** In a fixed order: by moment, then by id. */
  readonly events: readonly DriftEvent[];
  /** To be called when the alerts have stored the events. After a crash half-way, the rows that are left are collected again. */
  remove(): Promise<void>;
}

/** @returns every waiting event, already written to the drift log, so that history has it whatever the alerts do with it */
export async function collectOutbox(tables: Pick<Tables, 'Fleet' | 'Results'>): Promise<Outbox> {
  const clusters: IndexedCluster[] = [];
  const subscriptions: IndexedSubscription[] = [];
  for await (const indexed of listIndexed(tables.Fleet)) if (indexed.outbox) clusters.push(indexed);
  for await (const indexed of listSubscriptions(tables.Fleet)) if (indexed.outbox) subscriptions.push(indexed);
  const keys = [...clusters.map((c) => c.cluster.key), ...subscriptions.map((s) => subscriptionKey(s.subscription.id))];
  const rows: OutboxRow[] = [];
  for (const part of inParts(keys, PARALLEL_READS))
    rows.push(...(await Promise.all(part.map((key) => readOutbox(tables.Results, key)))).flat());
  const events = rows
    .flatMap((row) => row.events)
    .toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  await logDrift(tables.Fleet, events);
  return {
    events,
    async remove() {
      for (const row of rows) await removeOutbox(tables.Results, row);
      for (const indexed of clusters) await clearOutboxFlag(tables.Fleet, indexed);
      for (const indexed of subscriptions) await clearSubscriptionFlag(tables.Fleet, indexed);
    },
  };
}
