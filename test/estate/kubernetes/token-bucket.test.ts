// A published rate is never exceeded, and nobody waits longer than needed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTokenBuckets } from '../../../shared/estate/kubernetes/token-bucket.ts';

const at = (clock: { now: number }) => ({ now: () => new Date(clock.now) });

test('a fresh bucket lets its size through at once, then one each refill', () => {
  const buckets = createTokenBuckets(3, 1, at({ now: 0 }));
  expect(Array.from({ length: 6 }, () => buckets.reserve('a', 60_000))).toEqual([0, 0, 0, 1_000, 2_000, 3_000]);
  expect(buckets.reserve('b', 60_000)).toBe(0);
});

test('who would wait too long takes nothing from those who do not', () => {
  const clock = { now: 0 };
  const buckets = createTokenBuckets(1, 1, at(clock));
  expect([buckets.reserve('a', 0), buckets.reserve('a', 500), buckets.reserve('a', 500)]).toEqual([
    0,
    undefined,
    undefined,
  ]);
  clock.now = 1_000;
  expect(buckets.reserve('a', 0)).toBe(0);
});

test('whatever the order of calls, no span of time has more than the size and its refill', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3_000), { minLength: 1, maxLength: 60 }), (gaps) => {
      const clock = { now: 0 };
      const buckets = createTokenBuckets(5, 2, at(clock));
      const times = gaps.map((gap) => {
        clock.now += gap;
        return clock.now + (buckets.reserve('a', 1e9) ?? 0);
      });
      const spans = times.flatMap((start, i) => times.slice(i).map((end, n) => ({ calls: n + 1, ms: end - start })));
      const over = spans.filter(({ calls, ms }) => calls > 5 + (ms / 1_000) * 2 + 0.01);
      expect(over).toEqual([]);
    }),
  );
});
