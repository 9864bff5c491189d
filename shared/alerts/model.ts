// What is remembered of the alerts between two dispatches, and what waits to be sent.
import type { Alert } from './alert.ts';

/** The document of the alerts: replaced as a whole, in one transaction with the notifications it brings. */
export interface AlertsState {
  /** Counts notifications: what is told first has the lower number. */
  readonly seq: number;
  /** Outboxes that were taken up and may still be there, as hashes, oldest first. */
  readonly processed: readonly string[];
  readonly alerts: readonly Alert[];
  /** Local date of the last digest, and the keys of the destinations that have it. */
  readonly digest?: { readonly date: string; readonly told: readonly string[] } | undefined;
  /** Version of the rules that judged when events were last taken up. */
  readonly catalogue?: string;
  /** Keys of the destinations whose failure was told. */
  readonly failures: readonly string[];
  /** Alerts forgotten because there were too many. */
  readonly dropped: number;
}

export const emptyState: AlertsState = { seq: 0, processed: [], alerts: [], failures: [], dropped: 0 };

/** A card that waits to be posted, or to be brought up to date where it was posted. */
export interface Notification {
  /** Its place in the order of telling. */
  readonly seq: number;
  readonly card: string;
  readonly destination: string;
  readonly mode: 'post' | 'update';
  readonly scanId: string;
}
