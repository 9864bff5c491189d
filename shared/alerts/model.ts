// What is remembered of the alerts between two steps, what a step goes by, and what waits to be sent.
import type { Fleet, FleetSummary } from '../model/fleet.ts';
import type { Alert, AlertEvent } from './alert.ts';
import type { DigestCard, DigestPoint } from './card.ts';
import type { Routing } from './routing.ts';
import type { Silence } from './alert-service.ts';
import type { Target } from './target.ts';

/** The document of the alerts: replaced as a whole, in one transaction with the notifications it brings. */
export interface AlertsState {
  /** Numbers the notifications in the order of telling: the next one gets this. */
  readonly seq: number;
  /** Hashes of the outboxes that were taken up and may still be there, oldest first. */
  readonly processed: readonly string[];
  readonly alerts: readonly Alert[];
  /** Local date of the last digest, and the keys of the destinations that got it. */
  readonly digest?: { readonly date: string; readonly told: readonly string[] } | undefined;
  /** Version of the rules that judged when events were last taken up. */
  readonly catalogue?: string;
  /** Keys of the destinations that failed and whose failure was told. */
  readonly failures: readonly string[];
  /** How many alerts were forgotten because there were too many. */
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

/** What a scan saw of an alert that waits to fire or to be resolved. */
export interface Sighting {
  readonly verdict: 'fails' | 'passes';
  readonly scanId: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What one step is given, beside what is remembered. */
export interface AdvanceInput {
  /** Everything in the outbox, whether or not it was taken up before, in the order of time. */
  readonly events: readonly AlertEvent[];
  /** What the scan saw of alerts that wait for it, by their ids. */
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly fleet: Pick<Fleet, 'clusters' | 'subscriptions'> | undefined;
  readonly catalogue: string;
  readonly routing: Routing;
  readonly silences: readonly Silence[];
  /** Conversations that subscribed. */
  readonly targets: readonly Target[];
  /** Ids of alerts whose finding no longer fails, though no scan has told so yet: they are not told. */
  readonly over?: ReadonlySet<string>;
  /** One sentence when scans have stopped. */
  readonly overdue: string | undefined;
  /** What the digest tells, when one is due. */
  readonly digest: DigestContent | undefined;
  readonly scanId: string;
  readonly now: Date;
}

export interface DigestContent {
  readonly summary: FleetSummary;
  readonly trend: readonly DigestPoint[];
  readonly changes: DigestCard['changes'];
}
