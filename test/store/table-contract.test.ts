// One contract, run against the memory tables that simulations use and against the real emulator.
import { describe, expect, test } from 'vitest';
import type { Row, RowChange, StoredRow, Table } from '../../shared/ports.ts';
import { MAX_CHUNKS } from '../../shared/store/body.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { transactionBytes } from '../support/service-limits.ts';

async function all(table: Table, range: Parameters<Table['pages']>[0]): Promise<StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const page of table.pages(range)) rows.push(...page);
  return rows;
}

const row = (rowKey: string, more: Partial<Row> = {}): Row => ({ partitionKey: 'p', rowKey, value: 1, ...more });

describe.each([
  ['memory', memoryTables().Work],
  ['emulator', emulatorTables().Work],
] as const)('a table in %s', (_name, table) => {
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
    const lengths: number[] = [];
    const keys: string[] = [];
    for await (const page of table.pages({ partition: 'many' })) {
      lengths.push(page.length);
      keys.push(...page.map((r) => r.rowKey));
    }
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1000);
    expect(keys).toHaveLength(1100);
    expect(keys).toEqual(keys.toSorted());
  });

  test('of a range only some columns, in small pages', async () => {
    for (const rowKey of ['1', '2', '3'])
      await table.upsert({ partitionKey: 'some', rowKey, kept: `k${rowKey}`, left: 'x'.repeat(100) });
    const pages: (readonly StoredRow[])[] = [];
    for await (const page of table.pages({ partition: 'some', columns: ['kept', 'absent'], pageSize: 2 }))
      if (page.length > 0) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([2, 1]);
    const read = pages.flat().map(({ etag, ...values }) => ({ ...values, etag: etag.length > 0 }));
    expect(read).toEqual(
      ['1', '2', '3'].map((rowKey) => ({ partitionKey: 'some', rowKey, kept: `k${rowKey}`, etag: true })),
    );
  });

  const K = 1024;
  test.each<[string, () => Partial<Row>]>([
    ['a text of 32 Ki characters', () => ({ text: 'x'.repeat(32 * K) })],
    ['a text of 32 Ki characters of any script', () => ({ text: '検'.repeat(32 * K) })],
    ['64 KiB of bytes', () => ({ bytes: new Uint8Array(64 * K) })],
    ['as much as we put into a row', () => chunks(MAX_CHUNKS)],
    ['252 properties', () => ({ value: undefined, ...properties(252) })],
    ['a key of 512 characters', () => ({ rowKey: 'k'.repeat(512) })],
    ['a key with every character that a key of ours has', () => ({ rowKey: "aZ0-_.()~!|:+=, 'ä検" })],
  ])('%s fits', async (what, make) => {
    const given = row(`limit of ${what}`, make());
    await table.upsert(given);
    const stored = (await table.get('p', given.rowKey))!;
    expect(sizes(stored)).toEqual(sizes({ ...given, etag: stored.etag }));
  });

  test.each<[string, () => Partial<Row>]>([
    ['a text of 32 Ki characters and one', () => ({ text: 'x'.repeat(32 * K + 1) })],
    ['64 KiB of bytes and one', () => ({ bytes: new Uint8Array(64 * K + 1) })],
    ['more than 1 MiB in all', () => chunks(16)],
    ['a key of 513 characters', () => ({ rowKey: 'k'.repeat(513) })],
  ])('%s is refused, and nothing is stored', async (_what, make) => {
    const given = row('refused', make());
    await expect(table.upsert(given)).rejects.toBeInstanceOf(Error);
    await expect(table.transact('p', [{ kind: 'upsert', row: given }])).rejects.toBeInstanceOf(Error);
    expect(await all(table, { partition: 'p', rowFrom: 'refused', rowTo: 'refusee' })).toEqual([]);
  });

  test('a transaction holds 100 rows and not one more', async () => {
    const rows = (count: number): RowChange[] =>
      Array.from({ length: count }, (_, i) => ({ kind: 'upsert', row: row(`count${i}`) }));
    expect(await table.transact('p', rows(100))).toBe('committed');
    await expect(table.transact('p', rows(101))).rejects.toBeInstanceOf(Error);
  });

  test('a transaction holds 4 MiB as it is sent, and nothing of a longer one is stored', async () => {
    const changes = (count: number): RowChange[] =>
      Array.from({ length: count }, (_, i) => ({ kind: 'upsert', row: row(`bytes${i}`, chunks(MAX_CHUNKS)) }));
    expect(transactionBytes(changes(4))).toBeLessThan(4 * K * K);
    expect(transactionBytes(changes(5))).toBeGreaterThan(4 * K * K);
    await expect(table.transact('p', changes(5))).rejects.toBeInstanceOf(Error);
    expect(await table.get('p', 'bytes0')).toBeUndefined();
    expect(await table.transact('p', changes(4))).toBe('committed');
  });

  test('a transaction names each row once, and rows of one partition', async () => {
    const twice: RowChange[] = [
      { kind: 'upsert', row: row('twice') },
      { kind: 'upsert', row: row('twice') },
    ];
    await expect(table.transact('p', twice)).rejects.toBeInstanceOf(Error);
    const foreign: RowChange[] = [
      { kind: 'upsert', row: row('home') },
      { kind: 'upsert', row: { partitionKey: 'q', rowKey: 'abroad' } },
    ];
    await expect(table.transact('p', foreign)).rejects.toBeInstanceOf(Error);
    expect(await table.get('p', 'home')).toBeUndefined();
  });
});

/** Where the emulator is kinder than Azure documents (Understanding the Table service data model), or refuses with an answer that is tried again and again. */
describe('limits of Azure that only the memory tables enforce', () => {
  const { Work } = memoryTables();
  const refused: readonly (readonly [string, Partial<Row>, string])[] = [
    ['a row of 1 MiB that is inserted', { ...chunks(16) }, 'EntityTooLarge'],
    ['more than 252 properties', { ...properties(253) }, 'TooManyProperties'],
    ['a property whose name is no identifier', { 'a-b': 1 }, 'PropertyNameInvalid'],
    ['a property whose name has 256 characters', { ['n'.repeat(256)]: 1 }, 'PropertyNameTooLong'],
    ...['/', '\\', '#', '?', '\u0000', '\u001f', '\u007f', '\u009f'].map(
      (char): readonly [string, Partial<Row>, string] => [
        `a key with ${JSON.stringify(char)}`,
        { rowKey: `a${char}b` },
        'OutOfRangeInput',
      ],
    ),
  ];
  test.each(refused)('%s', async (_what, more, code) => {
    const given = { ...row('r'), ...more };
    await expect(Work.upsert(given)).rejects.toThrow(code);
    await expect(Work.insert(given)).rejects.toThrow(code);
    await expect(Work.replace(given, '*')).rejects.toThrow(code);
    await expect(Work.transact('p', [{ kind: 'insert', row: given }])).rejects.toThrow(code);
  });
});

/** What a row holds, in short: printing a difference of 64 KiB takes minutes. */
const sizes = (row: Row): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' || value instanceof Uint8Array ? value.length : value,
    ]),
  );

/** Rows of so many chunks of 64 KiB. */
function chunks(count: number): Partial<Row> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, new Uint8Array(64 * 1024)]));
}
function properties(count: number): Partial<Row> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, i]));
}
