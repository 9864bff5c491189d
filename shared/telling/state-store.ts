// Where the alerts are kept: rows of shards, and a head that names the rows that count.
//
// Why a change is all or nothing, however many alerts it touches: a row of a shard is never written twice. A changed shard gets a row
// of a new name, which nobody reads until the head names it; the head is replaced, where it still stands as it was read, in one
// transaction with the cards and notifications that the change brings. What dies before leaves rows that nobody names; what dies after
// leaves rows that nobody names any more. A row whose revision is not above the head's, and which the head does not name, is never named
// again: the purge deletes it. Whoever reads while rows are replaced misses a row that was named, sees that the head has changed,
// and reads again.
import type { Advanced } from '../alerts/advance.ts';
import type { AlertsState } from '../alerts/model.ts';
import { emptyState } from '../alerts/model.ts';
import { reidentified } from '../alerts/lifecycle.ts';
import type { Log, Row, RowChange, StoredRow, Table } from '../ports.ts';
import { StoredRowError } from '../store/body.ts';
import { rowsOf } from '../store/rows.ts';
import { fitsTransaction, transactAll } from '../store/transactions.ts';
import { untilStored } from '../store/until-stored.ts';
import type { Head, OldHead } from './alert-rows.ts';
import { ALERTS_PARTITION, OLD_PART, SHARD, STATE, alertRows, headRow, oldPartRow } from './alert-rows.ts';
import type { ShardPart } from './state-rows.ts';
import { revisionOfKey, toPart, toParts, withTags } from './state-rows.ts';
import type { TagsOf } from './tags.ts';
import { noTags } from './tags.ts';

export interface ReadState {
  readonly state: AlertsState;
  /** undefined when nothing was ever stored. */
  readonly etag: string | undefined;
  readonly revision: number;
  /** Keys of the rows that the head names. */
  readonly rows: readonly string[];
  /** What stands in them: a row that does not change is not written. */
  readonly parts: readonly ShardPart[];
  /** Keys of rows that count for nothing once the head is replaced. */
  readonly left: readonly string[];
}

const nothing: ReadState = { state: emptyState, etag: undefined, revision: 0, rows: [], parts: [], left: [] };

/** Decoded rows, by table and key: a row never changes, so that a wake-up decodes only what is new. */
const decoded = new WeakMap<Table, { readonly tagsOf: TagsOf; readonly parts: ReadonlyMap<string, ShardPart> }>();

/**
 * @param tagsOf where the tags of clusters are looked up; without it, they come as they are stored
 * @param log learns of rows that cannot be read: their alerts are lost, and all others are not
 * @returns the alerts as they are stored, all of one moment
 * @throws StoredRowError when the head cannot be read; an error when others keep changing the alerts
 */
export async function readState(
  table: Table,
  { tagsOf = noTags, log }: { readonly tagsOf?: TagsOf; readonly log?: Log } = {},
): Promise<ReadState> {
  return untilStored(table, 'the alerts', async () => {
    const row = await table.get(ALERTS_PARTITION, STATE);
    if (!row) return nothing;
    const { head } = headRow.read(row);
    if ('parts' in head) return readOld(table, head, row.etag);
    const { rows, revision, ...rest } = head;
    const found = await readParts(table, rows, tagsOf);
    const missing = rows.filter((key) => !found.has(key));
    if (missing.length > 0) {
      if ((await table.get(ALERTS_PARTITION, STATE))?.etag !== row.etag) return 'conflict';
      log?.error('alerts cannot be read', { rows: missing });
    }
    const parts = rows.flatMap((key) => found.get(key) ?? []);
    decoded.set(table, { tagsOf, parts: found });
    const state = {
      ...rest,
      processed: parts.flatMap(({ processed }) => processed),
      alerts: parts.flatMap(({ alerts }) => alerts),
    };
    return { state, etag: row.etag, revision, rows, parts, left: [] };
  });
}

/** More rows than these are read as one range: a request gives a thousand of them. */
const MOST_GETS = 8;

/** @returns the rows of these keys; without those that are not there, or cannot be read */
async function readParts(
  table: Table,
  keys: readonly string[],
  tagsOf: TagsOf,
): Promise<ReadonlyMap<string, ShardPart>> {
  const known = decoded.get(table);
  const found = new Map<string, ShardPart>();
  const put = (part: ShardPart | undefined, before: TagsOf): void => {
    if (!part) return;
    const alerts = before === tagsOf ? part.alerts : part.alerts.map((alert) => withTags(alert, tagsOf));
    found.set(part.key, alerts === part.alerts ? part : { ...part, alerts });
  };
  for (const key of keys) put(known?.parts.get(key), known?.tagsOf ?? noTags);
  const wanted = new Set(keys.filter((key) => !found.has(key)));
  if (wanted.size <= MOST_GETS) {
    const rows = await Promise.all([...wanted].map((key) => table.get(ALERTS_PARTITION, key)));
    for (const row of rows) put(row && readPart(row), noTags);
  } else for await (const row of alertRows(table, SHARD)) if (wanted.has(row.rowKey)) put(readPart(row), noTags);
  return found;
}

function readPart(row: StoredRow): ShardPart | undefined {
  try {
    return toPart(row);
  } catch (error) {
    if (error instanceof StoredRowError) return undefined;
    throw error;
  }
}

/** The alerts as older versions stored them; their outboxes were named otherwise, and are forgotten. */
async function readOld(
  table: Table,
  { parts: count, ...head }: OldHead,
  etag: string,
): Promise<ReadState | 'conflict'> {
  const rows: StoredRow[] = [];
  const rowTo = `${OLD_PART}${String(count).padStart(3, '0')}`;
  for await (const row of rowsOf(table, { partition: ALERTS_PARTITION, rowFrom: OLD_PART, rowTo })) rows.push(row);
  if ((await table.get(ALERTS_PARTITION, STATE))?.etag !== etag) return 'conflict';
  const alerts = rows.flatMap((row) => oldPartRow.read(row).alerts).map(reidentified);
  return { ...nothing, state: { ...head, processed: [], alerts }, etag, left: rows.map(({ rowKey }) => rowKey) };
}

/**
 * Writes the alerts with what is told of them, all or nothing; and nothing at all where nothing has changed.
 * @param told cards and notifications: they change in the transaction of the head
 * @param tagsOf as the state was read
 * @returns `conflict` when somebody else wrote since they were read
 */
export async function writeState(
  table: Table,
  read: ReadState,
  { state }: Pick<Advanced, 'state'>,
  told: readonly Row[],
  tagsOf: TagsOf,
): Promise<'committed' | 'conflict'> {
  const { alerts, processed, ...rest } = state;
  const revision = read.revision + 1;
  const next = toParts(read.parts, { alerts, processed }, revision, tagsOf);
  const keys = next.parts.map(({ key }) => key);
  if (told.length === 0 && keys.join() === read.rows.join() && isSameHead(read.state, state)) return 'committed';
  const head: Head = { ...rest, revision, rows: keys };
  const row = { partitionKey: ALERTS_PARTITION, rowKey: STATE, ...headRow.write({ head }) };
  const commit: RowChange[] = [
    read.etag === undefined ? { kind: 'insert', row } : { kind: 'replace', row, etag: read.etag },
    ...told.map(upsert),
  ];
  const named = new Set(keys);
  const added = next.rows.map(upsert);
  const before = [...read.parts.map(({ key }) => key), ...read.left];
  const gone = before.filter((key) => !named.has(key)).map((rowKey): RowChange => ({ kind: 'delete', rowKey }));
  const whole = [...commit, ...added, ...gone];
  const fits = fitsTransaction(whole);
  if (!fits) await transactAll(table, ALERTS_PARTITION, added);
  const outcome = await table.transact(ALERTS_PARTITION, fits ? whole : commit);
  if (outcome === 'conflict') return outcome;
  decoded.set(table, { tagsOf, parts: new Map(next.parts.map((part) => [part.key, part])) });
  // Should this fail, the purge deletes them.
  if (!fits) await transactAll(table, ALERTS_PARTITION, gone);
  return outcome;
}

const upsert = (row: Row): RowChange => ({ kind: 'upsert', row });

/** @returns true when they differ in nothing but their alerts and outboxes */
function isSameHead(a: AlertsState, b: AlertsState): boolean {
  const lists = a.failures.join() === b.failures.join() && a.digest?.told.join() === b.digest?.told.join();
  return (
    lists &&
    a.digest?.date === b.digest?.date &&
    a.seq === b.seq &&
    a.catalogue === b.catalogue &&
    a.dropped === b.dropped
  );
}

/** Deletes rows that no head will name any more: see above. */
export async function purgeParts(table: Table): Promise<void> {
  const row = await table.get(ALERTS_PARTITION, STATE);
  const head = row && headRow.read(row).head;
  if (!head || 'parts' in head) return;
  const named = new Set(head.rows);
  const spent: string[] = [];
  for await (const { rowKey } of alertRows(table, SHARD, ['schema']))
    if (!named.has(rowKey) && revisionOfKey(rowKey) <= head.revision) spent.push(rowKey);
  for await (const { rowKey } of alertRows(table, OLD_PART, ['schema'])) spent.push(rowKey);
  await Promise.all(spent.map((rowKey) => table.delete(ALERTS_PARTITION, rowKey)));
}
