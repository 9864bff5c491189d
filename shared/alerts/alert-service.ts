// What people can ask of the alerts and do about them, over chat and over HTTP.
import type { ExemptionEntry, NewExemption } from '../model/exemption.ts';
import type { Alert } from './alert.ts';

/** Mutes the telling of what its matchers match; history keeps everything. */
export interface Silence {
  readonly id: string;
  /** `FIELD=PATTERN[,PATTERN]` or `FIELD!=...`; all of them must match. */
  readonly matchers: readonly string[];
  /** RFC 3339. */
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
}

export type AlertView = Alert & {
  /** Why it is not told at present, for instance `silence 3fa9c1 by Robin until …`. */
  readonly suppressedBy: readonly string[];
};

export interface Refusal {
  /** What is wrong with what was asked, a sentence each, naming the part. */
  readonly problems: readonly string[];
}

export interface NewSilence {
  readonly matchers: readonly string[];
  /** Now when absent. */
  readonly startsAt?: Date;
  readonly endsAt: Date;
  readonly comment: string;
}

export interface AlertService {
  /** Pending and firing alerts, worst first. */
  alerts(): Promise<readonly AlertView[]>;
  acknowledge(id: string, by: string, comment?: string): Promise<'acknowledged' | 'already' | 'unknown'>;
  /** Takes the acknowledgement back. */
  unacknowledge(id: string, by: string): Promise<'done' | 'not-acknowledged' | 'unknown'>;
  /** Pending and active silences, the one that ends first first. */
  silences(): Promise<readonly Silence[]>;
  silence(wanted: NewSilence, by: string): Promise<Silence | Refusal>;
  /** Ends a silence now. */
  unsilence(id: string, by: string): Promise<'ended' | 'unknown'>;
  /** Entries made over API or chat, ended ones included until they are purged, newest first. */
  exemptions(): Promise<readonly ExemptionEntry[]>;
  exempt(wanted: NewExemption, by: string): Promise<ExemptionEntry | Refusal>;
  /** Ends an exemption now; from the next scan on the failure counts again. */
  unexempt(id: string, by: string): Promise<'ended' | 'unknown'>;
  /** What is wrong with the routing, each naming its place; the rest of it holds. */
  routingProblems(): Promise<readonly string[]>;
}
