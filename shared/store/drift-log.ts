// The log of drift across all clusters, newest first, written before the alerts take the events up.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { reverseTimeKey } from '../model/keys.ts';
import type { DriftEvent } from '../model/result.ts';
import type { Row, Table } from '../ports.ts';
import { deleteRows } from './delete-rows.ts';
import { bodyKind } from './row-kind.ts';
import { packParts } from './parts.ts';
import { prefixRange, rowsOf } from './rows.ts';

const DRIFT = 'drift';
/** As a rule, five hundred events are far below what a row holds. */
const PER_ROW = 500;
const eventsRow = bodyKind('Fleet', z.object({ events: z.custom<readonly DriftEvent[]>() }));

/** Its key comes from the ids of its events, so that the same ones again are the same row. */
function toRow(at: Date, events: readonly DriftEvent[]): Row {
  const ids = events.map((event) => event.id).join('\n');
  const hash = createHash('sha256').update(ids).digest('hex').slice(0, 16);
  return { partitionKey: DRIFT, rowKey: `${reverseTimeKey(at)}~${hash}`, ...eventsRow.write({ events }) };
}

/** Adds events to the log; adding the same ones again changes nothing. */
export async function logDrift(table: Table, events: readonly DriftEvent[]): Promise<void> {
  for (const [at, sameMoment] of Map.groupBy(events, (event) => event.at))
    for (const row of packParts(sameMoment, PER_ROW, (part) => toRow(new Date(at), part))) await table.upsert(row);
}

/** Drift events between two moments, newest first, each once. */
export async function* readDriftLog(table: Table, from: Date, to: Date): AsyncGenerator<DriftEvent> {
  const seen = new Set<string>();
  const { rowTo } = prefixRange(`${reverseTimeKey(from)}~`);
  for await (const row of rowsOf(table, { partition: DRIFT, rowFrom: reverseTimeKey(to), rowTo }))
    for (const event of eventsRow.read(row).events) {
      if (seen.has(event.id)) continue;
      seen.add(event.id);
      yield event;
    }
}

/** Deletes the events from before a moment. */
export async function purgeDriftLog(table: Table, before: Date): Promise<void> {
  const rowFrom = reverseTimeKey(new Date(before.getTime() - 1));
  const due: string[] = [];
  for await (const { rowKey } of rowsOf(table, { partition: DRIFT, rowFrom, columns: [] })) due.push(rowKey);
  await deleteRows(table, DRIFT, due);
}
