// What people can ask of the alerts and do about them, over chat and over HTTP.
import type { ExemptionEntry, NewExemption } from '../model/exemption.ts';
import type { FleetCluster } from '../model/fleet.ts';
import type { Alert } from './alert.ts';
import type { Confirmed } from './everything.ts';

/** Keeps what its matchers match from being told; history keeps everything. */
export interface Silence {
  readonly id: string;
  /** `FIELD=PATTERN[,PATTERN]` or `FIELD!=...`; all of them must match. */
  readonly matchers: readonly string[];
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  /** Who ended it before its time, and when that would have been. */
  readonly ended?: { readonly by: string; readonly insteadOf: string };
}

export type AlertView = Alert & {
  /** Why it is not told at present, for instance `silence 3fa9c1 by Robin until …`. */
  readonly suppressedBy: readonly string[];
};

export interface Refusal {
  /** What is wrong with the request: a sentence for each problem, naming the part. */
  readonly problems: readonly string[];
  /** It is in order but for one thing: it leaves nothing out, and nobody said that this is meant. */
  readonly unconfirmed?: true;
}

export interface NewSilence {
  readonly matchers: readonly string[];
  /** Now, when left out. */
  readonly startsAt?: Date;
  readonly endsAt: Date;
  readonly comment: string;
}

/** On what an act made the first time, when the same act is asked for again: nothing was made this time. */
export interface Again {
  readonly again?: true;
}

export interface FailedDestination {
  /** The name by which routes refer to it. */
  readonly name?: string;
  readonly kind: 'personal' | 'groupChat' | 'channel';
  /** Who subscribed it. */
  readonly by: string;
  /** What Teams answered. */
  readonly failed: string;
  /** RFC 3339: when it was tried last. */
  readonly triedAt?: string;
}

export interface AlertService {
  /** Pending and firing alerts, worst first. */
  alerts(): Promise<readonly AlertView[]>;
  /**
   * Failures from before anybody could be told, cluster by cluster in the order of the fleet: read as they are asked for.
   * @param isMeant leaves out clusters; without it, those of the whole fleet
   */
  baseline(isMeant?: (cluster: FleetCluster) => boolean): AsyncIterable<AlertView>;
  /** A baseline failure can be acknowledged like any alert. */
  acknowledge(id: string, by: string, comment?: string): Promise<'acknowledged' | 'already' | 'unknown'>;
  /** Takes the acknowledgement back. */
  unacknowledge(id: string, by: string): Promise<'done' | 'not-acknowledged' | 'unknown'>;
  /** Pending and active silences, in the order in which they end. */
  silences(): Promise<readonly Silence[]>;
  /** Silences that have ended, the last to end first; they are kept as evidence until they are purged. */
  endedSilences(): Promise<readonly Silence[]>;
  /** @param once names the act, for instance the press of one button: by that name it is done once, however often it is asked for */
  silence(wanted: NewSilence & Confirmed, by: string, once?: string): Promise<(Silence & Again) | Refusal>;
  /** Ends a silence now. */
  unsilence(id: string, by: string): Promise<'ended' | 'unknown'>;
  /** Entries made over the API or in chat, newest first; ended ones stay until they are purged. */
  exemptions(): Promise<readonly (ExemptionEntry & Pick<Silence, 'ended'>)[]>;
  /** @param once as for `silence` */
  exempt(wanted: NewExemption & Confirmed, by: string, once?: string): Promise<(ExemptionEntry & Again) | Refusal>;
  /** Ends an exemption now; from the next scan on the failure counts again. */
  unexempt(id: string, by: string): Promise<'ended' | 'unknown'>;
  /** Conversations that subscribed and cannot be posted to at present. */
  failedDestinations(): Promise<readonly FailedDestination[]>;
  /** What is wrong with the routing, each problem with its place; the rest of the routing holds. */
  routingProblems(): Promise<readonly string[]>;
}
