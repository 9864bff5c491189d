// The cards of the fleet and of one cluster, and which cluster is meant.
import { describe, expect, test } from 'vitest';
import type { Result } from '../../shared/model/result.ts';
import { clusterCard } from '../../shared/teams/cards/cluster.ts';
import { MAX_CARD_BYTES } from '../../shared/teams/cards/parts/card.ts';
import { fleetCard } from '../../shared/teams/cards/fleet.ts';
import { answer } from '../../shared/teams/commands/index.ts';
import { findClusters } from '../../shared/teams/commands/clusters.ts';
import { botServices } from '../support/bot-services.ts';
import { readCard } from '../support/card-schema.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';

const now = new Date('2026-11-21T10:10:00Z');
const size = (card: unknown): number => Buffer.byteLength(JSON.stringify(card));

test('a fleet of thousands fits, and says how many are not shown', () => {
  const clusters = Array.from({ length: 3_000 }, (_, i) =>
    fleetCluster(`cluster-${i}`, {
      verdict: 'fail',
      worst: 'high',
      failing: Array.from({ length: 20 }, (__, r) => `rule-${r}`),
    }),
  );
  const card = fleetCard(
    fleetOf(clusters, { missing: Array.from({ length: 500 }, (_, i) => `Subscription ${i} could not be read`) }),
    now,
  );
  expect(size(card.card)).toBeLessThanOrEqual(MAX_CARD_BYTES);
  expect(readCard(card.card).texts).toContain(
    '3000 clusters do not pass · 2000 more are not listed here · page 1 of 100',
  );
});

describe('the fleet’s headline', () => {
  test.each([
    [
      [fleetCluster('a', { verdict: 'fail' }), fleetCluster('b', { verdict: 'unknown' })],
      '1 of 2 clusters fails, 1 unknown',
    ],
    [[fleetCluster('a', { verdict: 'unknown' }), fleetCluster('b')], 'No cluster fails, 1 of 2 is unknown'],
    [[fleetCluster('a'), fleetCluster('b', { verdict: 'exempt' })], 'No cluster fails, 1 of 2 is exempt'],
    [[fleetCluster('a'), fleetCluster('b')], 'All 2 clusters pass'],
    [[fleetCluster('a')], 'The only cluster passes'],
    [[], 'No clusters were found'],
  ])('%#', (clusters, headline) => {
    expect(fleetCard(fleetOf(clusters), now).summary).toBe(headline);
  });
});

describe('finding a cluster', () => {
  const clusters = [
    fleetCluster('shop'),
    fleetCluster('shop-2'),
    fleetCluster('pay', { resourceGroup: 'a' }),
    fleetCluster('pay', { resourceGroup: 'b' }),
  ];
  test.each([
    ['SHOP', ['shop']],
    ['shop-', ['shop-2']],
    ['sh', ['shop', 'shop-2']],
    ['pay', ['pay', 'pay']],
    [clusters[3]!.key, ['pay']],
    [clusters[3]!.id.toUpperCase(), ['pay']],
    ['nope', []],
  ])('%s', (wanted, expected) => {
    expect(findClusters(clusters, wanted).map((cluster) => cluster.name)).toEqual(expected);
  });
});

describe('status', () => {
  const shop = fleetCluster('shop', { verdict: 'fail' });
  const findings = Array.from(
    { length: 14 },
    (_, i) => ({ rule: `rule-${i}`, subject: 'cluster', verdict: 'fail', severity: 'high', message: 'm' }) as const,
  );
  const result = { findings } as unknown as Result;
  const services = botServices({
    fleet: async () => fleetOf([shop]),
    clusterResult: async () => result,
    overdue: async () => 'Scans have stopped: look.',
    now: () => now,
  });
  const say = async (message: string) => JSON.stringify(await answer(message, services, {} as never));

  test('findings come page by page', async () => {
    expect(await say('status shop')).toContain('page 1 of 3');
    expect(await say('status shop 3')).toContain('rule-13');
    expect(JSON.stringify(clusterCard(shop, result, [], now, 99))).toContain('page 3 of 3');
  });

  test('a typo is answered with what was probably meant', async () => {
    expect(await say('status shpo')).toContain('~rg~shop');
    expect(await say('STATUS')).toContain('1 of 1 cluster fails');
  });

  test('scans that stopped are said on every answer about the fleet', async () => {
    expect(await say('status')).toContain('Scans have stopped');
  });

  test('before the first scan it says so', async () => {
    const early = { ...services, fleet: async () => undefined };
    expect(JSON.stringify(await answer('status', early, {} as never))).toContain('No scan has finished yet');
  });
});
