// Results by cluster: the latest, the history of changes, drift events and their outbox, in one partition and one transaction.
import { z } from 'zod';
import type { DriftEvent, Result } from '../model/result.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { RowChange, StoredRow, Table } from '../ports.ts';
import { bodyKind, columnKind, moment, withBody } from './row-kind.ts';
import type { Unreadable } from './rows.ts';
import { prefixRange, readEach, rowsOf, storedBy } from './rows.ts';
import { SPILLED_CHUNKS, gather, spill, writeParts } from './spill.ts';

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
  /** When it was stored, which is later than the moment the scan stands for; absent in rows of older versions. */
  readonly storedAt?: Date;
  /** When the managed namespaces were read that it judges; absent when that was in its own scan. */
  readonly namespacesAt?: Date;
}

export type Versioned<T> = T & { readonly etag: string };

export const LATEST = 'latest';
export const HISTORY = 'h~';
export const DRIFT = 'd~';
const OUTBOX = 'o~';

const resultRow = withBody(
  columnKind(
    'Results',
    z.object({
      scanId: z.string(),
      at: moment,
      changedScanId: z.string(),
      since: moment,
      storedAt: moment.exactOptional(),
      namespacesAt: moment.exactOptional(),
    }),
  ),
  bodyKind('Results', z.object({ result: z.unknown() })),
);
const eventsRow = withBody(
  columnKind('Results', z.object({ scanId: z.string(), at: moment })),
  bodyKind('Results', z.object({ events: z.custom<readonly DriftEvent[]>() })),
);

/** Whoever asks knows from the key what kind of result is there. */
const toStored = async <R>(table: Table, row: StoredRow): Promise<StoredResult<R>> => {
  const { result, ...stamp } = resultRow.read(await gather(table, row));
  return { ...stamp, result: result as R };
};
const eventsOf = async (table: Table, row: StoredRow): Promise<readonly DriftEvent[]> =>
  eventsRow.read(await gather(table, row)).events;

/** The rows with a prefix, newest first: those of a moment and before it, or all of them. */
const upTo = (prefix: string, at?: Date): ReturnType<typeof prefixRange> =>
  prefixRange(prefix, at && reverseTimeKey(at));

/** The history of a subject as it was known at a moment, newest first; all of it when no moment is given. */
function historyBy(table: Table, key: string, moment: Date | undefined): AsyncGenerator<StoredRow> {
  const range = { partition: key, ...upTo(HISTORY, moment), pageSize: ROWS_PER_PAGE };
  return storedBy(table, range, moment ?? END_OF_TIME, (row) => storedMoment(resultRow.columns.read(row)));
}
/** A row holds up to 704 KiB. */
const ROWS_PER_PAGE = 50;
const END_OF_TIME = new Date(8.64e15);

/** @returns when a result was stored; for rows of older versions the moment of their scan */
export const storedMoment = ({ storedAt, at }: Pick<StoredResult, 'storedAt' | 'at'>): Date => storedAt ?? at;

/** @returns what the last scan that looked at this subject stored */
export async function readLatest<R = Result>(
  table: Table,
  key: string,
): Promise<Versioned<StoredResult<R>> | undefined> {
  const row = await table.get(key, LATEST);
  return row && { ...(await toStored<R>(table, row)), etag: row.etag };
}

/**
 * Stores a result, its history row when the content changed, and its drift events with their outbox row: all or nothing. What is long is
 * stored before them.
 * @param previous what readLatest gave; the write fails when somebody else wrote since
 * @returns `conflict` when somebody did: read again and start over
 * @throws BodyTooLargeError for what fitResult or fitEvents would have cut
 */
export async function commitResult<R>(
  table: Table,
  key: string,
  previous: Versioned<StoredResult<R>> | undefined,
  next: StoredResult<R>,
  events: readonly DriftEvent[],
): Promise<'committed' | 'conflict'> {
  const changed = next.changedScanId === next.scanId;
  const storedAt = storedMoment(next);
  const whole = { partitionKey: key, rowKey: LATEST, ...resultRow.write(next, SPILLED_CHUNKS) };
  const { row: latest, parts } = spill(whole, storedAt);
  await writeParts(table, parts, !changed);
  if (previous && !changed)
    return (await table.replace(latest, previous.etag)) === 'replaced' ? 'committed' : 'conflict';
  const time = reverseTimeKey(next.at);
  const changes: RowChange[] = [
    previous ? { kind: 'replace', row: latest, etag: previous.etag } : { kind: 'insert', row: latest },
    { kind: 'upsert', row: { ...latest, rowKey: `${HISTORY}${time}` } },
  ];
  if (events.length > 0) {
    const all = eventsRow.write({ ...next, events }, SPILLED_CHUNKS);
    const told = spill({ partitionKey: key, rowKey: `${DRIFT}${time}`, ...all }, storedAt);
    await writeParts(table, told.parts, false);
    changes.push({ kind: 'upsert', row: told.row });
    changes.push({ kind: 'upsert', row: { ...told.row, rowKey: `${OUTBOX}${next.scanId}` } });
  }
  return table.transact(key, changes);
}

/** @returns the result that was known at a moment, or undefined when the subject was not known yet */
export async function readAsOf<R = Result>(table: Table, key: string, at: Date): Promise<StoredResult<R> | undefined> {
  for await (const row of historyBy(table, key, at)) return toStored<R>(table, row);
  return undefined;
}

/** @returns what was stored last, also where a purge that was interrupted has left only history */
export async function readNewest<R = Result>(table: Table, key: string): Promise<StoredResult<R> | undefined> {
  return (await readLatest<R>(table, key)) ?? readAsOf<R>(table, key, END_OF_TIME);
}

interface Wanted {
  /** Leaves out what was not known then. */
  readonly until?: Date;
  readonly limit?: number;
}

/** The changes of a subject, newest first. */
export async function* readHistory<R = Result>(
  table: Table,
  key: string,
  { until, limit = Number.POSITIVE_INFINITY }: Wanted = {},
): AsyncGenerator<StoredResult<R>> {
  let left = limit;
  for await (const row of historyBy(table, key, until)) {
    if (left-- <= 0) return;
    yield await toStored<R>(table, row);
  }
}

/** The drift events of a subject, newest scan first. @param most.limit counts scans */
export async function* readDrift(
  table: Table,
  key: string,
  most: Pick<Wanted, 'limit'> = {},
): AsyncGenerator<DriftEvent> {
  for await (const row of rowsOf(table, { partition: key, ...prefixRange(DRIFT), ...most }))
    yield* await eventsOf(table, row);
}

export interface OutboxRow {
  readonly key: string;
  readonly rowKey: string;
  readonly events: readonly DriftEvent[];
}

/** @returns what this subject has in its outbox: events committed and not yet taken up by the alerts @param unreadable see readEach */
export async function readOutbox(table: Table, key: string, unreadable?: Unreadable): Promise<readonly OutboxRow[]> {
  const rows: OutboxRow[] = [];
  const read = async (row: StoredRow): Promise<OutboxRow> => ({
    key,
    rowKey: row.rowKey,
    events: await eventsOf(table, row),
  });
  for await (const row of readEach(rowsOf(table, { partition: key, ...prefixRange(OUTBOX) }), read, unreadable))
    rows.push(row);
  return rows;
}

/** Takes a row out of the outbox; somebody else may have done so already. */
export async function removeOutbox(table: Table, row: Pick<OutboxRow, 'key' | 'rowKey'>): Promise<void> {
  await table.delete(row.key, row.rowKey);
}
