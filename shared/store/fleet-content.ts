// What a fleet consists of, line by line, in numbered rows that later snapshots refer to: a whole one now and then, and between them what changed.
import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Fleet, FleetCluster, FleetSubscription } from '../model/fleet.ts';
import { compareClusters } from '../model/fleet.ts';
import { compareText } from '../model/finding.ts';
import { reverseTimeKey } from '../model/keys.ts';
import type { Row, Table } from '../ports.ts';
import { StoredRowError } from './body.ts';
import { deleteRows } from './delete-rows.ts';
import { inParts, packParts } from './parts.ts';
import { bodyKind } from './row-kind.ts';
import { rowsOf } from './rows.ts';

export type FleetContent = Pick<Fleet, 'clusters' | 'subscriptions'>;

/** A line by its key, or the end of one. */
type Entry = readonly [key: string, line: FleetCluster | FleetSubscription | null];
type Lines = ReadonlyMap<string, FleetCluster | FleetSubscription>;

/** The rows that were written at one close: all lines, or those that had changed since the close before. */
export interface ContentRef {
  /** What the keys of its rows begin with: the moment, and the hash of what they hold, so that two who close at once do not mix theirs. */
  readonly key: string;
  readonly rows: number;
  readonly lines: number;
}
/** What a fleet is read from: newest first, and a whole one at the end. It belongs to the snapshot that has it, whatever becomes of others. */
export type ContentRefs = readonly ContentRef[];

const CONTENT = 'content';
const entriesRow = bodyKind('Fleet', z.object({ entries: z.custom<readonly Entry[]>() }));

const LINES_PER_ROW = 1_000;
/** Of 64 KiB each: a part is bounded well below a row, so that a page of parts is. */
const CHUNKS_PER_ROW = 4;
const ROWS_PER_PAGE = 50;
/** With a scan every half hour, a whole one about once a day. */
const MOST_REFS = 48;

const toEntries = ({ clusters, subscriptions }: FleetContent): readonly Entry[] => [
  ...clusters.map((cluster): Entry => [`c~${cluster.key}`, cluster]),
  ...subscriptions.map((subscription): Entry => [`s~${subscription.id}`, subscription]),
];

function toContent(lines: Lines): FleetContent {
  const clusters: FleetCluster[] = [];
  const subscriptions: FleetSubscription[] = [];
  for (const line of lines.values())
    if ('verdict' in line) clusters.push(line);
    else subscriptions.push(line);
  return {
    clusters: clusters.toSorted(compareClusters),
    subscriptions: subscriptions.toSorted((a, b) => compareText(a.id, b.id)),
  };
}

const hashOf = (data: unknown): string => hash('sha256', JSON.stringify(data), 'base64url').slice(0, 20);

/**
 * Writes what has changed, or all of it where that is no more to read. Nothing refers to it yet: it counts when a snapshot does.
 * @param before what the last snapshot is read from
 * @returns what this one is read from; the same as before when nothing has changed
 */
export async function writeContent(
  table: Table,
  at: Date,
  content: FleetContent,
  before: ContentRefs | undefined,
): Promise<ContentRefs> {
  const all = toEntries(content);
  const changed = before && (await changesSince(table, before, all));
  if (changed?.length === 0) return before!;
  const lines = (before ?? []).slice(0, -1).reduce((sum, ref) => sum + ref.lines, changed?.length ?? 0);
  return changed && before!.length < MOST_REFS && lines <= all.length / 2
    ? [await writeEntries(table, at, changed), ...before!]
    : [await writeEntries(table, at, all)];
}

/** @returns undefined where the older one cannot be read any more: nothing can be built on it */
async function changesSince(
  table: Table,
  before: ContentRefs,
  all: readonly Entry[],
): Promise<readonly Entry[] | undefined> {
  // Two fleets need not be in memory at once: of the older one a hash of each line is enough.
  const known = new Map<string, string>();
  try {
    for await (const [key, line] of readEntries(table, before)) if (line) known.set(key, hashOf(line));
  } catch (error) {
    if (error instanceof StoredRowError) return undefined;
    throw error;
  }
  const changed = all.filter(([key, line]) => known.get(key) !== hashOf(line));
  for (const [key] of all) known.delete(key);
  return [...changed, ...[...known.keys()].map((key): Entry => [key, null])];
}

async function writeEntries(table: Table, at: Date, entries: readonly Entry[]): Promise<ContentRef> {
  const key = `${reverseTimeKey(at)}~${hashOf(entries)}`;
  const parts = packParts(entries, LINES_PER_ROW, (part) => entriesRow.write({ entries: part }, CHUNKS_PER_ROW));
  const rows = parts.map((part, number): Row => ({ partitionKey: CONTENT, rowKey: rowKeyOf(key, number), ...part }));
  for (const some of inParts(rows, 4)) await Promise.all(some.map((row) => table.upsert(row)));
  return { key, rows: rows.length, lines: entries.length };
}

const rowKeyOf = (key: string, number: number): string => `${key}~${String(number).padStart(5, '0')}`;
/** @returns the key of the content that a row belongs to */
const refOf = (rowKey: string): string => rowKey.slice(0, rowKey.lastIndexOf('~'));

/** The newest line of every key, ends included. @throws when a row is missing */
async function* readEntries(table: Table, refs: ContentRefs): AsyncGenerator<Entry> {
  const left = new Map(refs.map(({ key, rows }) => [key, rows]));
  const seen = new Set<string>();
  const range = { rowFrom: refs[0]!.key, rowTo: `${refs.at(-1)!.key}~~`, pageSize: ROWS_PER_PAGE };
  for await (const row of rowsOf(table, { partition: CONTENT, ...range })) {
    const ref = refOf(row.rowKey);
    const rows = left.get(ref);
    if (rows === undefined) continue;
    left.set(ref, rows - 1);
    for (const entry of entriesRow.read(row).entries) {
      if (seen.has(entry[0])) continue;
      seen.add(entry[0]);
      yield entry;
    }
  }
  const gone = [...left].find(([, rows]) => rows > 0);
  if (gone)
    throw new StoredRowError({ partitionKey: CONTENT, rowKey: gone[0] }, 'is gone, and a fleet refers to it', 'Fleet');
}

/** A fleet as it was read, to read a later one from. */
export interface KnownContent {
  readonly refs: ContentRefs;
  readonly lines: Lines;
}

/**
 * @param known of this only what has changed since is read, where the one builds on the other
 * @throws when a row is missing
 */
export async function readContent(
  table: Table,
  refs: ContentRefs,
  known?: KnownContent,
): Promise<KnownContent & { readonly content: FleetContent }> {
  const shared = known ? refs.findIndex(({ key }) => key === known.refs[0]!.key) : -1;
  const fresh = shared === -1 ? refs : refs.slice(0, shared);
  const lines = new Map(shared === -1 ? [] : known!.lines);
  if (fresh.length > 0)
    for await (const [key, line] of readEntries(table, fresh))
      if (line) lines.set(key, line);
      else lines.delete(key);
  return { refs, lines, content: toContent(lines) };
}

/** Deletes the rows from before a moment to which no snapshot refers: those of purged ones, and what a crash left. @param used the keys of the references */
export async function purgeContent(table: Table, used: ReadonlySet<string>, before: Date): Promise<void> {
  const range = { partition: CONTENT, rowFrom: reverseTimeKey(new Date(before.getTime() - 1)), columns: [] };
  const unused: string[] = [];
  for await (const { rowKey } of rowsOf(table, range)) if (!used.has(refOf(rowKey))) unused.push(rowKey);
  await deleteRows(table, CONTENT, unused);
}
