// Turns at the AKS resource provider: how many calls about the clusters of one subscription and region it lets through, and when.

/**
 * All calls but LIST and GET of clusters share a bucket of 60 for each subscription and region, refilled by one a second (AKS
 * documentation, "Quotas, SKUs, and regions": throttling limits, https://learn.microsoft.com/azure/aks/quotas-skus-regions).
 * The bucket belongs to the subscription: a part of it is left to everybody else.
 */
const BURST = 50;
const INTERVAL_MS = 1_100;

export interface Wish {
  readonly calls: number;
  /** Of no use when its turn comes later, in milliseconds since 1970. */
  readonly until: number;
}

/** In milliseconds since 1970. */
export interface Turns {
  /** When each wish has its turn, in the order of the wishes; undefined where that would be too late. */
  readonly starts: readonly (number | undefined)[];
  /** When the call after all of these may be made: what the next one to ask begins with. */
  readonly next: number;
}

/**
 * @param next as it was left by those who asked before; 0 when nobody has
 * @returns the earliest turn for each wish, first come, first served; whoever would come too late takes nothing from the others
 */
export function takeTurns(next: number, now: number, wishes: readonly Wish[]): Turns {
  let free = Math.max(next, now - (BURST - 1) * INTERVAL_MS);
  const starts = wishes.map(({ calls, until }) => {
    const start = Math.max(now, free + (calls - 1) * INTERVAL_MS);
    if (start > until) return undefined;
    free += calls * INTERVAL_MS;
    return start;
  });
  return { starts, next: free };
}
