// A write whose answer is lost is told as what it was: ours or somebody else's.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Row, Table } from '../../shared/ports.ts';
import { knowingOwnWrites } from '../../shared/store/own-writes.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { runs } from '../support/runs.ts';

/** `repeated`: the answer was lost, and the client sent the request again. `lost`: it gave up, and does not know. `refused`: it never arrived. */
type Fault = 'none' | 'repeated' | 'lost' | 'refused';
const faults: readonly Fault[] = ['none', 'repeated', 'lost', 'refused'];

/** A table over a line on which answers are lost, one fault for each write in turn. */
function unreliable(table: Table, next: () => Fault): Table {
  const write = async <A>(run: () => Promise<A>): Promise<A> => {
    const fault = next();
    if (fault === 'refused') throw new Error('The line is down.');
    const answer = await run();
    if (fault === 'lost') throw new Error('The answer was lost.');
    return fault === 'repeated' ? run() : answer;
  };
  return {
    ...table,
    insert: (row) => write(() => table.insert(row)),
    upsert: (row) => write(() => table.upsert(row)),
    replace: (row, etag) => write(() => table.replace(row, etag)),
    transact: (partition, changes) => write(() => table.transact(partition, changes)),
  };
}

const row = (rowKey: string, value: number): Row => ({ partitionKey: 'p', rowKey, value });
const valueOf = async (table: Table, rowKey: string): Promise<unknown> => (await table.get('p', rowKey))?.['value'];

describe.each<[string, (table: Table, key: string, value: number) => Promise<boolean>]>([
  ['an insert', async (table, key, value) => (await table.insert(row(key, value))) === 'inserted'],
  [
    'a transaction that inserts',
    async (table, key, value) =>
      (await table.transact('p', [
        { kind: 'upsert', row: row('other', value) },
        { kind: 'insert', row: row(key, value) },
      ])) === 'committed',
  ],
])('%s', (_name, claim) => {
  test('is won by exactly the one whose row stands, whatever answers are lost', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...faults), { minLength: 1, maxLength: 6 }), async (course) => {
        const store = memoryTables().Scans;
        const won: number[] = [];
        for (const [writer, fault] of course.entries()) {
          const table = knowingOwnWrites(unreliable(store, () => fault));
          const isMine = await claim(table, 'claimed', writer).catch(() => false);
          if (isMine) won.push(writer);
        }
        const standing = await valueOf(store, 'claimed');
        expect(won).toEqual(standing === undefined ? [] : [standing]);
      }),
      { numRuns: runs(200) },
    ));
});

test('a replacement counts once, whatever answers are lost', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...faults), { maxLength: 12 }), async (course) => {
      const store = memoryTables().Alerts;
      await store.insert(row('count', 0));
      let told = 0;
      for (const fault of course) {
        const table = knowingOwnWrites(unreliable(store, () => fault));
        const before = await table.get('p', 'count');
        const outcome = await table
          .replace(row('count', Number(before!['value']) + 1), before!.etag)
          .catch(() => 'refused' as const);
        if (outcome === 'replaced') told++;
      }
      expect(await valueOf(store, 'count')).toBe(told);
    }),
    { numRuns: runs(200) },
  ));

test('rows come back as they were written', async () => {
  const table = knowingOwnWrites(memoryTables().Work);
  await table.upsert(row('one', 1));
  const { etag: _etag, ...one } = (await table.get('p', 'one'))!;
  expect(one).toEqual(row('one', 1));
  for await (const page of table.pages({ partition: 'p' }))
    expect(page.map(({ etag: _tag, ...rest }) => rest)).toEqual([row('one', 1)]);
});

test('a stranger’s row is a conflict, and a stranger’s error is thrown', async () => {
  const store = memoryTables().Chat;
  await store.insert(row('taken', 7));
  const table = knowingOwnWrites(store);
  expect(await table.insert(row('taken', 8))).toBe('exists');
  expect(await table.replace(row('taken', 8), 'W/"0"')).toBe('stale');
  const down = knowingOwnWrites(unreliable(store, () => 'refused'));
  await expect(down.upsert(row('taken', 9))).rejects.toThrow('The line is down.');
  expect(await valueOf(store, 'taken')).toBe(7);
});
