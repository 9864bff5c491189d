// Whether an exemption that somebody wants may be made.
import { subjectKinds } from '../model/finding.ts';
import { exemptionProblems } from '../rules/exemptions/declared.ts';
import type { NewExemption } from '../alerts/alert-service.ts';

export interface ExemptionLimits {
  readonly now: Date;
  /** The longest time an exemption may run, in days. */
  readonly maxDays: number;
  /** Ids of all rules. */
  readonly ruleIds: readonly string[];
}

/** The longest ARM id of a cluster has about 300 characters; a reason is a paragraph, not an attachment. */
const MOST_CHARS = { cluster: 500, rule: 100, subject: 500, owner: 200, reason: 1000, expires: 50 } as const;
const parts = Object.keys(MOST_CHARS) as readonly (keyof typeof MOST_CHARS)[];

/** @returns what is wrong with it, each as `PART: sentence`; nothing when it may be made */
export function checkExemption(wanted: NewExemption, { now, maxDays, ruleIds }: ExemptionLimits): readonly string[] {
  const tooLong = parts.filter((part) => (wanted[part] ?? '').length > MOST_CHARS[part]);
  if (tooLong.length > 0) return tooLong.map((part) => `${part}: It is longer than ${MOST_CHARS[part]} characters.`);
  const { cluster, rule, subject, owner, reason, expires } = wanted;
  const exemption = { owner, reason, expires, source: '' };
  const wrong = exemptionProblems({ rule, exemption }, { from: now.getTime(), maxDays, ruleIds });
  const problems = wrong.map(({ part, problem }) => `${part}: ${problem}`);
  if (cluster.trim() === '') problems.unshift('cluster: It names no cluster; * means every one.');
  if (subject !== undefined && !mayBeSubject(subject))
    problems.push(`subject: There is none like ${subject || '(empty)'}; there are cluster and ${kindsOfObjects}.`);
  if (Date.parse(expires) <= now.getTime()) problems.push(`expires: The end ${expires} is past.`);
  return problems;
}

const objects = subjectKinds.filter((kind) => kind !== 'cluster');
const kindsOfObjects = objects.map((kind) => `${kind}/…`).join(', ');

/** A pattern that no subject could match would exempt nothing without a word. */
function mayBeSubject(pattern: string): boolean {
  const star = pattern.indexOf('*');
  const fixed = star === -1 ? pattern : pattern.slice(0, star);
  if (star === -1) return pattern === 'cluster' || objects.some((kind) => pattern.startsWith(`${kind}/`));
  return ['cluster', ...objects.map((kind) => `${kind}/`)].some(
    (start) => start.startsWith(fixed) || (start.endsWith('/') && fixed.startsWith(start)),
  );
}
