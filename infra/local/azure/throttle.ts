// How ARM and the AKS resource provider throttle the requests about a subscription.

interface Limit {
  /** Requests with the same bucket share its tokens. */
  readonly bucket: string;
  readonly size: number;
  readonly refillPerSecond: number;
}

/** What a request is about, as far as it is throttled by it. */
export interface Throttled {
  readonly subscriptionId: string;
  readonly operation: string;
  /** Of the cluster it is about; absent for a list. */
  readonly clusterId?: string;
  readonly region?: string;
}

/**
 * Azure Resource Manager: 250 reads and 25 more a second for each subscription and principal (Azure Resource Manager documentation,
 * "Understand how Azure Resource Manager throttles requests"). The AKS resource provider: LIST by subscription, GET by cluster, and
 * all other calls about clusters together by subscription and region (AKS documentation, "Quotas, SKUs, and regions": throttling
 * limits, https://learn.microsoft.com/azure/aks/quotas-skus-regions).
 */
function limitsOf({ operation, clusterId, region }: Throttled): readonly Limit[] {
  const reads: Limit = { bucket: 'arm-reads', size: 250, refillPerSecond: 25 };
  if (operation === 'list-clusters') return [reads, { bucket: operation, size: 500, refillPerSecond: 1 }];
  if (operation === 'get-cluster')
    return [reads, { bucket: `${operation} ${clusterId}`, size: 60, refillPerSecond: 1 }];
  return [reads, { bucket: `other ${region}`, size: 60, refillPerSecond: 1 }];
}

/** @returns 0 when a request may pass, else the seconds to wait */
export type Throttle = (request: Throttled) => number;

/** @param now in milliseconds since 1970 */
export function createThrottle(now: () => number = Date.now): Throttle {
  const buckets = new Map<string, TokenBucket>();
  return (request) => {
    for (const { bucket, size, refillPerSecond } of limitsOf(request)) {
      const key = `${request.subscriptionId} ${bucket}`;
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
