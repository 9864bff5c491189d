// What fails every time is given up and told with its error: nothing keeps an old verdict in silence.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { QueueName } from '../../shared/ports.ts';
import { queueNames } from '../../shared/ports.ts';
import { closeScan } from '../../shared/scan/close.ts';
import { recordPoison } from '../../shared/scan/poison.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { changeScan, readCurrent } from '../../shared/store/scans.ts';
import { sampleCluster } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { runs } from '../support/runs.ts';
import type { World } from '../support/world.ts';
import { createWorld, nextSlot } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';

/** Two subscriptions with a cluster each, read inside and scanned once. */
async function scanned(): Promise<World> {
  const read = async () =>
    ({ status: 'unknown', reason: 'disabled', message: 'Off.', remedy: 'Switch it on.' }) as const;
  const world = createWorld({ tables: memoryTables(), reader: { read } });
  world.subscriptions.set(SUB, {
    name: 'prod',
    clusters: new Map([['shop', sampleCluster(SUB, 'shop')]]),
    unlisted: new Set(),
  });
  world.subscriptions.set(OTHER, { name: 'dev', clusters: new Map([['lab', sampleCluster(OTHER, 'lab')]]) });
  await scan(world);
  expect(await current(world)).toMatchObject({ outcome: 'complete' });
  return world;
}

async function scan(world: World): Promise<void> {
  await world.timer();
  await world.run();
  nextSlot(world);
}

const current = (world: World) => readCurrent(world.ctx.tables.Scans);
const told = (world: World): string[] =>
  world.told.map((event) => `${event.kind} ${event.clusterName || event.subscriptionId}`);
const lineOf = async (world: World, name: string) =>
  (await readFleet(world.ctx.tables.Fleet))!.clusters.find((cluster) => cluster.name === name);
const health = (world: World) => {
  const { tables, clock, log, queue } = world.ctx;
  return createApp(readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }), {
    clock,
    log,
    tables,
    queue,
  }).api.health();
};
const minutesTaken = async (world: World): Promise<number> => {
  const { openedAt, closedAt } = (await current(world))!;
  return (Date.parse(closedAt!) - Date.parse(openedAt)) / 60_000;
};

describe('an error that nobody foresaw is unknown(error) with its text, told, and a reason in health:', () => {
  test.each<[string, RegExp, string[], boolean]>([
    ['of the reader of one cluster', /inside.read shop/, ['visibility-lost shop'], false],
    ['of the answer for one cluster', /arm.cluster .*shop/, ['visibility-lost shop'], true],
    [
      'of the list of one subscription',
      new RegExp(`arm.clusters ${SUB}`),
      [`subscription-lost ${SUB}`, 'visibility-lost shop'],
      false,
    ],
    [
      'of the list of subscriptions',
      /arm.subscriptions/,
      [`subscription-lost ${SUB}`, `subscription-lost ${OTHER}`, 'visibility-lost lab', 'visibility-lost shop'],
      false,
    ],
  ])('%s', async (_what, fault, news, unlisted) => {
    const world = await scanned();
    if (unlisted) world.subscriptions.get(SUB)!.unlisted!.add('shop');
    world.faults.on = fault;
    await scan(world);
    expect(told(world).toSorted()).toEqual(news);
    for (const { detail } of world.told) expect(detail).toMatch(/was refused/);
    expect(await lineOf(world, 'shop')).toMatchObject({ verdict: 'unknown', unreadable: { reason: 'error' } });
    expect(await current(world)).toMatchObject({ state: 'closed', outcome: 'partial' });
    expect((await current(world))!.missing!.join()).toContain('was refused');
    expect(await minutesTaken(world)).toBeLessThan(10);
    expect((await health(world)).reasons!.join()).toMatch(/could not be (read|audited) because of an error/);
    world.faults.on = undefined;
    world.told.length = 0;
    await scan(world);
    expect(told(world).toSorted()).toEqual(news.map((line) => line.replace('lost', 'regained')).toSorted());
    expect(await current(world)).toMatchObject({ outcome: 'complete' });
    expect(await health(world)).not.toHaveProperty('reasons');
  });
});

describe('a message of another version is given up, not waited for:', () => {
  const from = (version: number) => (message: object) => ({ ...message, v: version, scan: 'renamed' });
  test.each<[string, QueueName, (message: object) => object, string[]]>([
    ['a newer one about a cluster', 'audit', from(2), ['visibility-lost lab', 'visibility-lost shop']],
    [
      'an older one without what is needed now',
      'audit',
      (m) => ({ ...m, source: { kind: 'arm' }, baseline: undefined }),
      ['visibility-lost lab', 'visibility-lost shop'],
    ],
    [
      'a newer one about a subscription',
      'enumerate',
      from(2),
      [`subscription-lost ${SUB}`, `subscription-lost ${OTHER}`, 'visibility-lost lab', 'visibility-lost shop'],
    ],
  ])('%s', async (_what, queue, rewrite, news) => {
    const world = await scanned();
    const send = world.ctx.queue.send.bind(world.ctx.queue);
    Object.assign(world.ctx.queue, {
      send: (...[name, message, options]: Parameters<typeof send>) => {
        const isMeant = name === queue && !('kind' in message && message.kind === 'estate');
        return send(name, isMeant ? rewrite(message) : message, options);
      },
    });
    await scan(world);
    expect(told(world).toSorted()).toEqual(news);
    expect(world.told[0]!.detail).toContain(`A message on queue ${queue} cannot be understood`);
    expect(await current(world)).toMatchObject({ state: 'closed', outcome: 'partial' });
    expect(await minutesTaken(world)).toBeLessThan(10);
  });
});

test('every message that is sent says its version', async () => {
  const world = await scanned();
  await world.timer();
  expect(world.messages.length).toBeGreaterThan(0);
  for (const { body } of world.messages) expect(JSON.parse(body)).toMatchObject({ v: 1 });
});

test.each(['supervise', 'deliver'] as const)(
  'a message that the queue %s gave up on is a reason in health for a day',
  async (queue) => {
    const world = await scanned();
    for (let i = 0; i < 2; i++) await recordPoison(world.ctx, queue, { kind: 'tick', scanId: 'x', tick: 3 });
    const [reason] = (await health(world)).reasons!;
    expect(reason).toMatch(new RegExp(`^2 messages of the queue ${queue} failed too often, the last at 2026-`));
    world.clock.now += 25 * 3_600_000;
    expect((await health(world)).reasons ?? []).toEqual([]);
  },
);

test('the handler takes anything at all', async () => {
  const world = await scanned();
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...queueNames), fc.anything(), async (queue, message) => {
      await recordPoison(world.ctx, queue, message);
    }),
    { numRuns: runs(300) },
  );
  await scan(world);
  expect(await current(world)).toMatchObject({ outcome: 'complete' });
});

test('a scan that is handed over long after it closed is not taken for a sign of life', async () => {
  const world = await scanned();
  const { Scans } = world.ctx.tables;
  const { id, closedAt } = (await current(world))!;
  const beats: string[] = [];
  const ctx = { ...world.ctx, heartbeat: async (one: { id: string }) => void beats.push(one.id) };
  const handOver = async (minutesLater: number): Promise<void> => {
    world.clock.now = Date.parse(closedAt!) + minutesLater * 60_000;
    await changeScan(Scans, id, (one) => ({ ...one, dispatched: false }));
    await closeScan(ctx, id, 'finished');
    expect(await current(world)).toMatchObject({ dispatched: true });
  };
  await handOver(59);
  expect(beats).toEqual([id]);
  await handOver(60);
  expect(beats).toEqual([id]);
});
