// What the HTTP API asks of the rest of Bulkhead.
import type { AlertService } from '../alerts/alert-service.ts';
import type { Fleet, FleetCluster, FleetSummary, ScanOutcome } from '../model/fleet.ts';
import type { DriftEvent, Result } from '../model/result.ts';
import type { Scan } from '../model/scan.ts';

/** A result with the scans that saw and last changed it. */
export interface KnownResult {
  readonly result: Result;
  readonly scanId: string;
  /** RFC 3339: the last scan that looked at the cluster. */
  readonly checkedAt: string;
  /** RFC 3339: when the managed namespaces were read that it judges; absent when that was in its own scan. */
  readonly managedNamespacesAt?: string;
  readonly changedScanId: string;
  /** RFC 3339: since when the verdict is what it is. */
  readonly since: string;
  /** RFC 3339: when it was stored. */
  readonly storedAt: string;
  /** The line of the fleet that it makes. */
  readonly line: FleetCluster;
}

export interface Health {
  /** `overdue`: none has closed for two periods, or none has looked at anything. */
  readonly status: 'ok' | 'starting' | 'overdue' | 'failing';
  readonly message: string;
  readonly lastScan?: { readonly id: string; readonly at: string; readonly outcome: ScanOutcome };
  readonly running?: { readonly id: string; readonly openedAt: string; readonly deadline: string };
  /** What is not as it should be although scans go on, a sentence each; absent when nothing is. */
  readonly reasons?: readonly string[];
  /** How many conversations that subscribed cannot be posted to; absent when all of them can. */
  readonly failedDestinations?: number;
}

export interface TrendPoint {
  readonly scanId: string;
  readonly at: string;
  readonly closedAt: string;
  readonly outcome: ScanOutcome;
  readonly summary: FleetSummary;
}

export interface Progress {
  readonly scan: Scan;
  /** Pieces of work not finished; undefined when it is not known yet how many there are. */
  readonly pending?: number;
}

export interface ApiServices {
  readonly now: () => Date;
  /** Where days begin and end. */
  readonly zone: string;
  /** How often a scan is due, in minutes. */
  readonly periodMinutes: number;
  /** The fleet at the newest close, or at the newest that had happened by a moment; undefined when there was none. */
  fleet(asOf?: Date): Promise<Fleet | undefined>;
  /** Every cluster of which anything is kept, including those that are gone or out of scope: read as they are asked for. */
  everKnown(): AsyncIterable<FleetCluster>;
  /** What is stored, or had been stored by a moment; undefined when there was nothing. */
  result(key: string, asOf?: Date): Promise<KnownResult | undefined>;
  /** What had been stored by a moment, newest first: read as it is asked for. */
  history(key: string, until: Date | undefined): AsyncIterable<KnownResult>;
  /** Newest first, between two moments. */
  drift(from: Date, to: Date): AsyncIterable<DriftEvent>;
  /** The closes between two moments, newest first. */
  trend(from: Date, to: Date): Promise<readonly TrendPoint[]>;
  /** When the last scan closed before a moment; undefined when none had. */
  closeBefore(moment: Date): Promise<string | undefined>;
  openScan(by: string): Promise<{ readonly scan: Scan; readonly created: boolean }>;
  scan(id: string): Promise<Progress | undefined>;
  /** Newest first. */
  scans(limit: number): Promise<readonly Scan[]>;
  health(): Promise<Health>;
  readonly alerts: AlertService;
}
