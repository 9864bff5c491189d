// A scan closes whatever there is: what one subscription or cluster holds, and how many of them cannot be looked at, stops nothing.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseObjects } from '../../shared/network/parse/parse.ts';
import type { ClusterReader } from '../../shared/ports.ts';
import { readFleet } from '../../shared/store/fleet-snapshots.ts';
import { readLatest } from '../../shared/store/results.ts';
import { listScans } from '../../shared/store/scans.ts';
import { sampleCluster } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { noise } from '../support/noise.ts';
import type { World } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

const idOf = (number: number): string => `11111111-1111-4111-8111-${String(number).padStart(12, '0')}`;

async function closedBy(world: World): Promise<void> {
  await world.timer();
  await world.run();
}

test('200 unreadable subscriptions with long reasons: the first are named, all are counted, and the next scan opens', async () => {
  const world = createWorld({ tables: memoryTables() });
  for (let number = 0; number < 200; number++)
    world.subscriptions.set(idOf(number), {
      name: `Subscription ${number}`,
      clusters: new Map(),
      unreadable: `forbidden: ${'"検'.repeat(300)}`,
    });
  await closedBy(world);
  world.clock.now += 30 * 60_000;
  await closedBy(world);
  const fleet = (await readFleet(world.ctx.tables.Fleet))!;
  expect(fleet).toMatchObject({ outcome: 'partial', missingCount: 200 });
  expect(fleet.missing.length).toBeLessThan(200);
  expect(fleet.missing[0]).toMatch(/^Subscription Subscription 0 could not be read: forbidden/);
  expect(Math.max(...fleet.missing.map(({ length }) => length))).toBeLessThanOrEqual(300);
  expect(fleet.subscriptions).toHaveLength(200);
  const scans = await listScans(world.ctx.tables.Scans, 10);
  expect(scans.map(({ state, missingCount }) => [state, missingCount])).toEqual([
    ['closed', 200],
    ['closed', 200],
  ]);
});

test('1,000 clusters that nobody reached before the deadline: the scan closes without them and says how many', async () => {
  const world = createWorld({ tables: memoryTables() });
  const names = Array.from(
    { length: 1000 },
    (_, number) => `${'a-cluster-with-a-name-as-long-as-azure-allows'.padEnd(58, 'x')}-${number}`,
  );
  const clusters = new Map(names.map((name) => [name, sampleCluster(idOf(1), name)]));
  world.subscriptions.set(idOf(1), { name: 'Retail', clusters });
  const { messages } = world;
  // Whatever the audit queue gets is lost.
  const push = messages.push.bind(messages);
  messages.push = (...sent) => push(...sent.filter(({ queue }) => queue !== 'audit'));
  await closedBy(world);
  const fleet = (await readFleet(world.ctx.tables.Fleet))!;
  expect(fleet).toMatchObject({ outcome: 'partial', missingCount: 1000, summary: { clusters: 1000 } });
});

test('clusters with 50 maximal tags: all are in the fleet with their shortest tags, and their results have all', async () => {
  const world = createWorld({ tables: memoryTables() });
  const longTags = Array.from({ length: 49 }, (_, i) => [noise(512, i), noise(256, i)] as const);
  const tags = { team: 'shop', ...Object.fromEntries(longTags) };
  const names = Array.from({ length: 60 }, (_, number) => `cluster-${number}`);
  world.subscriptions.set(idOf(1), {
    name: 'Retail',
    clusters: new Map(names.map((name) => [name, sampleCluster(idOf(1), name, { tags })])),
  });
  await closedBy(world);
  const fleet = (await readFleet(world.ctx.tables.Fleet))!;
  expect(fleet).toMatchObject({ outcome: 'complete', summary: { clusters: 60 } });
  for (const { key, tags: kept, tagsLeftOut } of fleet.clusters) {
    expect({ kept: Object.keys(kept).length, tagsLeftOut }).toEqual({ kept: 3, tagsLeftOut: 47 });
    expect(kept).toMatchObject({ team: 'shop' });
    expect((await readLatest(world.ctx.tables.Results, key))?.result.tags).toEqual(tags);
  }
});

/** Characters of two bytes, of which compression leaves most. */
const twoBytes = (text: string): string =>
  text.replaceAll(/./g, (char) => String.fromCharCode(0x80 + (char.charCodeAt(0) % 0x780)));

test('120 clusters of one subscription of which each fills its message: all are audited', async () => {
  const world = createWorld({ tables: memoryTables() });
  const clusters = Array.from({ length: 120 }, (_, number) => {
    const tags = Array.from({ length: 29 }, (_unused, i) => {
      const text = twoBytes(noise(768, number * 29 + i));
      return [text.slice(0, 512), text.slice(512)] as const;
    });
    return sampleCluster(idOf(1), `cluster-${number}`, { tags: Object.fromEntries(tags) });
  });
  world.subscriptions.set(idOf(1), { name: 'Retail', clusters: new Map(clusters.map((one) => [one.name, one])) });
  await closedBy(world);
  const fleet = (await readFleet(world.ctx.tables.Fleet))!;
  expect(fleet).toMatchObject({ outcome: 'complete', missing: [], summary: { clusters: 120 } });
});

/** Names as long as Kubernetes allows, which no compression makes shorter. */
const longName = (number: number): string =>
  [1, 2, 3, 4]
    .map((part) => createHash('sha256').update(`${number} ${part}`).digest('hex'))
    .join('')
    .slice(0, 250);

test('a cluster with 2,000 policies with names of 250 characters is judged, told of and read like any other', async () => {
  const policies = Array.from({ length: 2_000 }, (_, i) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: longName(i), namespace: 'shop' },
    spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [{}], egress: [{}] },
  }));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const { objects } = parseObjects([namespace, ...policies]);
  const { objects: before } = parseObjects([namespace]);
  let policed = false;
  const reader: ClusterReader = {
    read: async () => ({ status: 'read', objects: policed ? objects : before, forbiddenKinds: [] }),
  };
  const world = createWorld({ tables: memoryTables(), reader });
  world.subscriptions.set(idOf(1), { name: 'Retail', clusters: new Map([['web', sampleCluster(idOf(1), 'web')]]) });
  await closedBy(world);
  policed = true;
  world.clock.now += 30 * 60_000;
  await closedBy(world);
  const fleet = (await readFleet(world.ctx.tables.Fleet))!;
  expect(fleet).toMatchObject({ outcome: 'complete', clusters: [{ name: 'web', verdict: 'fail' }] });
  const { key, counts } = fleet.clusters[0]!;
  expect(counts.fail).toBeGreaterThan(2_000);
  const failed = (await readLatest(world.ctx.tables.Results, key))!.result.findings.filter(
    ({ verdict }) => verdict === 'fail',
  );
  expect(failed).toHaveLength(counts.fail);
  expect(world.told.filter(({ kind }) => kind === 'new-failure').length).toBeGreaterThan(2_000);
});
