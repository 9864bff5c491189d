// How ARM and the AKS resource provider throttle the requests about a subscription.

interface Limit {
  /** Requests with the same bucket share its tokens. */
  readonly bucket: string;
  readonly size: number;
  readonly refillPerSecond: number;
}

/** Every request counts here, and in the bucket of its operation as well. */
const READS: Limit = { bucket: 'arm-reads', size: 250, refillPerSecond: 25 };
const OF_OPERATION: Readonly<Record<string, Limit>> = {
  'list-clusters': { bucket: 'list-clusters', size: 500, refillPerSecond: 1 },
  'get-cluster': { bucket: 'get-cluster', size: 250, refillPerSecond: 25 },
};
const OF_OTHERS: Limit = { bucket: 'other', size: 60, refillPerSecond: 1 };

/** @returns 0 when a request may pass, else the seconds to wait */
export type Throttle = (subscriptionId: string, operation: string) => number;

export function createThrottle(now: () => number = Date.now): Throttle {
  const buckets = new Map<string, TokenBucket>();
  return (subscriptionId, operation) => {
    for (const { bucket, size, refillPerSecond } of [READS, OF_OPERATION[operation] ?? OF_OTHERS]) {
      const key = `${subscriptionId} ${bucket}`;
      if (!buckets.has(key)) buckets.set(key, new TokenBucket(size, refillPerSecond, now));
      const wait = buckets.get(key)!.take();
      if (wait > 0) return wait;
    }
    return 0;
  };
}

class TokenBucket {
  private readonly size: number;
  private readonly refillPerSecond: number;
  private readonly now: () => number;
  private tokens: number;
  private at: number;

  constructor(size: number, refillPerSecond: number, now: () => number) {
    this.size = size;
    this.refillPerSecond = refillPerSecond;
    this.now = now;
    this.tokens = size;
    this.at = now();
  }

  /** @returns 0 when there was a token, else the seconds until there is one */
  take(): number {
    const now = this.now();
    this.tokens = Math.min(this.size, this.tokens + ((now - this.at) / 1000) * this.refillPerSecond);
    this.at = now;
    if (this.tokens < 1) return Math.max(1, Math.ceil((1 - this.tokens) / this.refillPerSecond));
    this.tokens -= 1;
    return 0;
  }
}
