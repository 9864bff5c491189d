// What is wrong with an exemption: with one that stands somewhere, and with one that somebody wants to make.
import type { ExemptionEntry, NewExemption } from '../../model/exemption.ts';
import { subjectKinds } from '../../model/finding.ts';
import { compilePattern } from '../../model/pattern.ts';

const DAY_MS = 86_400_000;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

export interface ExemptionBounds {
  /** The moment it starts to run, in milliseconds since 1970; a tag does not tell when it was written, and runs from now. */
  readonly from: number;
  /** The longest time it may run, in days. */
  readonly maxDays: number;
  /** Ids of all rules; undefined when they are not to be checked. */
  readonly ruleIds: readonly string[] | undefined;
}

export interface WrongPart {
  readonly part: keyof ExemptionEntry;
  /** One sentence. */
  readonly problem: string;
}

/** @returns why an exemption does not hold; nothing when it is in order, whether it has ended or not */
export function exemptionProblems(
  { rule, owner, reason, expires }: Pick<ExemptionEntry, 'rule' | 'owner' | 'reason' | 'expires'>,
  { from, maxDays, ruleIds }: ExemptionBounds,
): readonly WrongPart[] {
  const end = MOMENT.test(expires) ? Date.parse(expires) : Number.NaN;
  const found: WrongPart[] = [];
  const wrong = (part: WrongPart['part'], when: boolean | undefined, problem: string): void => {
    if (when) found.push({ part, problem });
  };
  wrong('owner', owner.trim() === '', 'It names no owner.');
  wrong('reason', reason.trim() === '', 'It gives no reason.');
  wrong('rule', ruleIds && !ruleIds.some(compilePattern(rule)), `There is no rule ${shortened(rule)}.`);
  wrong('expires', Number.isNaN(end), `Its end ${shortened(expires)} is not a date.`);
  wrong('createdAt', Number.isNaN(from), 'The moment it was made is not a date.');
  const tooLong = end - from > maxDays * DAY_MS;
  wrong('expires', tooLong, `It runs until ${expires}, longer than the ${maxDays} days that are allowed.`);
  return found;
}

const shortened = (text: string): string => text.slice(0, 100) || '(empty)';

/** The longest ARM id of a cluster has about 300 characters; a reason is a paragraph, not an attachment. */
const MOST_CHARS = { cluster: 500, rule: 100, subject: 500, owner: 200, reason: 1000, expires: 50 } as const;
const parts = Object.keys(MOST_CHARS) as readonly (keyof typeof MOST_CHARS)[];

/** @returns why it may not be made, each as `PART: sentence`; nothing when it may */
export function newExemptionProblems(wanted: NewExemption, bounds: ExemptionBounds): readonly string[] {
  const tooLong = parts.filter((part) => (wanted[part] ?? '').length > MOST_CHARS[part]);
  if (tooLong.length > 0) return tooLong.map((part) => `${part}: It is longer than ${MOST_CHARS[part]} characters.`);
  const { cluster, subject, expires } = wanted;
  const problems = exemptionProblems(wanted, bounds).map(({ part, problem }) => `${part}: ${problem}`);
  if (cluster.trim() === '') problems.unshift('cluster: It names no cluster; * means every one.');
  if (subject !== undefined && !mayBeSubject(subject))
    problems.push(`subject: No subject is like ${subject || '(empty)'}: each is cluster or begins with ${beginnings}.`);
  if (Date.parse(expires) <= bounds.from) problems.push(`expires: The end ${expires} has passed.`);
  return problems;
}

const objects = subjectKinds.filter((kind) => kind !== 'cluster');
const beginnings = new Intl.ListFormat('en', { type: 'disjunction' }).format(objects.map((kind) => `${kind}/`));

/** A pattern that no subject can match would exempt nothing, and nobody would notice. */
function mayBeSubject(pattern: string): boolean {
  const star = pattern.indexOf('*');
  const fixed = star === -1 ? pattern : pattern.slice(0, star);
  if (star === -1) return pattern === 'cluster' || objects.some((kind) => pattern.startsWith(`${kind}/`));
  return ['cluster', ...objects.map((kind) => `${kind}/`)].some(
    (start) => start.startsWith(fixed) || (start.endsWith('/') && fixed.startsWith(start)),
  );
}
