// A finding is the verdict of one rule on one subject.
import type { Exemption } from './exemption.ts';
import type { Severity, UnknownReason, Verdict } from './verdict.ts';
import { severityRank, verdictRank } from './verdict.ts';

/** `cluster`, `namespace/NS`, `policy/NS/NAME[Kind]`, `workload/NS/NAME[Kind]` or `service/NS/NAME`. Computed from meaning, never from wording. */
export type Subject = string;
export const clusterSubject: Subject = 'cluster';

export const subjectKinds = ['cluster', 'namespace', 'policy', 'workload', 'service'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

export interface Finding {
  readonly rule: string;
  readonly subject: Subject;
  readonly verdict: Verdict;
  readonly severity: Severity;
  /** One sentence for people. May quote names that come from a cluster: escape it where it is shown. */
  readonly message: string;
  /** Present exactly when the verdict is `unknown`. */
  readonly reason?: UnknownReason;
  /** The commands or manifest that would make it pass, for this very object. */
  readonly remediation?: string;
  /** Present exactly when the verdict is `exempt`. */
  readonly exemption?: Exemption;
  /** Only in results that older versions stored: the last verdict that was decided, while this one is unknown. */
  readonly last?: { readonly verdict: Verdict; readonly severity: Severity };
}

/** The identity of a finding within its cluster: rule and subject. */
export const findingKey = (finding: Pick<Finding, 'rule' | 'subject'>): string => `${finding.rule} ${finding.subject}`;

/** @returns the kind of thing a subject names */
export function subjectKind(subject: Subject): SubjectKind {
  const slash = subject.indexOf('/');
  return (slash === -1 ? subject : subject.slice(0, slash)) as SubjectKind;
}

/** @returns the subject as cards print it: `NS`, `NS/NAME` or `NS/NAME[Kind]`, without the word before it; `NAME[Kind]` for what has no namespace */
export const shortSubject = (subject: Subject): string => subject.slice(subject.indexOf('/') + 1).replace(/^\//, '');

/** @returns where a subject is: `web/open[NetworkPolicy] in shop`, or the cluster's name for the cluster itself */
export const placeIn = (subject: Subject, clusterName: string): string =>
  subject === clusterSubject ? clusterName : `${shortSubject(subject)} in ${clusterName}`;

/**
 * @param failing what the rule says of a subject that fails it
 * @returns the sentence about the object that fails, the same on cards, in digests and over HTTP: `web/open[NetworkPolicy] in shop admits everyone on every port`
 */
export const failureSentence = (
  { rule, subject }: Pick<Finding, 'rule' | 'subject'>,
  clusterName: string,
  failing = `fails ${rule}`,
): string => `${placeIn(subject, clusterName)} ${failing}`;

/** @returns the ways in which people write a subject: whole, as cards print it, and each of the two without its kind */
export function subjectNames(subject: Subject): readonly string[] {
  const names = [subject, shortSubject(subject)];
  return [...new Set([...names, ...names.map((name) => name.replace(/\[[^\]]*\]$/, ''))])];
}

/** @returns those that a person means: the one of that very name, or else all that are called so; upper and lower case are the same */
export function subjectsMeant(all: readonly Subject[], wanted: string): readonly Subject[] {
  const text = wanted.toLowerCase();
  const found = all.filter((subject) => subjectNames(subject.toLowerCase()).includes(text));
  const exact = found.find((subject) => subject.toLowerCase() === text);
  return exact === undefined ? found : [exact];
}

/** @returns the namespace a subject belongs to; undefined for the cluster and for objects without one */
export function subjectNamespace(subject: Subject): string | undefined {
  const [kind, first, second] = subject.split('/');
  if (kind === 'namespace') return first;
  return second === undefined ? undefined : first;
}

type Ranked = Pick<Finding, 'verdict' | 'severity' | 'rule' | 'subject'>;

/** Orders findings worst first, then by rule and subject: the one order in which they are always shown. */
export function compareFindings(a: Ranked, b: Ranked): number {
  return (
    verdictRank(a.verdict) - verdictRank(b.verdict) ||
    severityRank(a.severity) - severityRank(b.severity) ||
    compareText(a.rule, b.rule) ||
    compareText(a.subject, b.subject)
  );
}

/** Orders text by code unit, the same on every machine and locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
