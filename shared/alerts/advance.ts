// From drift events to notifications: pure, the clock passed in.
import { createHash } from 'node:crypto';
import type { DriftEvent } from '../model/result.ts';
import { compareText } from '../model/finding.ts';
import { severityRank } from '../model/verdict.ts';
import { inhibit } from './inhibit.ts';
import type { AlertsState, Notification } from './model.ts';

export interface AdvanceInput {
  /** Everything in the outbox, told before or not. */
  readonly events: readonly DriftEvent[];
  /** Keys of the destinations that can be posted to. */
  readonly destinations: readonly string[];
  readonly scanId: string;
  readonly now: Date;
}

export interface Advanced {
  readonly state: AlertsState;
  readonly notifications: readonly Notification[];
}

/** A card shows this many events and counts the rest. */
const MAX_EVENTS = 20;

/** @returns what to tell for events that were not told yet, and what to remember */
export function advance(state: AlertsState, input: AdvanceInput): Advanced {
  const told = new Set(state.processed);
  const { told: worthTelling } = inhibit(input.events.filter((event) => !told.has(event.id)));
  const fresh = worthTelling.toSorted(compareEvents);
  const processed = input.events.map((event) => event.id).toSorted(compareText);
  if (fresh.length === 0) return { state: { ...state, processed }, notifications: [] };
  const notifications = input.destinations.toSorted(compareText).map((destination, index) => ({
    id: notificationId(destination, fresh),
    seq: state.seq + index,
    destination,
    scanId: input.scanId,
    at: input.now.toISOString(),
    events: fresh.slice(0, MAX_EVENTS),
    more: Math.max(0, fresh.length - MAX_EVENTS),
  }));
  return { state: { seq: state.seq + notifications.length, processed }, notifications };
}

/** Worst first, then by cluster, rule and subject: events are always shown in this order. */
export function compareEvents(a: DriftEvent, b: DriftEvent): number {
  return (
    severityRank(a.severity) - severityRank(b.severity) ||
    compareText(a.clusterName, b.clusterName) ||
    compareText(a.id, b.id)
  );
}

function notificationId(destination: string, events: readonly DriftEvent[]): string {
  const text = [destination, ...events.map((event) => event.id)].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
