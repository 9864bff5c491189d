// The one optimistic loop: everybody who changes the same row gets their turn, and nobody overwrites anybody.
import { describe, expect, test } from 'vitest';
import type { Table } from '../../shared/ports.ts';
import { storeRow, untilStored } from '../../shared/store/until-stored.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';

const keys = { partitionKey: 'p', rowKey: 'counter' };
const countOf = async (table: Table): Promise<number> => Number((await table.get('p', 'counter'))?.['count'] ?? 0);
const countUp = (table: Table): Promise<'stored'> =>
  untilStored(table, 'the counter', async () => {
    const row = await table.get('p', 'counter');
    return storeRow(table, { ...keys, count: Number(row?.['count'] ?? 0) + 1 }, row);
  });

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('in %s', (_where, make) => {
  const table = make().Work;

  test('fifty who count up at once are all counted', async () => {
    await Promise.all(Array.from({ length: 50 }, () => countUp(table)));
    expect(await countOf(table)).toBe(50);
  });

  test('a row is stored only as it was read', async () => {
    const row = await table.get('p', 'counter');
    expect(await storeRow(table, { ...keys, count: 0 }, undefined)).toBe('conflict');
    expect(await storeRow(table, { ...keys, count: 0 }, row)).toBe('stored');
    expect(await storeRow(table, { ...keys, count: 9 }, row)).toBe('conflict');
    expect(await countOf(table)).toBe(0);
  });
});

test('before each new try the table waits, and after the last one the error names what could not be stored', async () => {
  const waits: number[] = [];
  const table = { ...memoryTables().Work, backOff: async (tries: number) => void waits.push(tries) };
  await expect(untilStored(table, 'scan 7', async () => 'conflict')).rejects.toThrow('Others kept changing scan 7');
  expect(waits).toEqual(waits.map((_, index) => index + 1));
  expect(waits.length).toBeGreaterThanOrEqual(20);
});

test('what a step throws ends the loop', async () => {
  const failing = untilStored(memoryTables().Work, 'it', () => Promise.reject(new Error('storage is busy')));
  await expect(failing).rejects.toThrow('storage is busy');
});
