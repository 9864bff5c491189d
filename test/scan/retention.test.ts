// Retention: what is older than the setting goes, the state that the oldest kept day began with stays, and an interruption changes nothing.
import { describe, expect, test } from 'vitest';
import { clusterKey } from '../../shared/model/keys.ts';
import type { DriftEvent, Result } from '../../shared/model/result.ts';
import type { StoredRow, Table, Tables } from '../../shared/ports.ts';
import type { ScanContext } from '../../shared/scan/context.ts';
import { purgeSlice, startPurge } from '../../shared/scan/purge.ts';
import { listIndexed } from '../../shared/store/fleet-index.ts';
import { readKnownFleet } from '../../shared/store/fleet-snapshots.ts';
import { readDriftLog } from '../../shared/store/drift-log.ts';
import type { Subject } from '../../shared/store/purge-subject.ts';
import { forgetSubject, isStale, purgeSubject, subjectsBehind } from '../../shared/store/purge-subject.ts';
import { commitResult, readAsOf, readDrift, readHistory, readLatest } from '../../shared/store/results.ts';
import { listScans } from '../../shared/store/scans.ts';
import { alertEvent } from '../support/alerts.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { noise } from '../support/noise.ts';
import { sampled } from '../support/runs.ts';
import { tablesThrough } from '../support/through.ts';
import type { World } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const DAY_MS = 86_400_000;
const FIRST = Date.parse('2026-11-01T10:00:30Z');
const KEPT_DAYS = 3;
const shop = sampleCluster(SUB, 'shop');
const lab = sampleCluster(SUB, 'lab');
const keyOf = ({ id }: { readonly id: string }): string => clusterKey(id);

/** A scan a day: the engine of one cluster goes and comes, the other cluster is deleted on the second day. */
async function days(tables: Tables, count: number, retentionDays = KEPT_DAYS): Promise<World> {
  const world = createWorld({ tables, start: new Date(FIRST), retentionDays });
  const clusters = new Map([
    ['shop', shop],
    ['lab', lab],
  ]);
  world.subscriptions.set(SUB, { name: 'prod', clusters });
  for (let day = 0; day < count; day++) {
    world.clock.now = FIRST + day * DAY_MS;
    clusters.set('shop', day % 2 === 0 ? shop : withoutEngine(shop));
    if (day === 1) clusters.delete('lab');
    await world.timer();
    await world.run();
  }
  // The purge of the last day is still in its queue.
  await world.run(60_000);
  return world;
}

async function rowsOf(table: Table): Promise<readonly StoredRow[]> {
  const rows: StoredRow[] = [];
  for await (const page of table.pages({})) rows.push(...page);
  return rows;
}
const keysOf = async (tables: Tables): Promise<string[]> =>
  (await Promise.all(Object.values(tables).map(rowsOf)))
    .flat()
    .map(({ partitionKey, rowKey }) => `${partitionKey} ${rowKey}`);

const moment = (day: number): Date => new Date(FIRST + day * DAY_MS + DAY_MS / 2);

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('retention in %s', (_where, makeTables) => {
  test('the current scan stays however old it is, and the next one opens', async () => {
    const tables = makeTables();
    const world = await days(tables, 1);
    world.clock.now = FIRST + 5 * DAY_MS;
    await purgeSlice(world.ctx, { before: moment(4).toISOString(), after: '' });
    expect(await listScans(tables.Scans, 10)).toHaveLength(1);
    await world.timer();
    expect(await listScans(tables.Scans, 10)).toHaveLength(2);
  });

  test('keeps the last days with the state they began with, and nothing older', async () => {
    const tables = makeTables();
    await days(tables, 8);
    const history: number[] = [];
    for await (const { at } of readHistory(tables.Results, keyOf(shop)))
      history.push(Math.round((at.getTime() - FIRST) / DAY_MS));
    expect(history).toEqual([7, 6, 5, 4]);
    expect(await listScans(tables.Scans, 100)).toHaveLength(KEPT_DAYS);
    for (const day of [4, 5, 6, 7]) {
      const engine = day % 2 === 0 ? 'cilium' : 'none';
      expect((await readKnownFleet(tables.Fleet, moment(day)))?.clusters).toMatchObject([{ name: 'shop', engine }]);
      expect((await readAsOf(tables.Results, keyOf(shop), moment(day)))?.result.engine).toBe(engine);
    }
    const drift: string[] = [];
    for await (const { at } of readDriftLog(tables.Fleet, new Date(0), moment(8))) drift.push(at.slice(8, 10));
    expect([...new Set(drift)]).toEqual(['08', '07', '06']);
  });

  test('a clock that is a year ahead deletes nothing that the store holds for new', async () => {
    const tables = makeTables();
    const world = await days(tables, 2, 90);
    const before = await keysOf(tables);
    world.clock.now = FIRST + 365 * DAY_MS;
    const sent: unknown[] = [];
    const queue = { send: async (_queue: string, message: unknown) => void sent.push(message) };
    await startPurge({ ...world.ctx, queue, storeTime: () => new Date(FIRST + 2 * DAY_MS) });
    const [message] = sent as { before: string; after: string }[];
    await purgeSlice(world.ctx, message!);
    expect(await keysOf(tables)).toEqual(before);
  });

  test('a cluster that is gone is kept as long as history is, and then forgotten', async () => {
    const tables = makeTables();
    const about = async (): Promise<number> => (await keysOf(tables)).filter((key) => key.includes('~lab')).length;
    await days(tables, 4, 90);
    expect(await about()).toBeGreaterThan(0);
    const later = makeTables();
    await days(later, 8);
    expect((await keysOf(later)).filter((key) => key.includes('~lab'))).toEqual([]);
    const indexed: string[] = [];
    for await (const { cluster } of listIndexed(later.Fleet)) indexed.push(cluster.name);
    expect(indexed).toEqual(['shop']);
  });
});

describe('a subscription that is left out of scope', () => {
  const OTHER = '22222222-2222-4222-8222-222222222222';
  const web = sampleCluster(OTHER, 'web');

  /** Two subscriptions for two days; then one is left out, and from day `back` on watched again. */
  async function leftOut(tables: Tables, count: number, back = Number.POSITIVE_INFINITY): Promise<World> {
    let day = 0;
    const outOfScope = (id: string): boolean => id === OTHER && day >= 2 && day < back;
    const world = createWorld({ tables, start: new Date(FIRST), retentionDays: KEPT_DAYS, outOfScope });
    for (; day < count; day++) {
      world.clock.now = FIRST + day * DAY_MS;
      world.subscriptions.set(SUB, { name: 'prod', clusters: new Map([['shop', shop]]) });
      const clusters = new Map([['web', day === 1 ? withoutEngine(web) : web]]);
      if (outOfScope(OTHER)) world.subscriptions.delete(OTHER);
      else world.subscriptions.set(OTHER, { name: 'lab', clusters });
      await world.timer();
      await world.run();
    }
    await world.run(60_000);
    return world;
  }
  const about = async (tables: Tables): Promise<readonly string[]> =>
    (await keysOf(tables)).filter((key) => key.includes(OTHER));

  test.each([
    ['memory', memoryTables],
    ['the emulator', emulatorTables],
  ] as const)(
    'in %s keeps its history as long as history is kept, and is then forgotten',
    async (_where, makeTables) => {
      const kept = makeTables();
      await leftOut(kept, 4);
      expect((await readAsOf(kept.Results, keyOf(web), moment(1)))?.result.engine).toBe('none');
      expect((await about(kept)).some((key) => key.startsWith('subscription~'))).toBe(true);
      const later = makeTables();
      await leftOut(later, 6);
      expect(await about(later)).toEqual([]);
      expect((await keysOf(later)).filter((key) => key.includes('~shop'))).not.toEqual([]);
    },
  );

  test('is kept like any other when it is watched again in time, and begins anew afterwards', async () => {
    const inTime = await leftOut(memoryTables(), 5, 4);
    expect((await readAsOf(inTime.ctx.tables.Results, keyOf(web), moment(4)))?.since).toEqual(
      new Date('2026-11-05T10:00:00Z'),
    );
    const anew = await leftOut(memoryTables(), 8, 7);
    const history: string[] = [];
    for await (const { scanId } of readHistory(anew.ctx.tables.Results, keyOf(web))) history.push(scanId);
    expect(history).toEqual(['20261108T1000Z']);
  });
});

test('of what nobody looks at any more not even an event that waited is left, unless it was stored since', async () => {
  const { Results } = memoryTables();
  const old = { scanId: 's', at: moment(0), changedScanId: 's', since: moment(0), result: {} };
  const event = { ...alertEvent(), kind: 'new-failure' as const, at: moment(0).toISOString() };
  await commitResult(Results, 'k', undefined, old, [event]);
  const found = await subjectOf(Results, 'k');
  expect(isStale(found, moment(0))).toBe(false);
  expect(isStale(found, moment(1))).toBe(true);
  expect(await forgetSubject(Results, found, moment(1), async () => undefined)).toBe(4);
  expect(await rowsOf(Results)).toEqual([]);
});

async function subjectOf(table: Table, key: string): Promise<Subject> {
  for await (const subject of subjectsBehind(table, '')) if (subject.key === key) return subject;
  throw new Error(`There is no ${key}`);
}

test('a subject is in the index until all but one of its rows are gone, so that an interrupted purge finds it again', async () => {
  const { Results } = memoryTables();
  for (const day of [0, 1, 2])
    await commitResult(
      Results,
      'k',
      await readLatest(Results, 'k'),
      { scanId: `s${day}`, at: moment(day), changedScanId: `s${day}`, since: moment(0), result: {} as Result },
      [],
    );
  let left = 0;
  await forgetSubject(Results, await subjectOf(Results, 'k'), moment(3), async () => {
    left = (await rowsOf(Results)).length;
  });
  expect(left).toBe(1);
  expect(await rowsOf(Results)).toEqual([]);
});

test('a result and events too long for their rows come back whole, and go with the last row that refers to them', async () => {
  const { Results } = memoryTables();
  const resultOf = (seed: number): Result =>
    ({
      findings: Array.from({ length: 1_000 }, (_, i) => ({ subject: noise(1_000, seed * 1_000 + i) })),
    }) as unknown as Result;
  const events = Array.from({ length: 1_000 }, (_, i) => ({
    id: `${i}`,
    at: moment(0).toISOString(),
    detail: noise(1_000, i),
  })) as unknown as DriftEvent[];
  for (const day of [0, 1, 2]) {
    const stored = {
      scanId: `s${day}`,
      at: moment(day),
      changedScanId: `s${day}`,
      since: moment(0),
      result: resultOf(day),
    };
    expect(await commitResult(Results, 'k', await readLatest(Results, 'k'), stored, day === 0 ? events : [])).toBe(
      'committed',
    );
    expect((await readLatest(Results, 'k'))?.result).toEqual(stored.result);
  }
  const drift: DriftEvent[] = [];
  for await (const event of readDrift(Results, 'k')) drift.push(event);
  expect(drift).toEqual(events);
  const latest = (await readLatest(Results, 'k'))!;
  const calls: string[] = [];
  const counting = tablesThrough(
    (what, run) => {
      calls.push(what.split(' ')[0]!);
      return run();
    },
    { ...memoryTables(), Results },
  );
  expect(await commitResult(counting.Results, 'k', latest, { ...latest, scanId: 's3', at: moment(3) }, [])).toBe(
    'committed',
  );
  expect(calls).toEqual(['Results.get', 'Results.replace']);
  for await (const { at, result } of readHistory(Results, 'k'))
    expect(result).toEqual(resultOf((at.getTime() - moment(0).getTime()) / DAY_MS));
  const before = (await rowsOf(Results)).length;
  await purgeSubject(Results, await subjectOf(Results, 'k'), moment(1));
  const after = await rowsOf(Results);
  expect(after.length).toBeLessThan(before);
  expect((await readAsOf(Results, 'k', moment(1)))?.result).toEqual(resultOf(1));
  expect(await readAsOf(Results, 'k', moment(0))).toBeUndefined();
  await forgetSubject(Results, await subjectOf(Results, 'k'), moment(9), async () => undefined);
  expect(await rowsOf(Results)).toEqual([]);
});

test('a purge that dies at any call and is made again leaves what one at a stretch leaves', async () => {
  const before = new Date(FIRST + 5 * DAY_MS).toISOString();
  const purge = (ctx: ScanContext, tables: Tables): Promise<void> =>
    purgeSlice({ ...ctx, tables }, { before, after: '' });
  const start = await days(memoryTables(), 7, 90);
  let calls = 0;
  const counting = tablesThrough(async (_what, run) => {
    calls++;
    return run();
  }, start.ctx.tables);
  await purge(start.ctx, counting);
  const expected = await keysOf(start.ctx.tables);
  expect(calls).toBeGreaterThan(20);
  for (const dies of sampled(Array.from({ length: calls }, (_, i) => i + 1))) {
    const { ctx } = await days(memoryTables(), 7, 90);
    let made = 0;
    const dying = tablesThrough(async (_what, run) => {
      if (++made === dies) throw new Error('killed');
      return run();
    }, ctx.tables);
    await expect(purge(ctx, dying)).rejects.toThrow('killed');
    await purge(ctx, ctx.tables);
    expect(await keysOf(ctx.tables), `killed at call ${dies}`).toEqual(expected);
  }
});

test('a purge in slices of one subject leaves what one in one slice leaves, and reads every row of the results once', async () => {
  const before = new Date(FIRST + 5 * DAY_MS).toISOString();
  const whole = await days(memoryTables(), 7, 90);
  await purgeSlice(whole.ctx, { before, after: '' });
  const { ctx } = await days(memoryTables(), 7, 90);
  const rows = (await rowsOf(ctx.tables.Results)).length;
  let read = 0;
  const Results: Table = {
    ...ctx.tables.Results,
    pages: async function* (range) {
      for await (const page of ctx.tables.Results.pages({ ...range, pageSize: 1 })) {
        read += page.length;
        yield page;
      }
    },
  };
  const waiting = [''];
  const send: ScanContext['queue']['send'] = async (_queue, message) => {
    waiting.push((message as { after: string }).after);
  };
  const sliced = { ...ctx, queue: { send }, tables: { ...ctx.tables, Results } };
  for (let after = waiting.shift(); after !== undefined; after = waiting.shift())
    await purgeSlice(sliced, { before, after }, 1);
  expect(await keysOf(ctx.tables)).toEqual(await keysOf(whole.ctx.tables));
  // And of each slice the row that shows where the next one begins.
  expect(read).toBeLessThanOrEqual(rows + 4);
});
