// A worker whose clock differs from the store's by more than a minute says so; slow answers and small differences are no alarm.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, inject, test, vi } from 'vitest';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import { watchClock } from '../../shared/store/clock-watch.ts';
import { runs } from '../support/runs.ts';

const MINUTE = 60_000;

test('however long answers take, an alarm is never wrong, and quick answers never miss one', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -10 * MINUTE, max: 10 * MINUTE }),
      fc.nat(5 * MINUTE),
      fc.nat(5 * MINUTE),
      (skew, there, back) => {
        const sent = 1_800_000_000_000;
        let now = sent;
        const told: number[] = [];
        const answered = watchClock({ now: () => new Date(now + skew) }, (ahead) => told.push(ahead))();
        now += there;
        const storeTime = new Date(Math.floor(now / 1000) * 1000);
        now += back;
        answered(storeTime);
        for (const ahead of told) {
          expect(Math.sign(ahead)).toBe(Math.sign(skew));
          expect(Math.abs(ahead)).toBeLessThanOrEqual(Math.abs(skew));
        }
        const isSmall = Math.abs(skew) <= MINUTE;
        const isPlain = Math.abs(skew) > MINUTE + 2_000 + there + back;
        expect(told.length).toBeGreaterThanOrEqual(isPlain ? 1 : 0);
        expect(told.length).toBeLessThanOrEqual(isSmall ? 0 : 1);
      },
    ),
    { numRuns: runs(500) },
  );
});

test.each([
  [
    'three hours ahead',
    180 * MINUTE,
    /^The clock of a worker was 1\d{4} seconds ahead of that of storage, seen last at 20/,
  ],
  ['five minutes behind', -5 * MINUTE, /^The clock of a worker was \d{3} seconds behind that of storage/],
])('a worker %s is a warning in the log and a reason in health', async (_what, skew, sentence) => {
  const warnings: string[] = [];
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message), error: () => undefined };
  const config = readConfig({
    AzureWebJobsStorage: inject('azurite'),
    BULKHEAD_TABLE_PREFIX: `t${randomUUID().replaceAll('-', '').slice(0, 12)}`,
  });
  const clock = { now: () => new Date(Date.now() + skew) };
  const { tables, api } = createApp(config, { clock, log });
  await tables.Scans.get('scan', 'current');
  await vi.waitFor(async () => expect((await api.health()).reasons).toEqual([expect.stringMatching(sentence)]), 20_000);
  expect(warnings).toEqual(['the clock differs from that of storage']);
});
