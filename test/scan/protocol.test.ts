// The scan protocol against memory and the real emulator: whatever dies, repeats or gets lost, the next wake-up completes the scan.
import { describe, expect, test } from 'vitest';
import type { Queue, Tables } from '../../shared/ports.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { listScans, readCurrent } from '../../shared/store/scans.ts';
import { openManualScan, openSlotScan } from '../../shared/scan/open.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { sampled } from '../support/runs.ts';
import type { World } from '../support/world.ts';
import { createWorld, nextSlot } from '../support/world.ts';

const SUB_A = '11111111-1111-4111-8111-111111111111';
const SUB_B = '22222222-2222-4222-8222-222222222222';

/** Two subscriptions, three clusters, one scan closed as the baseline; then the engine of one is switched off. */
async function worldAfterBaseline(tables: Tables, deadlineMinutes = 25): Promise<World> {
  const world = createWorld({ tables, deadlineMinutes });
  world.subscriptions.set(SUB_A, {
    name: 'prod',
    clusters: new Map(['shop', 'pay'].map((name) => [name, sampleCluster(SUB_A, name)])),
  });
  world.subscriptions.set(SUB_B, { name: 'dev', clusters: new Map([['lab', sampleCluster(SUB_B, 'lab')]]) });
  await world.timer();
  await world.run();
  expect(world.told).toEqual([]);
  nextSlot(world);
  return world;
}

function switchOff(world: World): void {
  const { clusters } = world.subscriptions.get(SUB_A)!;
  clusters.set('shop', withoutEngine(clusters.get('shop')!));
}

const toldOf = (world: World): string[] =>
  world.told.map((event) => `${event.kind} ${event.clusterName} ${event.rule ?? ''}`.trim()).toSorted();

const SWITCHED_OFF = ['engine-changed shop', 'new-failure shop engine-enabled'];

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('a scan in %s', (where, makeTables) => {
  test('the first scan is a baseline and tells nothing; the second tells what changed', async () => {
    const world = await worldAfterBaseline(makeTables());
    switchOff(world);
    await world.timer();
    await world.run();
    expect(toldOf(world)).toEqual(expect.arrayContaining(SWITCHED_OFF));
    const fleet = await readFleet(world.ctx.tables.Fleet);
    expect(fleet).toMatchObject({ outcome: 'complete', missing: [], summary: { clusters: 3 } });
    expect(fleet!.clusters[0]).toMatchObject({ name: 'shop', verdict: 'fail', engine: 'none' });
  });

  test('a subscription that cannot be read leaves its clusters unknown, resolves nothing and is told once', async () => {
    const world = await worldAfterBaseline(makeTables());
    world.subscriptions.get(SUB_B)!.unreadable = 'AuthorizationFailed';
    for (let scan = 0; scan < 2; scan++) {
      await world.timer();
      await world.run();
      nextSlot(world);
    }
    const fleet = await readFleet(world.ctx.tables.Fleet);
    expect(fleet).toMatchObject({ outcome: 'partial', summary: { clusters: 3, unreadableSubscriptions: 1 } });
    expect(fleet!.clusters.find((cluster) => cluster.name === 'lab')).toMatchObject({ verdict: 'unknown' });
    expect(toldOf(world)).toEqual(['subscription-lost', 'visibility-lost lab']);
    delete world.subscriptions.get(SUB_B)!.unreadable;
    await world.timer();
    await world.run();
    expect(toldOf(world).filter((line) => line.startsWith('new-failure') || line.startsWith('resolved'))).toEqual([]);
  });

  test('a cluster missing from the list is gone only when Azure says 404', async () => {
    const world = await worldAfterBaseline(makeTables());
    world.subscriptions.get(SUB_A)!.clusters.delete('pay');
    await world.timer();
    await world.run();
    expect(toldOf(world)).toEqual(['cluster-gone pay']);
    expect((await readFleet(world.ctx.tables.Fleet))!.clusters.map((cluster) => cluster.name)).not.toContain('pay');
  });

  test('two timers, a manual scan and a watchdog at once open one scan', async () => {
    const world = await worldAfterBaseline(makeTables());
    const opened = await Promise.all([
      openSlotScan(world.ctx),
      openSlotScan(world.ctx),
      openManualScan(world.ctx, 'me'),
    ]);
    expect(opened.filter((scan) => scan.created)).toHaveLength(1);
    await world.run();
    expect(await listScans(world.ctx.tables.Scans, 10)).toHaveLength(2);
  });

  test('every message delivered twice tells everything once', async () => {
    const world = await worldAfterBaseline(makeTables());
    switchOff(world);
    await world.timer();
    const send = world.ctx.queue.send.bind(world.ctx.queue);
    Object.assign(world.ctx.queue, {
      send: async (...args: Parameters<Queue['send']>) => {
        await send(...args);
        await send(...args);
      },
    });
    await world.run();
    expect(toldOf(world)).toEqual(toldOnce(toldOf(world)));
    expect(toldOf(world)).toEqual(expect.arrayContaining(SWITCHED_OFF));
    // Duplicates of the tick that sends itself again stop where they are: they do not double with every turn.
    expect(world.messages.filter(({ queue }) => queue === 'supervise').length).toBeLessThan(5);
  });

  test('work that a slow process writes down after its scan was closed goes with the next scan', async () => {
    const world = await worldAfterBaseline(makeTables());
    const stray = { partitionKey: '20261121T1000Z~late', rowKey: 'shop', state: 'pending' };
    await world.ctx.tables.Work.upsert(stray);
    await world.timer();
    await world.run();
    expect(await world.ctx.tables.Work.get(stray.partitionKey, stray.rowKey)).toBeUndefined();
  });

  test('a lost message is sent again and the scan completes', async () => {
    const world = await worldAfterBaseline(makeTables());
    switchOff(world);
    await world.timer();
    const lost = new Set<string>();
    const send = world.ctx.queue.send.bind(world.ctx.queue);
    Object.assign(world.ctx.queue, {
      send: async (...args: Parameters<Queue['send']>) => {
        const key = `${args[0]}${JSON.stringify(args[1])}`;
        if (args[0] === 'audit' && !lost.has(key)) lost.add(key);
        else await send(...args);
      },
    });
    await world.run();
    expect(lost.size).toBeGreaterThan(0);
    expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', outcome: 'complete' });
    expect(toldOf(world)).toEqual(expect.arrayContaining(SWITCHED_OFF));
  });

  test('a process that dies at any call, before or after it takes effect, loses no drift and tells nothing twice', async () => {
    const whole = await worldAfterBaseline(makeTables());
    switchOff(whole);
    whole.crashAt(Number.POSITIVE_INFINITY, 'before');
    await whole.timer();
    await whole.run();
    const expected = toldOf(whole);
    const calls = numbersTo(whole.calls());
    expect(calls.length).toBeGreaterThan(30);
    // The emulator is a thousand times slower than memory.
    const tried = where === 'memory' ? calls : calls.filter((at) => at % 7 === 1);
    for (const { at, when } of sampled(tried).flatMap((call) => deaths(call))) {
      const world = await worldAfterBaseline(makeTables());
      switchOff(world);
      world.crashAt(at, when);
      await world.timer();
      await world.run();
      expect({ at, when, told: toldOf(world) }).toEqual({ at, when, told: expected });
      const scans = await listScans(world.ctx.tables.Scans, 10);
      expect({ at, when, open: scans.filter((scan) => scan.state === 'open').length }).toEqual({ at, when, open: 0 });
    }
  });
});

test('a subscription that could never be listed to the end, and then is listed no more, does not vanish with its clusters', async () => {
  const world = createWorld({ tables: memoryTables() });
  const subscription = { name: 'dev', clusters: new Map([['lab', sampleCluster(SUB_B, 'lab')]]), hidden: false };
  world.subscriptions.set(SUB_B, subscription);
  const clusters = world.ctx.estate.clusters.bind(world.ctx.estate);
  Object.assign(world.ctx.estate, {
    clusters: async function* (...args: Parameters<typeof clusters>) {
      yield* clusters(...args);
      throw new Error('the connection broke');
    },
  });
  await world.timer();
  await world.run();
  nextSlot(world);
  subscription.hidden = true;
  await world.timer();
  await world.run();
  const fleet = await readFleet(world.ctx.tables.Fleet);
  expect(fleet).toMatchObject({ outcome: 'partial', subscriptions: [{ id: SUB_B, readable: false }] });
  expect(fleet!.clusters).toMatchObject([{ name: 'lab', verdict: 'unknown' }]);
});

test('what a dead process stored is told by the next scan, although its messages come back too late for its own', async () => {
  const changed = async (): Promise<World> => {
    const world = await worldAfterBaseline(memoryTables(), 5);
    switchOff(world);
    world.subscriptions.get(SUB_B)!.unreadable = 'AuthorizationFailed';
    return world;
  };
  const threeScans = async (world: World): Promise<void> => {
    for (let scan = 0; scan < 3; scan++) {
      await world.timer();
      await world.run();
      world.messages.length = 0;
      nextSlot(world);
    }
  };
  const whole = await changed();
  whole.crashAt(Number.POSITIVE_INFINITY, 'before');
  await whole.timer();
  await whole.run();
  const expected = toldOf(whole);
  expect(expected).toEqual(expect.arrayContaining([...SWITCHED_OFF, 'subscription-lost', 'visibility-lost lab']));
  for (const at of sampled(numbersTo(whole.calls()))) {
    const world = await changed();
    world.crashAt(at, 'after');
    await threeScans(world);
    expect({ at, told: toldOf(world) }).toEqual({ at, told: expected });
    const indexed = await readFleet(world.ctx.tables.Fleet);
    expect({ at, engine: indexed!.clusters[0]!.engine }).toEqual({ at, engine: 'none' });
  }
});

const numbersTo = (last: number): readonly number[] => Array.from({ length: last }, (_, i) => i + 1);
const deaths = (at: number) => [{ at, when: 'before' } as const, { at, when: 'after' } as const];
const toldOnce = (told: readonly string[]): string[] => [...new Set(told)].toSorted();
