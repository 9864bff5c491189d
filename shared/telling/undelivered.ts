// Cards that nobody has got although they were due: for the health answer.
import { z } from 'zod';
import type { Table } from '../ports.ts';
import { columnKind, moment } from '../store/row-kind.ts';
import { readEach } from '../store/rows.ts';
import { NOTIFICATION, alertRows } from './alert-rows.ts';

/** A delivery that fails is tried again sooner than this, unless Teams asks for more patience. */
const LATE_MS = 15 * 60_000;
/** More are not counted. */
export const MOST_COUNTED = 1_000;

const dueColumns = columnKind('Alerts', z.object({ dueAt: moment, busySince: moment.exactOptional() }));

/** @returns how many notifications have waited for more than a quarter of an hour; at most a thousand are counted */
export async function countUndelivered(table: Table, now: Date): Promise<number> {
  const isLate = (since: Date | undefined): boolean => since !== undefined && now.getTime() - since.getTime() > LATE_MS;
  let late = 0;
  const rows = firstOf(alertRows(table, NOTIFICATION, ['schema', 'dueAt', 'busySince']), MOST_COUNTED);
  // One that cannot be read is set aside by whoever delivers.
  for await (const { dueAt, busySince } of readEach(
    rows,
    (row) => dueColumns.read(row),
    () => late++,
  ))
    if (isLate(dueAt) || isLate(busySince)) late++;
  return late;
}

/** Whether or not they can be read. */
async function* firstOf<T>(rows: AsyncIterable<T>, most: number): AsyncGenerator<T> {
  let count = 0;
  for await (const row of rows) {
    if (count++ === most) return;
    yield row;
  }
}
