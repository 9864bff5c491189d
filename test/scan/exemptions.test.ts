// Exemptions over the whole scan protocol: what holds is exempt, what ends comes back as drift, what ended long ago is purged.
import { describe, expect, test } from 'vitest';
import type { ExemptionEntry } from '../../shared/model/exemption.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import type { ClusterReader, Table, Tables } from '../../shared/ports.ts';
import { purgeSlice } from '../../shared/scan/purge.ts';
import { addExemption, cachedExemptions, endExemption, listExemptions } from '../../shared/store/exemptions.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';
import type { World } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

const SUB = '11111111-1111-4111-8111-111111111111';
const DAY_MS = 86_400_000;

const entry: ExemptionEntry = {
  id: 'e000000001',
  cluster: 'shop',
  rule: 'engine-enabled',
  owner: 'ann',
  reason: 'a lab',
  expires: '2026-11-22T00:00:00.000Z',
  createdBy: 'bob',
  createdAt: '2026-11-20T00:00:00.000Z',
};

/** A cluster whose engine is off, unless it is looked into, scanned once as the baseline. */
async function worldOf(tables: Tables, tags: Cluster['tags'] = {}, reader?: ClusterReader): Promise<World> {
  const world = createWorld({ tables, ...(reader ? { reader } : {}) });
  const sample = sampleCluster(SUB, 'shop');
  const shop = { ...(reader ? sample : withoutEngine(sample)), tags };
  world.subscriptions.set(SUB, { name: 'prod', clusters: new Map([['shop', shop]]) });
  await scan(world);
  expect(world.told).toEqual([]);
  return world;
}

async function scan(world: World): Promise<void> {
  await world.timer();
  await world.run();
}

/** The first scan of a later day. */
async function scanAfter(world: World, days: number): Promise<void> {
  world.clock.now += days * DAY_MS;
  await scan(world);
}

const toldOf = (world: World): string[] =>
  world.told.map((event) => `${event.kind} ${event.rule ?? ''} ${event.subject ?? ''}`.trim()).toSorted();
const failing = async (world: World): Promise<readonly string[]> =>
  (await readFleet(world.ctx.tables.Fleet))!.clusters[0]!.failing;

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('an exemption in %s', (_where, makeTables) => {
  test('by tag comes back as drift, once, when it has ended', async () => {
    const world = await worldOf(makeTables(), {
      'bulkhead-exempt': 'engine-enabled until 2026-11-21 by ann because of a lab',
    });
    expect(await failing(world)).not.toContain('engine-enabled');
    await scanAfter(world, 1);
    await scanAfter(world, 1);
    expect(toldOf(world)).toEqual(['exemption-expired engine-enabled cluster']);
    expect(await failing(world)).toContain('engine-enabled');
    expect(world.told[0]).toMatchObject({
      severity: 'high',
      title: 'Exemption ended: shop has no network-policy engine',
      remediation: expect.stringContaining('az aks update') as string,
    });
  });

  test('by annotation comes back as drift on the namespace', async () => {
    const annotations = { 'bulkhead.io/exempt': 'namespace-has-policy until 2026-11-21 by ann because of the move' };
    const { objects } = parseObjects([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'lab', annotations } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'pay' } },
    ]);
    const reader: ClusterReader = { read: async () => ({ status: 'read', objects, forbiddenKinds: [] }) };
    const world = await worldOf(makeTables(), {}, reader);
    await scanAfter(world, 1);
    expect(toldOf(world)).toEqual(['exemption-expired namespace-has-policy namespace/lab']);
  });

  test('by entry comes back as drift when it has ended', async () => {
    const tables = makeTables();
    await addExemption(tables.Alerts, entry);
    const world = await worldOf(tables);
    expect(await failing(world)).not.toContain('engine-enabled');
    await scanAfter(world, 1);
    expect(toldOf(world)).toEqual(['exemption-expired engine-enabled cluster']);
  });

  test('by entry that is ended by hand counts again from the next scan on', async () => {
    const tables = makeTables();
    await addExemption(tables.Alerts, { ...entry, expires: '2027-05-01T00:00:00.000Z' });
    const world = await worldOf(tables);
    await endExemption(tables.Alerts, entry.id, new Date(world.clock.now), 'robin');
    world.clock.now += 30 * 60_000;
    await scan(world);
    expect(toldOf(world)).toEqual(['exemption-expired engine-enabled cluster']);
  });

  test('by entry over a failure told before resolves it, and its end tells of it again', async () => {
    const tables = makeTables();
    const world = await worldOf(tables);
    await addExemption(tables.Alerts, { ...entry, expires: '2026-11-23T00:00:00.000Z' });
    await scanAfter(world, 1);
    expect(toldOf(world)).toEqual(['resolved engine-enabled cluster']);
    await scanAfter(world, 1);
    expect(toldOf(world)).toEqual(['exemption-expired engine-enabled cluster', 'resolved engine-enabled cluster']);
  });

  test('longer than the setting allows does not hold', async () => {
    const tables = makeTables();
    await addExemption(tables.Alerts, { ...entry, expires: '2027-11-21T00:00:00.000Z' });
    expect(await failing(await worldOf(tables))).toEqual(expect.arrayContaining(['engine-enabled', 'exemption-valid']));
  });

  test('that ended before the retention is purged, and a running one is not', async () => {
    const tables = makeTables();
    const { ctx } = createWorld({ tables });
    await addExemption(tables.Alerts, entry);
    await addExemption(tables.Alerts, { ...entry, id: 'e000000002', expires: '2027-05-01T00:00:00.000Z' });
    await purgeSlice(ctx, { before: '2026-11-21T00:00:00.000Z', after: '' });
    expect(await listExemptions(tables.Alerts)).toHaveLength(2);
    await purgeSlice(ctx, { before: '2026-11-23T00:00:00.000Z', after: '' });
    expect((await listExemptions(tables.Alerts)).map(({ id }) => id)).toEqual(['e000000002']);
  });
});

describe('reading the entries', () => {
  /** Tables that count the readings of a partition and can be made to fail. */
  function counted(): { tables: Tables; state: { readings: number; failing: boolean }; bare: Table } {
    const state = { readings: 0, failing: false };
    const bare = memoryTables();
    const tables = tablesThrough(async (what, run) => {
      if (!what.startsWith('Alerts.page exemption')) return run();
      state.readings++;
      if (state.failing) throw new Error('storage is busy');
      return run();
    }, bare);
    return { tables, state, bare: bare.Alerts };
  }

  test('happens once a scan for many clusters at once, again for the next scan, and again after a minute', async () => {
    const { tables, state, bare } = counted();
    const clock = { at: Date.parse('2026-11-21T10:00:00Z'), now: () => new Date(clock.at) };
    const read = cachedExemptions(tables.Alerts, clock);
    await Promise.all(Array.from({ length: 5_000 }, () => read('one')));
    const once = state.readings;
    expect(once).toBeGreaterThan(0);
    await addExemption(bare, entry);
    clock.at += 59_999;
    expect(await read('one')).toEqual([]);
    expect(state.readings).toBe(once);
    clock.at += 1;
    expect(await read('one')).toEqual([entry]);
    expect(await read('two')).toEqual([entry]);
    expect(state.readings).toBe(3 * once);
  });

  test('that failed is not remembered', async () => {
    const { tables, state } = counted();
    const clock = { now: () => new Date('2026-11-21T10:00:00Z') };
    state.failing = true;
    const read = cachedExemptions(tables.Alerts, clock);
    await expect(read('one')).rejects.toThrow('busy');
    state.failing = false;
    expect(await read('one')).toEqual([]);
  });
});
