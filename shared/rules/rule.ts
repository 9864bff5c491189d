// What a rule is: data about itself, and one function from a snapshot to judgements.
import type { Cluster } from '../model/cluster.ts';
import type { Finding, Subject, SubjectKind } from '../model/finding.ts';
import { clusterSubject } from '../model/finding.ts';
import type { InCluster } from '../model/in-cluster.ts';
import type { Severity, UnknownReason } from '../model/verdict.ts';
import type { ExemptionRules } from '../model/exemption.ts';

/** What was read of one cluster in one scan. */
export interface Snapshot {
  readonly cluster: Cluster;
  /** undefined when nobody asked for it: then only the cluster rules are run. */
  readonly inCluster?: InCluster;
  readonly now: Date;
  readonly excludedNamespaces: readonly string[];
  /** Exemptions made elsewhere than on the cluster, and how long any may run; undefined means none, and the usual limit. */
  readonly exemptions?: ExemptionRules;
  /** Ids of all rules: an exemption that names none of them is a mistake. */
  readonly ruleIds?: readonly string[];
}

/** A finding before it is filed under its rule. */
export type Judgement = Omit<Finding, 'rule' | 'exemption' | 'last'>;

export interface Rule {
  /** The name of its file. */
  readonly id: string;
  readonly title: string;
  /** One sentence: why it matters. */
  readonly rationale: string;
  /** What a failure weighs; where it depends on the cluster, the words say on what. */
  readonly severity: Severity | { readonly worst: Severity; readonly depends: string };
  readonly subject: SubjectKind;
  readonly plane: 'cluster' | 'in-cluster';
  /** Requirements of public frameworks that this rule gives evidence for. */
  readonly controls: readonly string[];
  /** Where the facts behind it are documented. */
  readonly references: readonly string[];
  readonly evaluate: (snapshot: Snapshot) => Iterable<Judgement>;
}

/** @returns what a failure of the rule weighs at worst */
export const worstSeverity = (rule: Pick<Rule, 'severity'>): Severity =>
  typeof rule.severity === 'string' ? rule.severity : rule.severity.worst;

type Judge = (severity: Severity, message: string, subject?: Subject) => Judgement;

export const pass: Judge = (severity, message, subject = clusterSubject) => ({
  verdict: 'pass',
  severity,
  message,
  subject,
});

export const notApplicable: Judge = (severity, message, subject = clusterSubject) => ({
  verdict: 'notApplicable',
  severity,
  message,
  subject,
});

export const fail = (
  severity: Severity,
  message: string,
  remediation: string,
  subject: Subject = clusterSubject,
): Judgement => ({ verdict: 'fail', severity, message, remediation, subject });

export const unknown = (
  severity: Severity,
  reason: UnknownReason,
  message: string,
  remediation?: string,
  subject: Subject = clusterSubject,
): Judgement => ({
  verdict: 'unknown',
  severity,
  reason,
  message,
  subject,
  ...(remediation === undefined ? {} : { remediation }),
});
