// Walking over the rows of a table one by one, whatever the pages; and choosing them by how their keys begin.
import type { RowRange, StoredRow, Table } from '../ports.ts';
import { StoredRowError } from './body.ts';

/** The rows of a range in the order of their keys; each page is asked for when the one before it is used up. @throws when storage fails */
export async function* rowsOf(table: Table, range: RowRange): AsyncGenerator<StoredRow> {
  for await (const page of table.pages(range)) yield* page;
}

/** Is told of a row that cannot be read, and is then gone past: one row keeps nobody from reading the others. */
export type Unreadable = (error: StoredRowError) => void;

/** What rows say, one by one. @param unreadable without it, a row that cannot be read is thrown */
export async function* readEach<T>(
  rows: AsyncIterable<StoredRow>,
  read: (row: StoredRow) => T | Promise<T>,
  unreadable?: Unreadable,
): AsyncGenerator<T> {
  for await (const row of rows) {
    const found = await readOne(row, read, unreadable);
    if (found) yield found.value;
  }
}

async function readOne<T>(
  row: StoredRow,
  read: (row: StoredRow) => T | Promise<T>,
  unreadable?: Unreadable,
): Promise<{ readonly value: T } | undefined> {
  try {
    return { value: await read(row) };
  } catch (error) {
    if (!unreadable || !(error instanceof StoredRowError)) throw error;
    unreadable(error);
    return undefined;
  }
}

/** @returns the first row of a range, or undefined when the range is empty */
export async function firstRow(table: Table, range: RowRange): Promise<StoredRow | undefined> {
  for await (const row of rowsOf(table, { ...range, limit: 1 })) return row;
  return undefined;
}

/** A scan stands for the moment of its slot and stores its findings later. As a rule, the first or the second row had already been stored. */
const FIRST_ASKED = 2;
const MOST_ASKED = 1000;

/**
 * What was known at a moment. This alone decides it, for questions about the past and for the purge.
 * @param range rows of one partition with keys of equal length, newest scan first, from the scans of that moment on
 * @param storedAt when a row was stored
 * @returns the rows that had been stored by then, newest scan first: the first of them tells how things stood
 */
export async function* storedBy(
  table: Table,
  range: RowRange,
  moment: Date,
  storedAt: (row: StoredRow) => Date,
): AsyncGenerator<StoredRow> {
  let { rowFrom } = range;
  for (let limit = FIRST_ASKED; ; limit = Math.min(MOST_ASKED, limit * 8)) {
    let count = 0;
    for await (const row of rowsOf(table, { ...range, ...(rowFrom === undefined ? {} : { rowFrom }), limit })) {
      if (storedAt(row) <= moment) yield row;
      rowFrom = `${row.rowKey}!`;
      count++;
    }
    if (count < limit) return;
  }
}

/** @returns the first text that sorts after every text that begins with the prefix */
const behind = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/**
 * @param from leaves out the keys that sort before the prefix followed by this
 * @returns the range of rows whose key begins with the prefix
 */
export const prefixRange = (prefix: string, from = ''): { rowFrom: string; rowTo: string } => ({
  rowFrom: prefix + from,
  rowTo: behind(prefix),
});

/** @returns the range of partitions whose key begins with the prefix */
export const partitionsWith = (prefix: string): { partitionFrom: string; partitionTo: string } => ({
  partitionFrom: prefix,
  partitionTo: behind(prefix),
});
