// Snapshots of fleets of any size: what was stored comes back as of every close, whatever changed in between and whoever died.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fleet, FleetCluster } from '../../shared/model/fleet.ts';
import { compareClusters } from '../../shared/model/fleet.ts';
import type { StoredRow, Table } from '../../shared/ports.ts';
import {
  cachedFleet,
  insertFleet,
  purgeSnapshots,
  readFleet,
  readKnownFleet,
  readTrend,
} from '../../shared/store/fleet-snapshots.ts';
import { countedTables, rowBytes } from '../support/counted-tables.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { noise } from '../support/noise.ts';
import { runs } from '../support/runs.ts';
import { tablesThrough } from '../support/through.ts';

const START = Date.parse('2026-11-21T10:00:00.000Z');
const momentOf = (close: number): Date => new Date(START + close * 1_800_000);
const closeOf = (close: number, clusters: readonly FleetCluster[], more: Partial<Fleet> = {}): Fleet =>
  fleetOf(clusters.toSorted(compareClusters), {
    scanId: `s${close}`,
    at: momentOf(close).toISOString(),
    closedAt: new Date(momentOf(close).getTime() + 60_000).toISOString(),
    ...more,
  });
const closedBy = (close: number): Date => new Date(momentOf(close).getTime() + 61_000);

/** Every row of a table, with its size. */
async function rowsOf(table: Table): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const page of table.pages({})) rows.push(...page);
  return rows;
}
const bytesOf = (rows: readonly StoredRow[]): number => rows.reduce((sum, row) => sum + rowBytes(row), 0);

const named = (count: number): FleetCluster[] =>
  Array.from({ length: count }, (_, i) => fleetCluster(`cluster-${String(i).padStart(5, '0')}`));
test('whatever changes between closes, each of them is read as it was', async () => {
  const change = fc.record({
    cluster: fc.integer({ min: 0, max: 30 }),
    verdict: fc.constantFrom('pass' as const, 'fail' as const, undefined),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 25 }), async (closes) => {
      const { Fleet: table } = memoryTables({ pageSize: 7 });
      const standing = new Map(named(12).map((cluster) => [cluster.name, cluster]));
      const expected: Fleet[] = [];
      const newest = cachedFleet(table);
      for (const [close, changes] of closes.entries()) {
        for (const { cluster, verdict } of changes)
          if (verdict) standing.set(`c${cluster}`, fleetCluster(`c${cluster}`, { verdict }));
          else standing.delete(`c${cluster}`);
        const fleet = closeOf(close, [...standing.values()]);
        expect(await insertFleet(table, fleet)).toBe('inserted');
        expect(await insertFleet(table, fleet)).toBe('exists');
        expect((await (close % 3 === 0 ? newest() : readFleet(table)))!).toEqual(fleet);
        expected.push(fleet);
      }
      for (const [close, fleet] of expected.entries()) {
        expect(await readKnownFleet(table, closedBy(close))).toEqual(fleet);
        expect(await readFleet(table, momentOf(close))).toEqual(fleet);
      }
    }),
    { numRuns: runs(200) },
  );
});

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('in %s', (_where, make) => {
  test('clusters with as many and as long tags as the fleet keeps, in any script, are stored and read', async () => {
    const { Fleet: table } = make();
    const clusters = named(150).map((cluster, i) => ({ ...cluster, tags: { note: noise(2_044, i) }, tagsLeftOut: 47 }));
    const fleet = closeOf(0, clusters, {
      missing: Array.from({ length: 50 }, (_, i) => noise(300, i)),
      missingCount: 9_999,
    });
    expect(await insertFleet(table, fleet)).toBe('inserted');
    expect(await readFleet(table)).toEqual(fleet);
    const changed = closeOf(1, [...clusters.slice(1), { ...clusters[0]!, verdict: 'fail' }]);
    const before = bytesOf(await rowsOf(table));
    expect(await insertFleet(table, changed)).toBe('inserted');
    expect(await readFleet(table)).toEqual(changed);
    expect(bytesOf(await rowsOf(table)) - before).toBeLessThan(12_000);
  });
});

test('an unchanged fleet, and one with one change, cost a small row each; a whole one is written again after 48 changes', async () => {
  const { Fleet: table } = memoryTables();
  const clusters = named(1_000);
  const sizes: number[] = [];
  for (let close = 0; close < 60; close++) {
    const before = bytesOf(await rowsOf(table));
    if (close !== 1) clusters[close] = { ...clusters[close]!, verdict: 'fail' };
    await insertFleet(table, closeOf(close, clusters));
    sizes.push(bytesOf(await rowsOf(table)) - before);
  }
  const whole = sizes[0]!;
  expect(sizes[1]).toBeLessThan(1_000);
  expect(sizes.flatMap((size, close) => (size > whole / 2 ? [close] : []))).toEqual([0, 49]);
  expect(Math.max(...sizes.filter((size) => size < whole / 2))).toBeLessThan(6_000);
});

test('trends, and whether there is a newer fleet, are read without the fleet; a newer one by what has changed', async () => {
  const tables = memoryTables();
  const { tables: counted, take } = countedTables(tables);
  const table = counted.Fleet;
  const clusters = named(1_000);
  for (let close = 0; close < 40; close++)
    await insertFleet(tables.Fleet, closeOf(close, clusters.with(close, { ...clusters[close]!, verdict: 'fail' })));
  const whole = bytesOf(await rowsOf(tables.Fleet));
  let heads = 0;
  for await (const _ of readTrend(table, momentOf(0), closedBy(99))) heads++;
  expect(heads).toBe(40);
  expect(take().bytesRead).toBeLessThan(40 * 900);
  const newest = cachedFleet(table);
  await newest();
  expect(take().bytesRead).toBeGreaterThan(whole / 4);
  await newest();
  expect(take().bytesRead).toBeLessThan(100);
  const changed = closeOf(40, clusters);
  await insertFleet(tables.Fleet, changed);
  expect(await newest()).toEqual(changed);
  expect(take().bytesRead).toBeLessThan(12_000);
});

test('many who ask for a new fleet at once read it once', async () => {
  const tables = memoryTables();
  await insertFleet(tables.Fleet, closeOf(0, named(500)));
  const { tables: counted, take } = countedTables(tables);
  const table = counted.Fleet;
  const alone = cachedFleet(table);
  await alone();
  const once = take().bytesRead;
  const together = cachedFleet(table);
  await Promise.all(Array.from({ length: 20 }, () => together()));
  expect(take().bytesRead).toBeLessThan(once * 1.5);
});

test('two who close at once with different lines leave one whole fleet', async () => {
  const { Fleet: table } = memoryTables();
  await insertFleet(table, closeOf(0, named(10)));
  const one = closeOf(1, named(9));
  const other = closeOf(1, named(11));
  const outcomes = await Promise.all([insertFleet(table, one), insertFleet(table, other)]);
  expect(outcomes.toSorted()).toEqual(['exists', 'inserted']);
  expect(await readFleet(table)).toEqual(outcomes[0] === 'inserted' ? one : other);
});

test('a process that dies at any call leaves the fleet of before or of after, and the next one finishes', async () => {
  const before = closeOf(0, named(10));
  const after = closeOf(
    1,
    named(2_500).map((cluster) => ({ ...cluster, verdict: 'fail' as const })),
  );
  for (let last = 0; ; last++) {
    const tables = memoryTables();
    await insertFleet(tables.Fleet, before);
    let calls = 0;
    const dying = tablesThrough(async (_what, run) => {
      if (calls++ >= last) throw new Error('died');
      return run();
    }, tables);
    const outcome = await insertFleet(dying.Fleet, after).catch(() => 'died');
    expect(await readFleet(tables.Fleet)).toEqual(outcome === 'died' ? before : after);
    await insertFleet(tables.Fleet, after);
    expect(await readFleet(tables.Fleet)).toEqual(after);
    if (outcome !== 'died') break;
  }
});

test('a purge keeps what later snapshots are read from, and removes the rest with what crashes left', async () => {
  const { Fleet: table } = memoryTables();
  const clusters = named(40);
  const fleets: Fleet[] = [];
  for (let close = 0; close < 120; close++) {
    const changed = clusters.with(close % 40, { ...clusters[close % 40]!, verdict: close % 2 ? 'fail' : 'pass' });
    fleets.push(closeOf(close, close % 3 === 0 ? changed : clusters));
    await insertFleet(table, fleets[close]!);
  }
  await table.upsert({ partitionKey: 'content', rowKey: '9999999999999~left-by-a-crash~00000' });
  await purgeSnapshots(table, closedBy(100));
  for (let close = 100; close < 120; close++)
    expect(await readKnownFleet(table, closedBy(close))).toEqual(fleets[close]);
  expect(await readKnownFleet(table, closedBy(99))).toBeUndefined();
  const left = await rowsOf(table);
  expect(left.some(({ rowKey }) => rowKey.includes('left-by-a-crash'))).toBe(false);
  expect(left.filter(({ partitionKey }) => partitionKey === 'fleet')).toHaveLength(20);
  expect(left.filter(({ partitionKey }) => partitionKey === 'content').length).toBeLessThan(60);
});
