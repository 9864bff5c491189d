// A scan always closes and the next one always opens, whatever one row, one cluster or one message does. What is missing is said.
import { describe, expect, test } from 'vitest';
import { clusterKey } from '../../shared/model/keys.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { listScans, readCurrent } from '../../shared/store/scans.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import type { World, WorldOptions } from '../support/world.ts';
import { createWorld, nextSlot } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const NAMES = ['shop', 'pay', 'lab'];
const keyOf = (name: string): string => clusterKey(sampleCluster(SUB, name).id);

/** Three clusters that were scanned once; then the engine of one is switched off and the next slot has come. */
async function scanned(options: Partial<WorldOptions> = {}): Promise<World> {
  const world = createWorld({ tables: memoryTables(), ...options });
  const clusters = new Map(NAMES.map((name) => [name, sampleCluster(SUB, name, { tags: { team: 'web' } })]));
  world.subscriptions.set(SUB, { name: 'prod', clusters });
  await world.timer();
  await world.run();
  nextSlot(world);
  clusters.set('pay', withoutEngine(clusters.get('pay')!));
  return world;
}

async function scan(world: World, minutes = 120): Promise<void> {
  await world.timer();
  await world.run(minutes * 60_000);
}

const newest = async (world: World) => (await readFleet(world.ctx.tables.Fleet))!;
const told = (world: World): string[] => world.told.map(({ kind, clusterName }) => `${kind} ${clusterName}`);

describe('a fault that strikes one cluster costs only that cluster:', () => {
  test.each([
    ['its result cannot be written', 'shop', new RegExp(`Results\\.(transact|replace) ${keyOf('shop')}`)],
    ['its line of the index cannot be written', 'new', new RegExp(`Fleet\\.\\w+ cluster.*/${keyOf('new')}`)],
  ])('%s', async (_what, name, fault) => {
    const world = await scanned();
    const { clusters } = world.subscriptions.get(SUB)!;
    clusters.set('new', sampleCluster(SUB, 'new'));
    world.faults.on = fault;
    await scan(world);
    const current = await readCurrent(world.ctx.tables.Scans);
    expect(current).toMatchObject({ state: 'closed', outcome: 'partial', dispatched: true });
    expect(current!.missing).toHaveLength(1);
    expect(current!.missing![0]).toContain(`Cluster ${name} was not audited because of an error: `);
    expect(current!.missing![0]).toContain('was refused');
    const { clusters: lines } = await newest(world);
    expect(lines.find((line) => line.name === name)).toMatchObject({
      verdict: 'unknown',
      unreadable: { reason: 'error' },
    });
    expect(lines.find((line) => line.name === 'pay')).toMatchObject({ verdict: 'fail', engine: 'none' });
    expect(told(world)).toContain('engine-changed pay');
    nextSlot(world);
    world.faults.on = undefined;
    await scan(world);
    expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', outcome: 'complete' });
  });

  test('its row of the index is damaged', async () => {
    const world = await scanned();
    const { Fleet } = world.ctx.tables;
    const row = (await Fleet.get(`cluster~${SUB}`, keyOf('shop')))!;
    await Fleet.upsert({ ...row, body0: new Uint8Array([1, 2, 3]) });
    await scan(world);
    expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', outcome: 'partial' });
    const { missing, clusters } = await newest(world);
    expect(missing).toEqual([expect.stringContaining(`${keyOf('shop')} has a damaged body`)]);
    expect(clusters.map(({ name }) => name)).toEqual(['pay', 'lab']);
    expect(told(world)).toContain('engine-changed pay');
  });

  test('its line in the fleet of the close before is damaged', async () => {
    const world = await scanned();
    const { Fleet } = world.ctx.tables;
    for await (const page of Fleet.pages({ partition: 'content' }))
      for (const row of page) await Fleet.upsert({ ...row, body0: new Uint8Array([1, 2, 3]) });
    await scan(world);
    expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', outcome: 'complete' });
    expect((await newest(world)).clusters.map(({ name }) => name)).toEqual(['pay', 'lab', 'shop']);
  });

  test('its events are damaged', async () => {
    const world = await scanned();
    const { Results, Fleet } = world.ctx.tables;
    await Results.upsert({ partitionKey: keyOf('shop'), rowKey: 'o~x', schema: 99 });
    const row = (await Fleet.get(`cluster~${SUB}`, keyOf('shop')))!;
    await Fleet.upsert({ ...row, outbox: true });
    await scan(world);
    expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', dispatched: true });
    expect(told(world)).toContain('engine-changed pay');
  });
});

describe('a close that fails three times closes with less,', () => {
  test('without tags and long sentences, and says so', async () => {
    const world = await scanned();
    // Three tries take a minute: wake-ups that follow each other at once are one.
    const end = world.clock.now + 70_000;
    world.faults.on = { test: (what) => world.clock.now < end && /^Fleet\.(insert|transact|upsert) fleet/.test(what) };
    await scan(world);
    const fleet = await newest(world);
    expect(fleet.scanId).toBe((await readCurrent(world.ctx.tables.Scans))!.id);
    expect(fleet).toMatchObject({ outcome: 'partial', summary: { clusters: 3 } });
    expect(fleet.missing).toEqual([
      expect.stringMatching(
        /^The scan could not be closed as usual \(Fleet\.\w+ fleet.* was refused\): tags and long sentences are left out\.$/,
      ),
    ]);
    expect(fleet.clusters.find(({ name }) => name === 'pay')).toMatchObject({ verdict: 'fail', tags: {} });
    expect(told(world)).toContain('engine-changed pay');
  });

  test('and at last with a head and a count: it is dispatched, and the next one opens', async () => {
    const world = await scanned();
    const before = await newest(world);
    world.faults.on = /^Fleet\.(insert|transact) fleet/;
    await scan(world);
    const closed = (await readCurrent(world.ctx.tables.Scans))!;
    expect(closed).toMatchObject({ state: 'closed', outcome: 'partial', dispatched: true, summary: { clusters: 3 } });
    expect(closed.missing).toEqual([
      expect.stringMatching(
        /^The fleet could not be stored \(Fleet\.\w+ fleet.* was refused\): 3 clusters are known\.$/,
      ),
    ]);
    expect(await newest(world)).toEqual(before);
    expect(told(world)).toContain('engine-changed pay');
    nextSlot(world);
    world.faults.on = undefined;
    await scan(world);
    const [last] = await listScans(world.ctx.tables.Scans, 10);
    expect(last).toMatchObject({ state: 'closed', outcome: 'complete' });
    expect((await newest(world)).scanId).toBe(last!.id);
  });
});

test('a scan whose close never succeeds keeps the next one from opening no longer than twice its deadline', async () => {
  const world = await scanned();
  await world.timer();
  const stuck = (await readCurrent(world.ctx.tables.Scans))!;
  world.faults.on = /^(Fleet|Work)\.|^Scans\.replace scan\/s~/;
  await world.run(24 * 60_000);
  nextSlot(world);
  world.clock.now = Date.parse(stuck.openedAt) + 2 * 25 * 60_000 - 1_000;
  await world.timer();
  expect((await readCurrent(world.ctx.tables.Scans))!.id).toBe(stuck.id);
  nextSlot(world);
  await world.timer();
  const current = (await readCurrent(world.ctx.tables.Scans))!;
  expect(current.id).not.toBe(stuck.id);
  world.faults.on = undefined;
  await world.run();
  const scans = await listScans(world.ctx.tables.Scans, 10);
  expect(scans.map(({ state, dispatched }) => ({ state, dispatched }))).toEqual(
    scans.map(() => ({ state: 'closed', dispatched: true })),
  );
  expect(scans[0]).toMatchObject({ outcome: 'complete' });
  expect(told(world)).toContain('engine-changed pay');
});

test('a row of the current scan that cannot be read keeps the next one from opening no longer than that either', async () => {
  const world = await scanned();
  await world.timer();
  const stuck = (await readCurrent(world.ctx.tables.Scans))!;
  const { Scans } = world.ctx.tables;
  for await (const page of Scans.pages({ partition: 'scan' }))
    for (const row of page) if (row.rowKey.endsWith(stuck.id)) await Scans.upsert({ ...row, schema: 99 });
  await expect(world.timer()).rejects.toThrow('has schema 99');
  nextSlot(world);
  world.clock.now = Date.parse(stuck.openedAt) + 2 * 25 * 60_000;
  await scan(world);
  expect(await readCurrent(Scans)).toMatchObject({ state: 'closed', outcome: 'complete' });
});
