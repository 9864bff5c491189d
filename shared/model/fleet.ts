// The whole fleet at the close of one scan: small enough to keep per scan, rich enough to answer status without reading results.
import { compareText } from './finding.ts';
import type { Missing } from './missing.ts';
import type { KeptTags } from './tags.ts';
import type { Engine, Severity, UnknownReason, Verdict } from './verdict.ts';
import { severityRank, verdictRank } from './verdict.ts';

/** One cluster's line in the fleet. */
export interface FleetCluster extends KeptTags {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly engine: Engine;
  readonly plugin: string;
  readonly kubernetesVersion: string;
  readonly verdict: Verdict;
  /** RFC 3339: the scan since which the verdict is what it is. */
  readonly since: string;
  /** Severity of the worst failure; absent when nothing fails. */
  readonly worst?: Severity;
  /** Ids of the rules with at least one failure, worst first. */
  readonly failing: readonly string[];
  /** Why rules that count for the verdict could not be judged, each reason once. */
  readonly unknownReasons: readonly UnknownReason[];
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly unreadable?: { readonly reason: UnknownReason; readonly message: string };
  readonly midOperation: boolean;
  readonly exposure?: number;
  /** The scan that last looked at it, if the scan of this fleet did not. */
  readonly lastScanId?: string;
}

export interface FleetSubscription {
  readonly id: string;
  readonly name: string;
  /** The tenant that it belongs to, where it is another one that has delegated it. */
  readonly homeTenant?: string;
  readonly readable: boolean;
  /** Present exactly when it could not be read. */
  readonly reason?: UnknownReason;
  readonly message?: string;
  readonly since: string;
}

export interface FleetSummary {
  readonly clusters: number;
  readonly byVerdict: Readonly<Record<Verdict, number>>;
  readonly byEngine: Readonly<Record<Engine, number>>;
  readonly failuresBySeverity: Readonly<Record<Severity, number>>;
  readonly subscriptions: number;
  readonly unreadableSubscriptions: number;
}

export type ScanOutcome = 'complete' | 'partial';

export interface Fleet extends Missing {
  readonly scanId: string;
  /** RFC 3339: the moment the scan stands for. */
  readonly at: string;
  readonly closedAt: string;
  readonly outcome: ScanOutcome;
  readonly summary: FleetSummary;
  /** Worst first, then by name. */
  readonly clusters: readonly FleetCluster[];
  readonly subscriptions: readonly FleetSubscription[];
}

/** Worst first, then by name: the one order in which clusters are shown. */
export function compareClusters(a: FleetCluster, b: FleetCluster): number {
  return (
    verdictRank(a.verdict) - verdictRank(b.verdict) ||
    severityRank(a.worst ?? 'info') - severityRank(b.worst ?? 'info') ||
    compareText(a.name.toLowerCase(), b.name.toLowerCase()) ||
    compareText(a.id, b.id)
  );
}
