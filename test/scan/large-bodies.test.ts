// Clusters with bodies as large as owners can make them: every one is audited, messages stay short, and Azure is not asked again.
import { expect, test } from 'vitest';
import { memoryEstate, sampleCluster } from '../support/estate.ts';
import { createFleetOfWorkers } from '../support/fleet-of-workers.ts';
import { memoryTables } from '../support/memory-tables.ts';

const SUBSCRIPTION = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';

/** 50 tags with names of 512 and values of 256 characters, as many as Azure allows (Azure Resource Manager, "Tag resources": limitations). */
function maximalTags(seed: number): Record<string, string> {
  let state = seed + 1;
  const letters = (count: number): string =>
    Array.from({ length: count }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return String.fromCharCode(0x4e00 + (state % 20_000));
    }).join('');
  return Object.fromEntries(Array.from({ length: 50 }, () => [letters(512), letters(256)]));
}

test('sixty clusters with maximal tags in one subscription are audited from what was listed, by messages of 16 KiB at most', async () => {
  const clusters = new Map(
    Array.from({ length: 60 }, (_, i) => {
      const cluster = sampleCluster(SUBSCRIPTION, `c${i}`, { tags: maximalTags(i) });
      return [cluster.name, cluster] as const;
    }),
  );
  let asked = 0;
  const estate = memoryEstate(new Map([[SUBSCRIPTION, { name: 'Tags', clusters }]]));
  const read: number[] = [];
  const fleet = createFleetOfWorkers({
    tables: memoryTables(),
    clock: { now: Date.parse('2026-11-21T10:00:00Z') },
    workers: 2,
    start: () => ({
      estate: {
        ...estate,
        cluster: async (id, signal) => {
          asked++;
          return estate.cluster(id, signal);
        },
      },
      reader: {
        read: async ({ tags }) => {
          read.push(Object.keys(tags).length);
          return { status: 'unknown', reason: 'private', message: 'no way', remedy: '' };
        },
      },
    }),
  });
  const scan = await fleet.scan();
  expect(scan.outcome).toBe('complete');
  expect(read).toEqual(Array.from({ length: 60 }, () => 50));
  expect(asked).toBe(0);
  expect(fleet.longestMessage()).toBeLessThanOrEqual(16 * 1024);
});
