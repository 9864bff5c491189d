// Bodies that are too long to stand in their row: their chunks stand in rows of their own in the same partition, which the row refers to by
// the hash of what they hold. They are written first, so that whatever is found can be read.
import { hash } from 'node:crypto';
import type { Row, StoredRow, Table, Value } from '../ports.ts';
import { MAX_CHUNKS, StoredRowError } from './body.ts';
import { inParts } from './parts.ts';
import { prefixRange, rowsOf } from './rows.ts';

/** What the keys of such rows begin with. */
export const SPILLED = 'b~';
/** A body of up to so many chunks of 64 KiB stays in its row: four such rows fit into one transaction, which holds 4 MiB with bytes in base64. */
const INLINE_CHUNKS = 8;
/** What a spilled body may have at most: 25 MiB. */
export const SPILLED_CHUNKS = 400;
const ROWS_PER_PAGE = 4;

const chunkName = (index: number): string => `body${index}`;

export interface Spilled {
  /** The row without the body that was too long. */
  readonly row: Row;
  /** The rows that hold it; empty when the body stays. */
  readonly parts: readonly Row[];
}

/**
 * @param row with a body of up to SPILLED_CHUNKS
 * @param storedAt a purge leaves alone what was written lately: nothing may refer to it yet
 */
export function spill(row: Row, storedAt: Date): Spilled {
  const chunks: Value[] = [];
  for (let chunk = row[chunkName(0)]; chunk !== undefined; chunk = row[chunkName(chunks.length)]) chunks.push(chunk);
  if (chunks.length <= INLINE_CHUNKS) return { row, parts: [] };
  const bytes = Buffer.concat(chunks.filter((chunk) => chunk instanceof Uint8Array));
  const spilled = `${SPILLED}${hash('sha256', bytes, 'base64url').slice(0, 24)}`;
  const kept = Object.entries(row).filter(([name]) => !/^body\d+$/.test(name));
  const { partitionKey, rowKey } = row;
  return {
    row: { ...Object.fromEntries(kept), partitionKey, rowKey, spilled, spilledChunks: chunks.length },
    parts: inParts(chunks, MAX_CHUNKS).map((part, number) => ({
      partitionKey,
      rowKey: `${spilled}~${String(number).padStart(3, '0')}`,
      storedAt: storedAt.toISOString(),
      ...Object.fromEntries(part.map((chunk, index) => [chunkName(index), chunk])),
    })),
  };
}

/** @returns the key that a row refers to, and the key that a row of parts belongs to */
export const spilledKey = ({ rowKey, spilled }: Row): string | undefined =>
  typeof spilled === 'string'
    ? spilled
    : rowKey.startsWith(SPILLED)
      ? rowKey.slice(0, rowKey.lastIndexOf('~'))
      : undefined;

/** Writes the rows of a body, unless `existing` says that they may be there and they are. */
export async function writeParts(table: Table, parts: readonly Row[], existing: boolean): Promise<void> {
  const last = parts.at(-1);
  if (last && existing && (await table.get(last.partitionKey, last.rowKey))) return;
  for (const part of parts) await table.upsert(part);
}

/** @returns the row with its whole body, wherever that stands @throws StoredRowError when a part is missing */
export async function gather(table: Table, row: StoredRow): Promise<StoredRow> {
  const { spilled, spilledChunks } = row;
  if (typeof spilled !== 'string') return row;
  const chunks: Value[] = [];
  const range = { partition: row.partitionKey, ...prefixRange(`${spilled}~`), pageSize: ROWS_PER_PAGE };
  for await (const part of rowsOf(table, range))
    for (let index = 0, chunk = part[chunkName(0)]; chunk !== undefined; chunk = part[chunkName(++index)])
      chunks.push(chunk);
  if (chunks.length !== spilledChunks)
    throw new StoredRowError(row, `refers to a body of which parts are gone: ${spilled}`);
  return { ...row, ...Object.fromEntries(chunks.map((chunk, index) => [chunkName(index), chunk])) };
}
