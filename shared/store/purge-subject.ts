// Purging results: one pass over keys and moments, subject by subject, without their bodies.
import { reverseTimeKey } from '../model/keys.ts';
import type { StoredRow, Table } from '../ports.ts';
import { deleteRows } from './delete-rows.ts';
import { DRIFT, HISTORY, LATEST } from './results.ts';
import { rowsOf } from './rows.ts';
import { SPILLED, spilledKey } from './spill.ts';

/** All rows about a cluster or a subscription, in the order of their keys, with what a purge looks at. */
export interface Subject {
  readonly key: string;
  readonly rows: readonly StoredRow[];
}

/** The subjects behind a key, in the order of their keys. */
export async function* subjectsBehind(table: Table, behind: string): AsyncGenerator<Subject> {
  let key = '';
  let rows: StoredRow[] = [];
  // The first text that sorts after a key has one more character, the least that a key may hold.
  const range = { partitionFrom: behind === '' ? '' : `${behind} `, columns: ['at', 'storedAt', 'spilled'] };
  for await (const row of rowsOf(table, range)) {
    if (row.partitionKey !== key && rows.length > 0) {
      yield { key, rows };
      rows = [];
    }
    key = row.partitionKey;
    rows.push(row);
  }
  if (rows.length > 0) yield { key, rows };
}

/** @returns when a row was stored; for rows of older versions the moment of their scan */
const storedAt = (row: StoredRow): Date => new Date(String(row['storedAt'] ?? row['at']));

const latestOf = ({ rows }: Subject): StoredRow | undefined => rows.find(({ rowKey }) => rowKey === LATEST);

/** @returns whether nobody has looked at it since a moment */
export function isStale(subject: Subject, before: Date): boolean {
  const latest = latestOf(subject);
  return !latest || storedAt(latest) < before;
}

/** The rows that hold events from before a moment: their keys tell the moment of the scan. */
const isOldDrift = ({ rowKey }: StoredRow, before: Date): boolean =>
  rowKey.startsWith(DRIFT) && rowKey >= DRIFT + reverseTimeKey(new Date(before.getTime() - 1));

/**
 * Deletes history and drift older than a moment. What was known at that moment stays: it tells how things stood.
 * @returns how many rows were deleted; calling again after an interruption goes on where it stopped
 */
export async function purgeSubject(table: Table, { key, rows }: Subject, before: Date): Promise<number> {
  const [, ...history] = rows.filter(
    (row) =>
      row.rowKey.startsWith(HISTORY) && row.rowKey >= HISTORY + reverseTimeKey(before) && storedAt(row) <= before,
  );
  const due = new Set([...history, ...rows.filter((row) => isOldDrift(row, before))]);
  const deleted = await deleteRows(
    table,
    key,
    [...due].map(({ rowKey }) => rowKey),
  );
  const left = rows.filter((row) => !due.has(row));
  return deleted + (await purgeSpilled(table, left, before));
}

/** Deletes the parts of long bodies to which no row refers any more; one that somebody writes at the same time has another etag by then. */
async function purgeSpilled(table: Table, rows: readonly StoredRow[], before: Date): Promise<number> {
  const isPart = ({ rowKey }: StoredRow): boolean => rowKey.startsWith(SPILLED);
  const used = new Set(rows.filter((row) => !isPart(row)).map(spilledKey));
  let deleted = 0;
  for (const row of rows)
    if (isPart(row) && !used.has(spilledKey(row)) && storedAt(row) < before)
      if ((await table.delete(row.partitionKey, row.rowKey, row.etag)) === 'deleted') deleted++;
  return deleted;
}

/**
 * Deletes everything about a subject that nobody has looked at since a moment, what waits to be told included.
 * @param subject isStale says so
 * @param unindex takes it out of whatever index it is in. One row outlives that: while there is any, the next purge finds the subject.
 * @returns how many rows were deleted; calling again after an interruption goes on where it stopped
 */
export async function forgetSubject(
  table: Table,
  subject: Subject,
  before: Date,
  unindex: () => Promise<void>,
): Promise<number> {
  const { key, rows } = subject;
  const latest = latestOf(subject);
  // Deleted first: a scan that stores a result in the meantime takes the subject for a new one, and what it stores is newer than what is deleted.
  if (latest && (await table.delete(key, LATEST, latest.etag)) === 'stale') return 0;
  const isOld = (row: StoredRow): boolean =>
    row.rowKey.startsWith(DRIFT) ? isOldDrift(row, before) : storedAt(row) < before;
  const due = rows.filter((row) => row !== latest && !row.rowKey.startsWith(SPILLED) && isOld(row));
  // Of a result it can be told where the index has the subject.
  const last = due.find(({ rowKey }) => rowKey.startsWith(HISTORY)) ?? due[0];
  const old = due.filter((row) => row !== last).map(({ rowKey }) => rowKey);
  const deleted = await deleteRows(table, key, old);
  await unindex();
  if (last) await table.delete(key, last.rowKey);
  const left = rows.filter((row) => row !== latest && !due.includes(row));
  await purgeSpilled(table, left, before);
  return deleted + (latest ? 1 : 0) + (last ? 1 : 0);
}
