// What one scan found out about one cluster, and what changed since the scan before.
import type { Exemption } from './exemption.ts';
import type { Finding, Subject } from './finding.ts';
import type { ReachSnapshot } from '../network/reach-snapshot.ts';
import type { Engine, Severity, UnknownReason, Verdict } from './verdict.ts';
import { verdicts } from './verdict.ts';

export type VerdictCounts = Readonly<Record<Verdict, number>>;

/** All findings of one cluster in one scan, plus its summary. */
export interface Result {
  readonly clusterId: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly engine: Engine;
  /** Lower-cased ARM networkPlugin, `''` when absent. */
  readonly plugin: string;
  readonly kubernetesVersion: string;
  readonly nodes?: number;
  /** The cluster was in the middle of an operation: its values are shown, but raise no drift. */
  readonly midOperation: boolean;
  readonly verdict: Verdict;
  /** Why it could not be judged, when the whole cluster could not be looked at. */
  readonly unreadable?: { readonly reason: UnknownReason; readonly message: string };
  /** In the one order of compareFindings. */
  readonly findings: readonly Finding[];
  /** How many findings of each verdict are not here, because not all fit: the least important ones. */
  readonly leftOut?: VerdictCounts;
  /** Share of ordered pod pairs that can talk, 0 to 1; undefined when pods could not be read. */
  readonly exposure?: number;
  /** The same by namespace: the share of pairs into its pods that can talk. */
  readonly namespaceExposure?: Readonly<Record<string, number>>;
  /** Who reaches whom; undefined when pods could not be read and never were. */
  readonly reach?: ReachSnapshot;
  /** Version of the rule catalogue that judged; a new one is not drift of the cluster. */
  readonly catalogue: string;
  /** The ARM body names engine and plugin in a way that cannot be understood: what it says now is not a change of them. */
  readonly engineUnread?: boolean;
  /** Engine and plugin as they were last seen outside an operation. The next scan is compared with them when this one is in the middle of an operation or does not tell them. */
  readonly settled?: { readonly engine: Engine; readonly plugin: string };
  /**
   * What failed or was exempt when it was last decided, where the findings do not tell: something could not be looked at, the
   * cluster was in the middle of an operation, or had no engine. In order of rule and subject.
   */
  readonly standing?: readonly Standing[];
  /** By which revision of the catalogue each part was decided last; a part that never was is absent. */
  readonly decided?: Decided;
  /** ARM confirmed by 404 that the cluster no longer exists. */
  readonly gone?: boolean;
}

/** A failure, or a failure that somebody accepted, as it was decided last. */
export interface Standing {
  readonly rule: string;
  readonly subject: Subject;
  readonly verdict: 'fail' | 'exempt';
  readonly severity: Severity;
}

/** What may be out of sight by itself: the ARM body, the inside of the cluster, and what its engine makes of the policies there. */
export const parts = ['cluster', 'inside', 'enforced'] as const;
export type Part = (typeof parts)[number];
export type Decided = Readonly<Partial<Record<Part, number>>>;

export const driftKinds = [
  'cluster-appeared',
  'cluster-gone',
  'new-failure',
  'resolved',
  'engine-changed',
  'plugin-changed',
  'visibility-lost',
  'visibility-regained',
  'first-sight',
  'reach-changed',
  'exemption-expired',
  'subscription-lost',
  'subscription-regained',
] as const;
export type DriftKind = (typeof driftKinds)[number];

/** A change between two results worth telling. */
export interface DriftEvent {
  /** Unique and the same when the same change is computed again: scan, kind, rule and subject. */
  readonly id: string;
  readonly kind: DriftKind;
  readonly scanId: string;
  /** RFC 3339 moment of the scan that saw it. */
  readonly at: string;
  readonly subscriptionId: string;
  /** Empty for a change of the subscription itself. */
  readonly clusterId: string;
  readonly clusterName: string;
  readonly resourceGroup: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly rule?: string;
  readonly subject?: string;
  readonly severity: Severity;
  /** One headline for people, for instance `Network policy was switched off on shop-prod`. */
  readonly title: string;
  /** What fails, without how it stands now: `web/open[NetworkPolicy] in shop-prod admits everyone on every port`. Absent where it is about no rule, and in rows of older versions. */
  readonly topic?: string;
  /** The finding's message, or what was before and is now. */
  readonly detail: string;
  readonly remediation?: string;
  /** Of a failure that ended because somebody accepted it. */
  readonly exemption?: Exemption;
}

/** @returns how many findings have each verdict */
export function countVerdicts(findings: readonly Pick<Finding, 'verdict'>[]): VerdictCounts {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const finding of findings) counts[finding.verdict]++;
  return counts;
}

/**
 * The verdict of a cluster: fail when any rule fails, else unknown when any could not be judged, else exempt, else pass.
 * `info` findings do not decide: they tell what the auditor may see, not whether the cluster is in order.
 */
export function overallVerdict(findings: readonly Pick<Finding, 'verdict' | 'severity'>[]): Verdict {
  const decisive = new Set(findings.filter((f) => f.severity !== 'info').map((f) => f.verdict));
  return (['fail', 'unknown', 'exempt', 'pass'] as const).find((verdict) => decisive.has(verdict)) ?? 'unknown';
}
