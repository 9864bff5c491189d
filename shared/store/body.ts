// Bodies in table rows: JSON, deflated, cut into binary properties of at most 64 KiB, with the version of their schema.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Row, TableName, Value } from '../ports.ts';

/** A binary property holds 64 KiB (Understanding the Table service data model, learn.microsoft.com/rest/api/storageservices). */
const CHUNK_BYTES = 64 * 1024;
/** An entity holds 1 MiB. The emulator counts it in base64, four bytes for three; this many leave room for keys and plain properties there too. */
export const MAX_CHUNKS = 11;
/**
 * The version that this release writes, and the newest that it reads: one further, so that going back by one release stops nothing.
 * A version is raised in two releases: the first reads both, the second writes the new one. The next version may only add: a column,
 * a field of a body, a value that older readers need not know. Whatever is left out, or means something else, gets a new name. Of each
 * released version test/store keeps rows, and reads them with what the next may add.
 */
export const WRITTEN_SCHEMA = 1;
const READABLE_SCHEMA = WRITTEN_SCHEMA + 1;

/** A stored row that cannot be read: a newer version wrote it, or it is damaged. */
export class StoredRowError extends Error {
  constructor(row: Pick<Row, 'partitionKey' | 'rowKey'>, what: string, table = '') {
    super(`Stored row ${table && `${table} / `}${row.partitionKey} / ${row.rowKey} ${what}`);
    this.name = 'StoredRowError';
  }
}

/** A body that is too long for one row. */
export class BodyTooLargeError extends RangeError {
  constructor(bytes: number, mostChunks: number) {
    super(
      `A body of ${bytes} compressed bytes does not fit into one table row, which holds ${mostChunks * CHUNK_BYTES}`,
    );
    this.name = 'BodyTooLargeError';
  }
}

/**
 * @param body plain JSON-able data
 * @param mostChunks of 64 KiB each
 * @returns the properties that hold it
 * @throws BodyTooLargeError when it does not fit into one row
 */
export function packBody(body: unknown, mostChunks = MAX_CHUNKS): Readonly<Record<string, Value>> {
  const bytes = deflateRawSync(JSON.stringify(body), { level: 6 });
  const chunks = Math.ceil(bytes.length / CHUNK_BYTES);
  if (chunks > mostChunks) throw new BodyTooLargeError(bytes.length, mostChunks);
  const properties: Record<string, Value> = { schema: WRITTEN_SCHEMA };
  for (let i = 0; i < chunks; i++) properties[`body${i}`] = bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
  return properties;
}

/**
 * @returns what packBody was given, by an older version, this one or the next
 * @throws StoredRowError when a still newer version wrote it, or it is damaged
 */
export function unpackBody(row: Row, table?: TableName): unknown {
  const schema = row['schema'];
  if (typeof schema !== 'number') throw new StoredRowError(row, 'has no schema version', table);
  if (schema > READABLE_SCHEMA)
    throw new StoredRowError(
      row,
      `has schema ${schema}; this version reads up to ${READABLE_SCHEMA}: update Bulkhead`,
      table,
    );
  const chunks: Uint8Array[] = [];
  for (let i = 0; row[`body${i}`] instanceof Uint8Array; i++) chunks.push(row[`body${i}`] as Uint8Array);
  try {
    return JSON.parse(inflateRawSync(Buffer.concat(chunks)).toString());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoredRowError(row, `has a damaged body: ${why}`, table);
  }
}
