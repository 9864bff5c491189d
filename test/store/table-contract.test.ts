// One contract, run against the memory tables that simulations use and against the real emulator.
import { describe, expect, test } from 'vitest';
import type { Row, StoredRow, Table } from '../../shared/ports.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';

async function all(table: Table, range: Parameters<Table['pages']>[0]): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const page of table.pages(range)) rows.push(...page);
  return rows;
}

describe.each([
  ['memory', memoryTables().Work],
  ['emulator', emulatorTables().Work],
] as const)('a table in %s', (_name, table) => {
  const row = (rowKey: string, more: Partial<Row> = {}): Row => ({ partitionKey: 'p', rowKey, value: 1, ...more });

  test('a missing row is undefined, and a stored one comes back with every kind of value', async () => {
    const values = { text: 'ä', whole: 7, flag: true, big: 9_007_199_254_740_993n, bytes: new Uint8Array([0, 255]) };
    expect(await table.get('p', 'values')).toBeUndefined();
    await table.upsert({ ...row('values'), ...values, nothing: undefined });
    const stored = await table.get('p', 'values');
    expect(stored).toMatchObject({ text: 'ä', whole: 7, flag: true, big: 9_007_199_254_740_993n });
    expect([...(stored!['bytes'] as Uint8Array)]).toEqual([0, 255]);
    expect(stored).not.toHaveProperty('nothing');
  });

  test('the second insert of a row answers exists and changes nothing', async () => {
    expect(await table.insert(row('once', { value: 1 }))).toBe('inserted');
    expect(await table.insert(row('once', { value: 2 }))).toBe('exists');
    expect(await table.get('p', 'once')).toMatchObject({ value: 1 });
  });

  test('replacing with an old etag, or a row that is gone, answers stale', async () => {
    await table.upsert(row('versioned'));
    const first = await table.get('p', 'versioned');
    expect(await table.replace(row('versioned', { value: 2 }), first!.etag)).toBe('replaced');
    expect(await table.replace(row('versioned', { value: 3 }), first!.etag)).toBe('stale');
    expect(await table.replace(row('never'), first!.etag)).toBe('stale');
    expect(await table.get('p', 'versioned')).toMatchObject({ value: 2 });
  });

  test('deleting tells deleted, absent and stale apart', async () => {
    await table.upsert(row('doomed'));
    const first = await table.get('p', 'doomed');
    await table.upsert(row('doomed', { value: 2 }));
    expect(await table.delete('p', 'doomed', first!.etag)).toBe('stale');
    expect(await table.delete('p', 'doomed')).toBe('deleted');
    expect(await table.delete('p', 'doomed')).toBe('absent');
  });

  test('a transaction with one conflict changes nothing at all', async () => {
    await table.upsert(row('taken'));
    const outcome = await table.transact('p', [
      { kind: 'insert', row: row('fresh') },
      { kind: 'insert', row: row('taken', { value: 9 }) },
    ]);
    expect(outcome).toBe('conflict');
    expect(await table.get('p', 'fresh')).toBeUndefined();
    expect(await table.transact('p', [{ kind: 'delete', rowKey: 'never-there' }])).toBe('conflict');
  });

  test('a transaction inserts, replaces by etag, upserts and deletes together', async () => {
    await table.upsert(row('t-replace'));
    await table.upsert(row('t-delete'));
    const { etag } = (await table.get('p', 't-replace'))!;
    const outcome = await table.transact('p', [
      { kind: 'insert', row: row('t-insert') },
      { kind: 'replace', row: row('t-replace', { value: 2 }), etag },
      { kind: 'upsert', row: row('t-upsert') },
      { kind: 'delete', rowKey: 't-delete' },
    ]);
    expect(outcome).toBe('committed');
    const left = (await all(table, { partition: 'p', rowFrom: 't-', rowTo: 't.' })).map((r) => r.rowKey);
    expect(left).toEqual(['t-insert', 't-replace', 't-upsert']);
    const stale = await table.transact('p', [{ kind: 'replace', row: row('t-replace'), etag }]);
    expect(stale).toBe('conflict');
  });

  test('ranges are half open, in key order, across partitions, and stop at the limit', async () => {
    for (const [partitionKey, rowKey] of [
      ['r2', 'b'],
      ['r1', 'b'],
      ['r1', 'a'],
      ['r3', 'a'],
      ['r1', "o'c"],
    ] as const)
      await table.upsert({ partitionKey, rowKey });
    const keys = async (range: Parameters<Table['pages']>[0]): Promise<string[]> =>
      (await all(table, range)).map((r) => `${r.partitionKey}/${r.rowKey}`);
    expect(await keys({ partitionFrom: 'r1', partitionTo: 'r3' })).toEqual(['r1/a', 'r1/b', "r1/o'c", 'r2/b']);
    expect(await keys({ partition: 'r1', rowFrom: 'b' })).toEqual(['r1/b', "r1/o'c"]);
    expect(await keys({ partition: 'r1', rowTo: 'b' })).toEqual(['r1/a']);
    expect(await keys({ partitionFrom: 'r', partitionTo: 's', limit: 2 })).toEqual(['r1/a', 'r1/b']);
    expect(await keys({ partition: 'nobody' })).toEqual([]);
  });

  test('more rows than a page holds arrive complete', async () => {
    for (let batch = 0; batch < 11; batch++)
      await table.transact(
        'many',
        Array.from({ length: 100 }, (_, i) => ({
          kind: 'insert' as const,
          row: { partitionKey: 'many', rowKey: String(batch * 100 + i).padStart(5, '0') },
        })),
      );
    const keys = (await all(table, { partition: 'many' })).map((r) => r.rowKey);
    expect(keys).toHaveLength(1100);
    expect(keys).toEqual(keys.toSorted());
  });
});
