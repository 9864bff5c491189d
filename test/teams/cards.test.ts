// Cards: small enough for Teams whatever comes in, plain text only, one clear headline.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlertsCard } from '../../shared/alerts/card.ts';
import type { DriftEvent, Result } from '../../shared/model/result.ts';
import { clusterCard } from '../../shared/teams/cards/cluster.ts';
import { alertCard } from '../../shared/teams/cards/alert.ts';
import { MAX_CARD_BYTES } from '../../shared/teams/cards/elements.ts';
import { fleetCard } from '../../shared/teams/cards/fleet.ts';
import { answer } from '../../shared/teams/commands/index.ts';
import { findClusters } from '../../shared/teams/commands/clusters.ts';
import { botServices } from '../support/bot-services.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';

const now = new Date('2026-11-21T10:10:00Z');
const size = (card: unknown): number => Buffer.byteLength(JSON.stringify(card));
const event = (title: string, detail: string, remediation?: string): DriftEvent => ({
  id: title,
  kind: 'new-failure',
  scanId: 's',
  at: '2026-11-21T10:00:00.000Z',
  subscriptionId: 'sub',
  clusterId: 'c',
  clusterName: 'one',
  resourceGroup: 'rg',
  tags: {},
  severity: 'high',
  title,
  detail,
  ...(remediation === undefined ? {} : { remediation }),
});
const changes = (events: readonly DriftEvent[], more = 0): AlertsCard => ({
  kind: 'alerts',
  id: 'n',
  destination: 'd',
  scanId: 's',
  at: '2026-11-21T10:00:00.000Z',
  items: events.map((one, index) => ({ alertId: `a${index}`, event: one, shown: 'happened', at: one.at })),
  more,
});

describe('size', () => {
  const long = fc.string({ unit: 'grapheme', maxLength: 4_000 });
  test('a drift card fits whatever its events say', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(long, long, fc.option(long, { nil: undefined })), { minLength: 1, maxLength: 20 }),
        (texts) => {
          const card = alertCard(changes(texts.map(([a, b, c]) => event(a, b, c))), now);
          expect(size(card.card)).toBeLessThanOrEqual(MAX_CARD_BYTES);
        },
      ),
      { numRuns: 50 },
    );
  });

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
    expect(JSON.stringify(card)).toContain('and 2990 more clusters');
  });
});

test('nothing that comes from a cluster is read as markdown', () => {
  const text = JSON.stringify(
    alertCard(changes([event('**bold** [click](http://evil.example)', '# big', '`code`')]), now).card,
  );
  expect(text).not.toContain('"type":"TextBlock"');
  expect(text).toContain('"text":"**bold** [click](http://evil.example)"');
});

test('one change is the headline itself; several are counted', () => {
  expect(alertCard(changes([event('It broke', 'so it did')]), now).summary).toBe('It broke');
  expect(alertCard(changes([event('It broke', 'a'), event('That too', 'b')], 3), now).summary).toBe(
    'It broke, and 4 more changes',
  );
});

test('the same command stands on a card once', () => {
  const text = JSON.stringify(alertCard(changes([event('a', '', 'az fix'), event('b', '', 'az fix')]), now).card);
  expect(text.match(/az fix/g)).toHaveLength(1);
});

describe('the fleet’s headline', () => {
  test.each([
    [
      [fleetCluster('a', { verdict: 'fail' }), fleetCluster('b', { verdict: 'unknown' })],
      '1 of 2 clusters fail, 1 unknown',
    ],
    [[fleetCluster('a', { verdict: 'unknown' }), fleetCluster('b')], 'No cluster fails, 1 of 2 are unknown'],
    [[fleetCluster('a')], 'All 1 clusters pass'],
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
    expect(JSON.stringify(clusterCard(shop, result, now, 99))).toContain('page 3 of 3');
  });

  test('a typo is answered with what was probably meant', async () => {
    expect(await say('status shpo')).toContain('~rg~shop');
    expect(await say('STATUS')).toContain('1 of 1 clusters fail');
  });

  test('scans that stopped are said on every answer about the fleet', async () => {
    expect(await say('status')).toContain('Scans have stopped');
  });

  test('before the first scan it says so', async () => {
    const early = { ...services, fleet: async () => undefined };
    expect(JSON.stringify(await answer('status', early, {} as never))).toContain('No scan has finished yet');
  });
});
