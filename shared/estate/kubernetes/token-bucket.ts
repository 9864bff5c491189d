// Keeps calls under a published rate: a bucket of tokens for each key, refilled as time passes.
import type { Clock } from '../../ports.ts';

export interface TokenBuckets {
  /**
   * Takes a token, from the future if need be.
   * @returns the milliseconds to wait before the call may be made; undefined, and nothing is taken, when that is longer than `maxWaitMs`
   */
  reserve(key: string, maxWaitMs: number): number | undefined;
}

/** Keys that are remembered at most: a full bucket is the same as none, so the fullest are forgotten. */
const MAX_KEYS = 10_000;

/** @param size tokens of a fresh bucket @param refillPerSecond tokens that come back each second, up to the size */
export function createTokenBuckets(size: number, refillPerSecond: number, clock: Clock): TokenBuckets {
  const buckets = new Map<string, { tokens: number; at: number }>();

  const levelOf = (bucket: { tokens: number; at: number }, now: number): number =>
    Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * refillPerSecond);

  function forgetFull(now: number): void {
    for (const [key, bucket] of buckets) if (levelOf(bucket, now) >= size) buckets.delete(key);
  }

  return {
    reserve(key, maxWaitMs) {
      const now = clock.now().getTime();
      if (buckets.size >= MAX_KEYS) forgetFull(now);
      const bucket = buckets.get(key) ?? { tokens: size, at: now };
      const tokens = levelOf(bucket, now) - 1;
      const waitMs = tokens >= 0 ? 0 : Math.ceil((-tokens / refillPerSecond) * 1000);
      if (waitMs > maxWaitMs) return undefined;
      buckets.set(key, { tokens, at: now });
      return waitMs;
    },
  };
}
