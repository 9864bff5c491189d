// The outbox: drift events that were stored with their result and that the alerts have not yet taken up.
import type { DriftEvent } from '../model/result.ts';
import type { Log, Tables } from '../ports.ts';
import { clearFlags, listWaiting } from '../store/fleet-index.ts';
import { logDrift } from '../store/drift-log.ts';
import type { OutboxRow } from '../store/results.ts';
import { readOutbox, removeOutbox } from '../store/results.ts';
import { inTurns } from '../store/parts.ts';
import { PARALLEL_READS } from './context.ts';
import { subscriptionKey } from './subscription-state.ts';

export interface Outbox {
  /** In a fixed order: by moment, then by id. */
  readonly events: readonly DriftEvent[];
  /** To be called when the alerts have stored the events. After a crash half-way, the rows that are left are collected again. */
  remove(): Promise<void>;
}

/**
 * @returns every waiting event, already written to the drift log, so that history has it whatever the alerts do with it. Events that
 *   cannot be read stay where they are, and keep nobody else's waiting.
 */
export async function collectOutbox(tables: Pick<Tables, 'Fleet' | 'Results'>, log: Log): Promise<Outbox> {
  const waiting = await listWaiting(tables.Fleet);
  const damaged = new Set<string>();
  const keyOf = ({ kind, id }: (typeof waiting)[number]): string => (kind === 'cluster' ? id : subscriptionKey(id));
  const rows: OutboxRow[] = [];
  for (const found of await inTurns(waiting.map(keyOf), PARALLEL_READS, (key) =>
    readOutbox(tables.Results, key, (error) => {
      damaged.add(key);
      log.error('events cannot be read', { key, error });
    }),
  ))
    rows.push(...found);
  const events = rows
    .flatMap((row) => row.events)
    .toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1));
  await logDrift(tables.Fleet, events);
  return {
    events,
    async remove() {
      await inTurns(rows, PARALLEL_READS, (row) => removeOutbox(tables.Results, row));
      await clearFlags(
        tables.Fleet,
        waiting.filter((one) => !damaged.has(keyOf(one))),
      );
    },
  };
}
