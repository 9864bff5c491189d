// A subscription that another tenant has delegated: its clusters are judged by what ARM tells, and whoever reads them knows whose they are.
import { expect, test } from 'vitest';
import type { Cluster } from '../../shared/model/cluster.ts';
import { listSubscriptions } from '../../shared/store/fleet-index.ts';
import { memoryEstate, sampleCluster } from '../support/estate.ts';
import { createFleetOfWorkers } from '../support/fleet-of-workers.ts';
import { memoryTables } from '../support/memory-tables.ts';

const SUBSCRIPTION = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
const THEIRS = '7d1b1c52-7a3e-4ed0-8f0d-5b7e2d6c1a22';

test('the reader knows whose cluster it is, also one whose body is too long for a message, and the subscription says it', async () => {
  const tables = memoryTables();
  const long = sampleCluster(SUBSCRIPTION, 'long', { tags: { note: 'x'.repeat(60_000) } });
  const clusters = new Map([long, sampleCluster(SUBSCRIPTION, 'shop')].map((cluster) => [cluster.name, cluster]));
  const read: Cluster[] = [];
  const estate = memoryEstate(new Map([[SUBSCRIPTION, { name: 'Theirs', clusters }]]));
  const fleet = createFleetOfWorkers({
    tables,
    clock: { now: Date.parse('2026-11-21T10:00:00Z') },
    workers: 1,
    start: () => ({
      estate: { ...estate, subscriptions: async () => [{ id: SUBSCRIPTION, name: 'Theirs', homeTenant: THEIRS }] },
      reader: {
        read: async (cluster) => {
          read.push(cluster);
          return { status: 'unknown', reason: 'delegated', message: 'theirs', remedy: '' };
        },
      },
    }),
  });
  await fleet.scan();
  expect(read.map(({ name, homeTenant }) => `${name} of ${homeTenant}`).toSorted()).toEqual([
    `long of ${THEIRS}`,
    `shop of ${THEIRS}`,
  ]);
  for await (const { subscription } of listSubscriptions(tables.Fleet))
    expect(subscription).toMatchObject({ readable: true, homeTenant: THEIRS });
});
