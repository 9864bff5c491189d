// Kinds of rows: which columns a row has and what its body is, declared once for whoever writes it and whoever reads it.
import { z } from 'zod';
import type { Row, TableName, Value } from '../ports.ts';
import { StoredRowError, WRITTEN_SCHEMA, packBody, unpackBody } from './body.ts';

/** A moment, stored as RFC 3339 text in UTC. */
export const moment = z.codec(z.string(), z.date(), {
  decode: (text) => new Date(text),
  encode: (at) => at.toISOString(),
});

/** Plain data as JSON in one column, which holds 64 KiB of UTF-16: whoever writes it keeps it short. What it holds is not checked. */
export const json = <T>() =>
  z.codec(z.string(), z.custom<T>(), {
    decode: (text, { issues }) => {
      try {
        return JSON.parse(text) as T;
      } catch (error) {
        issues.push({ code: 'custom', input: text, message: String(error) });
        return z.NEVER;
      }
    },
    encode: (data) => JSON.stringify(data),
  });

type Properties = Readonly<Record<string, Value | undefined>>;
type Columns = z.ZodObject<Record<string, z.ZodType<unknown, Value | undefined>>>;

export interface RowKind<T> {
  /** @throws StoredRowError naming table, keys and column */
  read(row: Row): T;
  /** @param mostChunks of 64 KiB for the body; without it, what a row holds @returns the properties to store beside the keys @throws BodyTooLargeError when the body does not fit */
  write(values: T, mostChunks?: number): Properties;
}

/** What is read of a row and written to it. */
export type RowOf<K extends RowKind<unknown>> = Readonly<ReturnType<K['read']>>;

/**
 * Declares the columns of a kind of row. Other columns of a row are ignored, so that rows of the next version can be read.
 * @param table for the text of errors
 */
export function columnKind<C extends Columns>(table: TableName, columns: C): RowKind<z.output<C>> {
  return {
    read: (row) => check(table, row, columns, row),
    write: (values) => ({ schema: WRITTEN_SCHEMA, ...z.encode(columns, values) }),
  };
}

/**
 * Declares the body of a kind of row.
 * @param body its one name, and its type. `z.custom<T>()` trusts the version in the row for the type: to check every part of every
 *   finding would cost more than to read it.
 */
export function bodyKind<B extends z.ZodObject>(table: TableName, body: B): RowKind<z.output<B>> {
  const name = Object.keys(body.shape)[0]!;
  return {
    read: (row) => check(table, row, body, { [name]: unpackBody(row, table) }),
    write: (values, mostChunks) => packBody(values[name], mostChunks),
  };
}

/** A kind of row with columns, which can be read alone, and a body. */
export function withBody<C, B>(
  columns: RowKind<C>,
  body: RowKind<B>,
): RowKind<C & B> & { readonly columns: RowKind<C> } {
  return {
    columns,
    read: (row) => ({ ...columns.read(row), ...body.read(row) }),
    write: (values, mostChunks) => ({ ...columns.write(values), ...body.write(values, mostChunks) }),
  };
}

function check<S extends z.ZodObject>(table: TableName, row: Row, schema: S, values: object): z.output<S> {
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new StoredRowError(row, `cannot be read: ${problems.join('; ')}`, table);
}
