// What a rule is: data about itself, and one function from a snapshot to judgements.
import type { Cluster } from '../model/cluster.ts';
import type { Finding, Subject, SubjectKind } from '../model/finding.ts';
import { clusterSubject } from '../model/finding.ts';
import type { InCluster } from '../model/in-cluster.ts';
import type { Severity, UnknownReason } from '../model/verdict.ts';
import { severities } from '../model/verdict.ts';
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

/** A finding before it is filed under its rule. Without a severity it weighs what a failure of the rule weighs at worst. */
export type Judgement = Omit<Finding, 'rule' | 'severity' | 'exemption' | 'last'> & Partial<Pick<Finding, 'severity'>>;

export interface Rule {
  /** The name of its file. */
  readonly id: string;
  /** What holds where it passes. */
  readonly title: string;
  /** What is said of a subject that fails, after its name: `web/open in shop-prod admits everyone on every port`. */
  readonly failing: string;
  /** One sentence: why it matters. */
  readonly rationale: string;
  /** What a failure weighs: always the same, or each severity with when it applies, worst first. */
  readonly severity: Severity | Readonly<Partial<Record<Severity, string>>>;
  readonly subject: SubjectKind;
  readonly plane: 'cluster' | 'in-cluster';
  /** It judges what an engine enforces: while none is on, what it finds follows from that, and is not news of its own. */
  readonly needsEngine?: true;
  /** The revision of the catalogue in which it came, or last began to judge differently; the first when left out. */
  readonly since?: number;
  /** Requirements of public frameworks that this rule gives evidence for. */
  readonly controls: readonly string[];
  /** Where the facts behind it are documented. */
  readonly references: readonly string[];
  /** What others look up in its findings: whether an engine is on, or whether Bulkhead can look inside the cluster. One rule tells each. */
  readonly tells?: 'engine' | 'visibility';
  /** No exemption covers its failures. */
  readonly neverExempt?: true;
  /** It needs no ARM body: a folder of manifests alone is judged by it too, although its findings are about the cluster. */
  readonly needsNoBody?: true;
  readonly evaluate: (snapshot: Snapshot) => Iterable<Judgement>;
}

/** @returns what a failure of the rule may weigh, worst first */
export const severitiesOf = ({ severity }: Pick<Rule, 'severity'>): readonly Severity[] =>
  typeof severity === 'string' ? [severity] : severities.filter((one) => one in severity);

/** @returns what a failure of the rule weighs at worst */
export const worstSeverity = (rule: Pick<Rule, 'severity'>): Severity => severitiesOf(rule)[0]!;

/** @returns for instance `high`, or `high (ingress); low (egress alone)` */
export function severityInWords(rule: Pick<Rule, 'severity'>): string {
  const { severity } = rule;
  if (typeof severity === 'string') return severity;
  return severitiesOf(rule)
    .map((one) => `${one} (${severity[one]})`)
    .join('; ');
}

/** @returns a judgement filed under its rule */
export const toFinding = (rule: Rule, { verdict, ...judgement }: Judgement): Finding => ({
  rule: rule.id,
  verdict,
  severity: worstSeverity(rule),
  ...judgement,
});

/**
 * What a rule can say.
 * @param severity what it weighs, where that is not the worst that the rule declares
 * @returns one function for each verdict on the subject
 */
export const about = (subject: Subject, severity?: Severity) => {
  const weight = severity === undefined ? {} : { severity };
  return {
    pass: (message: string): Judgement => ({ verdict: 'pass', ...weight, message, subject }),
    notApplicable: (message: string): Judgement => ({ verdict: 'notApplicable', ...weight, message, subject }),
    /** @param remediation commands or a manifest that make it pass, for this very subject */
    fail: (message: string, remediation: string): Judgement => ({
      verdict: 'fail',
      ...weight,
      message,
      remediation,
      subject,
    }),
    unknown: (reason: UnknownReason, message: string, remediation?: string): Judgement => ({
      verdict: 'unknown',
      ...weight,
      reason,
      message,
      subject,
      ...(remediation === undefined ? {} : { remediation }),
    }),
  };
};

/** The same about the cluster. */
export const { pass, notApplicable, fail, unknown } = about(clusterSubject);

/** Unknown because nobody can expect an export or a folder of manifests to tell it: that must not decide the cluster's verdict, hence `info`. */
export const { unknown: notGiven } = about(clusterSubject, 'info');
