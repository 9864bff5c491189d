// What the scan protocol needs from the world: ports, and the few settings that shape it.
import type { ExemptionEntry } from '../model/exemption.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Scan } from '../model/scan.ts';
import type { Catalogue } from '../rules/index.ts';
import type { Clock, ClusterReader, Estate, Log, Queue, Tables } from '../ports.ts';

export interface ScanSettings {
  readonly periodMinutes: number;
  readonly deadlineMinutes: number;
  readonly retentionDays: number;
  readonly excludedNamespaces: readonly string[];
  /** The longest time an exemption may run, in days. */
  readonly exemptionMaxDays: number;
  /** Where days of tags and annotations end. */
  readonly timezone: string;
  /** Subscriptions left out on purpose: their clusters leave the fleet and nobody is told. */
  readonly outOfScope: (subscriptionId: string) => boolean;
}

export interface ScanContext {
  readonly clock: Clock;
  readonly log: Log;
  readonly estate: Estate;
  /** undefined when reading inside clusters is switched off. */
  readonly reader: ClusterReader | undefined;
  /** The rules to judge by; all of them unless given. */
  readonly catalogue?: Catalogue;
  readonly tables: Tables;
  /** What time it is in the store, where it tells: what is deleted is deleted by the earlier of the two clocks. */
  readonly storeTime?: () => Date | undefined;
  readonly queue: Queue;
  readonly settings: ScanSettings;
  /** The exemptions made over the API or in chat, as they were for this scan at most a minute ago. */
  readonly exemptions: (scanId: string) => Promise<readonly ExemptionEntry[]>;
  /** A few characters, never the same twice. */
  readonly nonce: () => string;
  /** Hands the drift events that wait in outboxes to the alerts. Safe to call again. @param fleet undefined where the scan closed without one */
  readonly dispatch: (scan: Scan, fleet: Fleet | undefined) => Promise<void>;
  /** Deletes what the alerts have kept since before a moment. */
  readonly forgetAlerts: (before: Date) => Promise<void>;
  /** Tells the outside dead-man's switch that a scan was complete. */
  readonly heartbeat: (scan: Scan) => Promise<void>;
}

/** Work that was sent and is not done after this long is taken for lost: a crashed instance keeps a message invisible for up to 10 minutes. */
export const RESEND_AFTER_MS = 12 * 60_000;
export const MAX_TRIES = 5;
/** Partitions are read this many at a time. */
export const PARALLEL_READS = 16;

export const minutes = (count: number): number => count * 60_000;
