// Results by cluster: the latest, the history of changes, drift events and their outbox, in one partition and one transaction.
import { z } from 'zod';
import type { DriftEvent, Result } from '../model/result.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { RowChange, StoredRow, Table } from '../ports.ts';
import { bodyKind, columnKind, moment, withBody } from './row-kind.ts';
import { MOST_CHANGES, inParts } from './parts.ts';
import { firstRow, prefixRange, rowsOf } from './rows.ts';

export interface ScanStamp {
  readonly scanId: string;
  /** The moment the scan stands for. */
  readonly at: Date;
}

export interface StoredResult<R = Result> extends ScanStamp {
  readonly result: R;
  /** The scan in which the content last changed. */
  readonly changedScanId: string;
  /** Since when the verdict is what it is. */
  readonly since: Date;
}

export type Versioned<T> = T & { readonly etag: string };

const LATEST = 'latest';
const HISTORY = 'h~';
const DRIFT = 'd~';
const OUTBOX = 'o~';

const resultRow = withBody(
  columnKind('Results', z.object({ scanId: z.string(), at: moment, changedScanId: z.string(), since: moment })),
  bodyKind('Results', z.object({ result: z.unknown() })),
);
const eventsRow = withBody(
  columnKind('Results', z.object({ scanId: z.string(), at: moment })),
  bodyKind('Results', z.object({ events: z.custom<readonly DriftEvent[]>() })),
);

/** Whoever asks knows from the key what kind of result is there. */
const toStored = <R>(row: StoredRow): StoredResult<R> => {
  const { result, ...stamp } = resultRow.read(row);
  return { ...stamp, result: result as R };
};

/** The rows with a prefix, newest first: those of a moment and before it, or all of them. */
const upTo = (prefix: string, at?: Date): ReturnType<typeof prefixRange> =>
  prefixRange(prefix, at && reverseTimeKey(at));

/** @returns what the last scan that looked at this subject stored */
export async function readLatest<R = Result>(
  table: Table,
  key: string,
): Promise<Versioned<StoredResult<R>> | undefined> {
  const row = await table.get(key, LATEST);
  return row && { ...toStored<R>(row), etag: row.etag };
}

/**
 * Stores a result, its history row when the content changed, and its drift events with their outbox row: all or nothing.
 * @param previous what readLatest gave; the write fails when somebody else wrote since
 * @returns `conflict` when so: read again and start over
 */
export async function commitResult<R>(
  table: Table,
  key: string,
  previous: Versioned<StoredResult<R>> | undefined,
  next: StoredResult<R>,
  events: readonly DriftEvent[],
): Promise<'committed' | 'conflict'> {
  const changed = next.changedScanId === next.scanId;
  const latest = { partitionKey: key, rowKey: LATEST, ...resultRow.write(next) };
  if (previous && !changed)
    return (await table.replace(latest, previous.etag)) === 'replaced' ? 'committed' : 'conflict';
  const time = reverseTimeKey(next.at);
  const changes: RowChange[] = [
    previous ? { kind: 'replace', row: latest, etag: previous.etag } : { kind: 'insert', row: latest },
    { kind: 'upsert', row: { ...latest, rowKey: `${HISTORY}${time}` } },
  ];
  if (events.length > 0) {
    const row = { partitionKey: key, ...eventsRow.write({ ...next, events }) };
    changes.push({ kind: 'upsert', row: { ...row, rowKey: `${DRIFT}${time}` } });
    changes.push({ kind: 'upsert', row: { ...row, rowKey: `${OUTBOX}${next.scanId}` } });
  }
  return table.transact(key, changes);
}

/** @returns the result that was known at a moment, or undefined when the subject was not known yet */
export async function readAsOf<R = Result>(table: Table, key: string, at: Date): Promise<StoredResult<R> | undefined> {
  const row = await firstRow(table, { partition: key, ...upTo(HISTORY, at) });
  return row && toStored<R>(row);
}

interface Wanted {
  /** Leaves out what came later. */
  readonly until?: Date;
  readonly limit?: number;
}

/** The changes of a subject, newest first. */
export async function* readHistory<R = Result>(
  table: Table,
  key: string,
  { until, ...most }: Wanted = {},
): AsyncGenerator<StoredResult<R>> {
  for await (const row of rowsOf(table, { partition: key, ...upTo(HISTORY, until), ...most })) yield toStored<R>(row);
}

/** The drift events of a subject, newest scan first. @param wanted.limit counts scans */
export async function* readDrift(
  table: Table,
  key: string,
  { until, ...most }: Wanted = {},
): AsyncGenerator<DriftEvent> {
  for await (const row of rowsOf(table, { partition: key, ...upTo(DRIFT, until), ...most }))
    yield* eventsRow.read(row).events;
}

export interface OutboxRow {
  readonly key: string;
  readonly rowKey: string;
  readonly events: readonly DriftEvent[];
}

/** @returns what this subject has in its outbox: events committed and not yet taken up by the alerts */
export async function readOutbox(table: Table, key: string): Promise<readonly OutboxRow[]> {
  const rows: OutboxRow[] = [];
  for await (const row of rowsOf(table, { partition: key, ...prefixRange(OUTBOX) }))
    rows.push({ key, rowKey: row.rowKey, events: eventsRow.read(row).events });
  return rows;
}

/** Takes a row out of the outbox; somebody else may have done so. */
export async function removeOutbox(table: Table, row: Pick<OutboxRow, 'key' | 'rowKey'>): Promise<void> {
  await table.delete(row.key, row.rowKey);
}

/**
 * Deletes history and drift older than a moment. The newest history row before it stays: it tells how things stood at that moment.
 * @returns how many rows were deleted; calling again after an interruption goes on where it stopped
 */
export async function purgeBefore(table: Table, key: string, before: Date): Promise<number> {
  const [standing, ...history] = await olderThan(table, key, HISTORY, before);
  const drift = await olderThan(table, key, DRIFT, before);
  return deleteRows(table, key, standing === undefined ? drift : [...history, ...drift]);
}

/**
 * Deletes everything about a subject that is gone and has not changed since a moment.
 * @returns how many rows were deleted; undefined when it has changed since: it came back
 */
export async function purgeGone(table: Table, key: string, before: Date): Promise<number | undefined> {
  const latest = await readLatest(table, key);
  if (latest && latest.at >= before) return undefined;
  // Deleted before its history: whoever stores a result in the meantime then finds a subject that was never seen, and what they store is newer than what is deleted.
  if (latest && (await table.delete(key, LATEST, latest.etag)) === 'stale') return undefined;
  const older = [...(await olderThan(table, key, HISTORY, before)), ...(await olderThan(table, key, DRIFT, before))];
  return deleteRows(table, key, older);
}

/** @returns the keys of rows with a prefix, newest first */
async function olderThan(table: Table, key: string, prefix: string, before: Date): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { rowKey } of rowsOf(table, { partition: key, ...upTo(prefix, before) })) found.push(rowKey);
  return found;
}

/** @returns how many rows were deleted; fewer than asked for when somebody else deletes them too */
async function deleteRows(table: Table, key: string, rowKeys: readonly string[]): Promise<number> {
  let deleted = 0;
  for (const part of inParts(rowKeys, MOST_CHANGES)) {
    const changes = part.map((rowKey): RowChange => ({ kind: 'delete', rowKey }));
    if ((await table.transact(key, changes)) === 'conflict') return deleted;
    deleted += part.length;
  }
  return deleted;
}
