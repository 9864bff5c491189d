// Walking over rows: whatever the pages, by how keys begin.
import { describe, expect, test } from 'vitest';
import type { RowRange } from '../../shared/ports.ts';
import { firstRow, partitionsWith, prefixRange, rowsOf } from '../../shared/store/rows.ts';
import { memoryTables } from '../support/memory-tables.ts';

const { Work: table } = memoryTables({ pageSize: 2 });
for (const [partitionKey, rowKey] of [
  ['a', 'h~1'],
  ['a', 'h~2'],
  ['a', 'h~\u00ff'],
  ['a', 'h\u00a1'],
  ['a', 'g'],
  ['a~1', 'x'],
  ['a~2', 'x'],
  ['b', 'x'],
] as const)
  await table.insert({ partitionKey, rowKey });

async function keys(range: RowRange): Promise<string[]> {
  const found: string[] = [];
  for await (const { partitionKey, rowKey } of rowsOf(table, range)) found.push(`${partitionKey}/${rowKey}`);
  return found;
}

describe('rows', () => {
  test('come in order, over the ends of pages', async () => {
    expect(await keys({})).toHaveLength(8);
    expect(await keys({ partition: 'a' })).toEqual(['a/g', 'a/h~1', 'a/h~2', 'a/h~\u00ff', 'a/h\u00a1']);
  });

  test('with a prefix are all that begin with it, and no other', async () => {
    expect(await keys({ partition: 'a', ...prefixRange('h~') })).toEqual(['a/h~1', 'a/h~2', 'a/h~\u00ff']);
    expect(await keys({ partition: 'a', ...prefixRange('h~', '2') })).toEqual(['a/h~2', 'a/h~\u00ff']);
    expect(await keys({ partition: 'a', ...prefixRange('h~'), limit: 1 })).toEqual(['a/h~1']);
    expect(await keys(partitionsWith('a~'))).toEqual(['a~1/x', 'a~2/x']);
  });

  test('have a first one, or none', async () => {
    expect((await firstRow(table, { partition: 'a', rowFrom: 'h' }))?.rowKey).toBe('h~1');
    expect(await firstRow(table, { partition: 'c' })).toBeUndefined();
  });
});
