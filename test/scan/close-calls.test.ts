// What a close asks of storage where everything has changed: batches by partition, a few partitions at a time.
import { expect, test } from 'vitest';
import { closeScan } from '../../shared/scan/close.ts';
import { readCurrent } from '../../shared/store/scans.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';
import { createWorld, nextSlot } from '../support/world.ts';

const SUBSCRIPTIONS = 20;
const EACH = 25;
const CHANGES = SUBSCRIPTIONS * EACH;

test('a close with 500 changes reads and removes each cluster’s events, sixteen at a time, and everything else in batches', async () => {
  let calls = 0;
  let isCounting = false;
  let rounds = 0;
  let waiting: (() => void)[] = [];
  /** Calls that are made at the same time are answered at the same time: one round. */
  const turn = (): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.push(resolve) > 1) return;
      setImmediate(() => {
        rounds++;
        const answered = waiting;
        waiting = [];
        for (const answer of answered) answer();
      });
    });
  const tables = tablesThrough(async (_what, run) => {
    if (!isCounting) return run();
    calls++;
    await turn();
    return run();
  }, memoryTables());
  const world = createWorld({ tables });
  for (let s = 0; s < SUBSCRIPTIONS; s++) {
    const id = `11111111-1111-4111-8111-${String(s).padStart(12, '0')}`;
    const clusters = new Map(Array.from({ length: EACH }, (_, i) => [`c${i}`, sampleCluster(id, `c${i}`)]));
    world.subscriptions.set(id, { name: `s${s}`, clusters });
  }
  await world.timer();
  await world.run();
  nextSlot(world);
  for (const { clusters } of world.subscriptions.values())
    for (const [name, cluster] of clusters) clusters.set(name, withoutEngine(cluster));
  await world.timer();
  // The last cluster's message waits, so that nobody closes the scan before it is measured.
  const push = world.messages.push.bind(world.messages);
  let held = 0;
  world.messages.push = (...sent) => push(...sent.filter(({ queue }) => queue !== 'audit' || ++held < CHANGES));
  await world.run(60_000);
  const current = (await readCurrent(tables.Scans))!;
  expect(current.state).toBe('open');
  isCounting = true;
  await closeScan(world.ctx, current.id, 'deadline');
  // Each cluster has a partition of its own.
  expect(calls).toBeLessThan(2 * CHANGES + 4 * SUBSCRIPTIONS);
  expect(rounds).toBeLessThan(2 * (CHANGES / 16) + 4 * SUBSCRIPTIONS);
  expect(world.told.length).toBeGreaterThan(CHANGES);
});
