// Retrying is bounded in tries and in waiting, and never comes back earlier than it was asked to.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RetryLimits } from '../../shared/estate/retry.ts';
import { delayMs, retryAfterMs, withRetries } from '../../shared/estate/retry.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const limits: RetryLimits = {
  timeoutMs: 1_000,
  maxRetries: 4,
  baseDelayMs: 1,
  maxDelayMs: 20,
  maxTotalMs: 1_000,
  random: () => 0.5,
};

describe('the pause a response asks for', () => {
  test.each<[Record<string, string>, number | undefined]>([
    [{}, undefined],
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': '-3' }, 0],
    [{ 'retry-after': 'Sat, 21 Nov 2026 10:00:09 GMT' }, 9_000],
    [{ 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 0],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'x-ms-retry-after-ms': '40', 'retry-after': '9' }, 40],
    [{ 'retry-after-ms': '', 'retry-after': '9' }, 9_000],
    [{ 'retry-after-ms': 'x', 'retry-after': '9' }, 9_000],
  ])('%j is %s ms', (headers, expected) => {
    expect(retryAfterMs((name) => headers[name], now)).toBe(expected);
  });
});

describe('the pause before another try', () => {
  test('is at least what was asked for, and within the limits', () => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.option(fc.nat(100_000), { nil: undefined }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (tries, asked, random) => {
          const some = { ...limits, baseDelayMs: 500, maxDelayMs: 30_000, random: () => random };
          const delay = delayMs(tries, asked, some) ?? Number.POSITIVE_INFINITY;
          const tooLong = asked !== undefined && asked > some.maxDelayMs;
          expect(delay).toBeGreaterThanOrEqual(asked ?? 0);
          expect(delay <= some.maxDelayMs + some.baseDelayMs).toBe(!tooLong);
        },
      ),
    );
  });
});

describe('tries', () => {
  const failing = (askedMs?: number) => {
    let tries = 0;
    const run = withRetries(async () => ({ final: false, value: ++tries, askedMs }), limits, undefined);
    return run;
  };

  test('end with the first final answer', async () => {
    const value = await withRetries(async (tries) => ({ final: tries === 2, value: tries }), limits, undefined);
    expect(value).toBe(2);
  });

  test('are the first and maxRetries more', async () => expect(await failing()).toBe(5));

  test('end when the service asks for a longer pause than there is', async () => expect(await failing(21)).toBe(1));

  test('end when all the waiting together gets too long', async () => {
    const tight = { ...limits, maxTotalMs: 25 };
    let tries = 0;
    await withRetries(async () => ({ final: false, value: ++tries, askedMs: 10 }), tight, undefined);
    expect(tries).toBe(3);
  });

  test('end at once when the caller cancels during a pause', async () => {
    const controller = new AbortController();
    const slow = { ...limits, baseDelayMs: 60_000, maxDelayMs: 60_000, maxTotalMs: 600_000 };
    const run = withRetries(
      async () => {
        queueMicrotask(() => controller.abort());
        return { final: false, value: 0 };
      },
      slow,
      controller.signal,
    );
    await expect(run).rejects.toThrow(/abort/i);
  });
});
