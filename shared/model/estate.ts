// The estate as the auditor sees it: subscriptions, and what could not be read of it.
import type { Cluster } from './cluster.ts';
import type { UnknownReason } from './verdict.ts';

export interface Subscription {
  /** Lower-cased GUID. */
  readonly id: string;
  readonly name: string;
  /** The tenant that it belongs to, where it is another one that has delegated it (Azure Lighthouse). */
  readonly homeTenant?: string;
}

/** A cluster from a listing: its normalised body, or why the body could not be understood. */
export type ListedCluster =
  | { readonly id: string; readonly name: string; readonly cluster: Cluster }
  | { readonly id: string; readonly name: string; readonly problem: string };

/** A read that failed for a reason that is a verdict, not a defect: it is recorded, never thrown away. */
export class UnreadableError extends Error {
  readonly reason: UnknownReason;
  /** What to grant, connect or wait for. */
  readonly remedy: string;
  constructor(reason: UnknownReason, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableError';
    this.reason = reason;
    this.remedy = remedy;
  }
}
