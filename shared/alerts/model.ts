// The nouns of alerting: what is told, to whom, and what is remembered of it.
import type { DriftEvent } from '../model/result.ts';

/** One or more drift events, grouped for one destination. Self-contained: a card is made from it alone. */
export interface Notification {
  /** The same whenever the same events are told to the same destination again. */
  readonly id: string;
  /** Its place in the order of telling. */
  readonly seq: number;
  readonly destination: string;
  readonly scanId: string;
  readonly at: string;
  /** Worst first; bounded, the rest is counted. */
  readonly events: readonly DriftEvent[];
  readonly more: number;
}

/** What the alerts remember between two dispatches: one document, replaced in one transaction with the notifications it brings. */
export interface AlertsState {
  /** Counts notifications: what is told first has the lower number. */
  readonly seq: number;
  /** Ids of drift events that were taken up and whose outbox rows may still be there. */
  readonly processed: readonly string[];
}

export const emptyState: AlertsState = { seq: 0, processed: [] };
