// Clocks that run ahead or behind, timers that fire early or late: every scan looks at the estate, and later is what the store says is later.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterKey } from '../../shared/model/keys.ts';
import { slotOf } from '../../shared/model/scan.ts';
import { auditOne } from '../../shared/scan/audit-cluster.ts';
import { auditMessage, parseMessage } from '../../shared/scan/messages.ts';
import { openManualScan } from '../../shared/scan/open.ts';
import { superviseCurrent } from '../../shared/scan/supervise.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { readHistory, readLatest } from '../../shared/store/results.ts';
import { listScans, readCurrent } from '../../shared/store/scans.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { runs } from '../support/runs.ts';
import type { World } from '../support/world.ts';
import { createWorld, nextSlot } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const shop = sampleCluster(SUB, 'shop');

async function scanned(): Promise<World> {
  const world = createWorld({ tables: memoryTables() });
  world.subscriptions.set(SUB, { name: 'prod', clusters: new Map([['shop', shop]]) });
  await scan(world);
  return world;
}

async function scan(world: World): Promise<void> {
  await world.timer();
  await world.run(30 * MINUTE);
}

/** Switches the engine off or on, which the next scan has to see. */
function toggle(world: World): 'none' | 'cilium' {
  const { clusters } = world.subscriptions.get(SUB)!;
  const isOn = clusters.get('shop') === shop;
  clusters.set('shop', isOn ? withoutEngine(shop) : shop);
  return isOn ? 'none' : 'cilium';
}

/** @returns what the newest close, the latest result and its history say, which have to agree */
async function known(world: World) {
  const { Fleet, Results, Scans } = world.ctx.tables;
  const scan = (await readCurrent(Scans))!;
  const fleet = (await readFleet(Fleet))!;
  const latest = (await readLatest(Results, clusterKey(shop.id)))!;
  const engines: string[] = [];
  for await (const { result } of readHistory(Results, clusterKey(shop.id))) engines.push(result.engine);
  expect(fleet.scanId).toBe(scan.id);
  expect(fleet.outcome).toBe(scan.outcome);
  expect(latest.scanId).toBe(scan.id);
  expect(fleet.clusters[0]!.engine).toBe(latest.result.engine);
  expect(engines[0]).toBe(latest.result.engine);
  return { outcome: scan.outcome, engine: latest.result.engine };
}

test('after one scan by a clock three hours ahead, every slot still looks at everything', async () => {
  const world = await scanned();
  const right = world.clock.now;
  world.clock.now += 3 * HOUR;
  await scan(world);
  world.clock.now = right;
  for (let slot = 0; slot < 7; slot++) {
    nextSlot(world);
    const engine = toggle(world);
    await scan(world);
    expect({ slot, ...(await known(world)) }).toEqual({ slot, outcome: 'complete', engine });
  }
  expect(world.told.filter(({ kind }) => kind === 'engine-changed')).toHaveLength(7);
});

test.each([
  ['an hour behind', -HOUR],
  ['five minutes ahead', 5 * MINUTE],
])('a manual scan by a clock %s looks at everything, and so does the next', async (_what, skew) => {
  const world = await scanned();
  for (const by of [skew, 0]) {
    world.clock.now += by;
    const engine = toggle(world);
    await openManualScan(world.ctx, 'Robin');
    await world.run(30 * MINUTE);
    expect(await known(world)).toEqual({ outcome: 'complete', engine });
    world.clock.now -= by;
    world.clock.now += MINUTE;
  }
});

test('a slot timer that comes late behind a manual scan looks at everything', async () => {
  const world = await scanned();
  nextSlot(world);
  world.clock.now += 2 * MINUTE;
  await openManualScan(world.ctx, 'Robin');
  await world.run(30 * MINUTE);
  const engine = toggle(world);
  await scan(world);
  expect(await known(world)).toEqual({ outcome: 'complete', engine });
  expect(await listScans(world.ctx.tables.Scans, 10)).toHaveLength(3);
});

test('a duplicate of a timer opens nothing, also behind a manual scan', async () => {
  const world = await scanned();
  nextSlot(world);
  await scan(world);
  await openManualScan(world.ctx, 'Robin');
  await world.run(30 * MINUTE);
  await scan(world);
  expect(await listScans(world.ctx.tables.Scans, 10)).toHaveLength(3);
});

test('whatever clocks do, each scan looks at everything and comes after the one before', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ skew: fc.integer({ min: -4 * HOUR, max: 4 * HOUR }), manual: fc.boolean() }), {
        minLength: 1,
        maxLength: 8,
      }),
      async (steps) => {
        const world = await scanned();
        let right = world.clock.now;
        for (const { skew, manual } of steps) {
          right += 30 * MINUTE;
          world.clock.now = right + skew;
          const engine = toggle(world);
          const before = (await readCurrent(world.ctx.tables.Scans))!;
          if (manual) await openManualScan(world.ctx, 'Robin');
          else await world.timer();
          const after = (await readCurrent(world.ctx.tables.Scans))!;
          // The same slot again, by a clock that went back just so far.
          if (after.id === before.id) {
            toggle(world);
            continue;
          }
          await world.run(25 * MINUTE);
          expect(after.at > before.at).toBe(true);
          expect(await known(world)).toEqual({ outcome: 'complete', engine });
        }
      },
    ),
    { numRuns: runs(100) },
  );
});

test('work of a scan that comes after a later scan has looked is skipped, and the scan says so', async () => {
  const world = await scanned();
  nextSlot(world);
  await world.timer();
  const slow = (await readCurrent(world.ctx.tables.Scans))!;
  const held: string[] = [];
  const push = world.messages.push.bind(world.messages);
  world.messages.push = (...sent) =>
    push(...sent.filter(({ queue, body }) => queue !== 'audit' || !body.includes(slow.id) || held.push(body) === 0));
  await world.run(MINUTE / 2);
  // It cannot be closed, and the next one opens beside it.
  world.faults.on = { test: (what) => what.startsWith('Scans.replace') && what.includes(slow.id) };
  world.clock.now = Date.parse(slow.openedAt) + HOUR;
  await world.timer();
  await world.run(MINUTE / 2);
  for (const body of held)
    await auditOne(world.ctx, parseMessage('audit', auditMessage, JSON.parse(body)), AbortSignal.timeout(1_000));
  world.faults.on = undefined;
  await world.run(30 * MINUTE);
  await superviseCurrent(world.ctx);
  const scans = await listScans(world.ctx.tables.Scans, 10);
  const closed = scans.find(({ id }) => id === slow.id)!;
  expect(held.length).toBe(1);
  expect(closed).toMatchObject({ state: 'closed', outcome: 'partial', dispatched: true });
  expect(closed.missing).toContain('Cluster shop was skipped: a later scan has looked at it.');
});

describe('a timer opens the slot that is due', () => {
  test.each([
    ['five milliseconds early', -5],
    ['half a minute early', -30_000],
    ['on time', 0],
    ['ten minutes late', 10 * MINUTE],
    ['twenty minutes late', 20 * MINUTE],
  ])('%s', async (_what, offset) => {
    const world = await scanned();
    for (let slot = 1; slot <= 4; slot++) {
      const due = Date.parse('2026-11-21T10:00:00Z') + slot * 30 * MINUTE;
      world.clock.now = due + offset;
      await scan(world);
      expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ at: new Date(due).toISOString() });
    }
    expect(await listScans(world.ctx.tables.Scans, 10)).toHaveLength(5);
  });

  test('in any period, it is the last slot that began, or the next within a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 1_440 }), (now, period) => {
        const slot = slotOf(new Date(now), period).getTime();
        expect(slot % (period * MINUTE)).toBe(0);
        expect(now - slot).toBeGreaterThanOrEqual(-MINUTE);
        expect(now - slot).toBeLessThan(period * MINUTE);
      }),
      { numRuns: runs(1000) },
    );
  });
});

test('a scan that closed and was not dispatched when the next opened is dispatched beside it, before that one closes', async () => {
  const world = await scanned();
  nextSlot(world);
  toggle(world);
  world.faults.on = /alerts.dispatch/;
  await world.timer();
  await world.run(20 * MINUTE);
  const left = (await readCurrent(world.ctx.tables.Scans))!;
  expect(left).toMatchObject({ state: 'closed', dispatched: false });
  nextSlot(world);
  world.faults.on = /arm\.subscriptions/;
  await world.timer();
  await world.run(MINUTE / 2);
  const scans = await listScans(world.ctx.tables.Scans, 10);
  expect(scans[0]).toMatchObject({ state: 'open' });
  expect(scans[1]).toMatchObject({ id: left.id, state: 'closed', dispatched: true });
  expect(world.told.map(({ kind }) => kind)).toContain('engine-changed');
  world.faults.on = undefined;
  await world.run(30 * MINUTE);
  expect(await readCurrent(world.ctx.tables.Scans)).toMatchObject({ state: 'closed', dispatched: true });
  expect(world.told.filter(({ kind }) => kind === 'engine-changed')).toHaveLength(1);
});
