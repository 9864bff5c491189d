// Exemptions: failures that somebody has accepted, with owner, reason and expiry. Read from tags, annotations and entries given as data.
import type { Exemption, Subject } from '../model/finding.ts';
import { clusterSubject } from '../model/finding.ts';
import { refName } from '../network/objects.ts';
import type { ExemptionText } from './exemption-text.ts';
import { parseExemptionText } from './exemption-text.ts';
import { isPattern } from './pattern.ts';
import type { Snapshot } from './rule.ts';

/** Azure tag names are compared in any case; `bulkhead-exempt-2` and the like give room beyond the 256 characters of one value. */
const TAG = /^bulkhead-exempt(-[a-z0-9]{1,20})?$/i;
export const EXEMPT_ANNOTATION = 'bulkhead.io/exempt';

/** An exemption that was made over the API or in chat. Patterns may hold `*`. */
export interface ExemptionEntry {
  readonly id: string;
  /** Pattern of the ARM id or the name of clusters. */
  readonly cluster: string;
  readonly rule: string;
  /** Pattern of subjects; every subject when absent. */
  readonly subject?: string;
  readonly owner: string;
  readonly reason: string;
  /** RFC 3339. */
  readonly expires: string;
  readonly createdBy: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** What an exemption covers, and what is kept with a finding under it. */
export interface DeclaredExemption {
  readonly rule: string;
  /** Pattern of subjects. */
  readonly subject: string;
  /** Covers what belongs to this namespace only. */
  readonly namespace?: string;
  readonly exemption: Exemption;
}

export interface ExemptionProblem {
  readonly subject: Subject;
  readonly message: string;
  /** Where it is to be corrected. */
  readonly place: string;
}

export interface Declared {
  /** Those that hold now. */
  readonly active: readonly DeclaredExemption[];
  readonly expired: readonly DeclaredExemption[];
  readonly problems: readonly ExemptionProblem[];
}

export interface ExemptionRules {
  readonly entries: readonly ExemptionEntry[];
  /** The longest time an exemption may run, in days. */
  readonly maxDays: number;
}

/** The setting's own default, for who passes none. */
export const DEFAULT_MAX_DAYS = 365;
const DAY_MS = 86_400_000;

/** @returns every exemption that speaks of the cluster; what is malformed is a problem, and exempts nothing */
export function declaredExemptions(snapshot: Snapshot): Declared {
  const { now, exemptions = { entries: [], maxDays: DEFAULT_MAX_DAYS } } = snapshot;
  const all: DeclaredExemption[] = [];
  const problems: ExemptionProblem[] = [];
  const longest = exemptions.maxDays * DAY_MS;
  const take = (found: DeclaredExemption, from: number, blame: Omit<ExemptionProblem, 'message'>): void => {
    const problem = findProblem(found, from, longest, snapshot.ruleIds);
    if (problem) problems.push({ ...blame, message: problem });
    else all.push(found);
  };

  for (const { source, subject, text, within } of sourcesOf(snapshot)) {
    const blame = { subject, place: source };
    for (const entry of parseExemptionText(text))
      if ('problem' in entry) problems.push({ ...blame, message: entry.problem });
      else for (const found of toDeclared(entry, source, within)) take(found, now.getTime(), blame);
  }
  for (const entry of exemptions.entries) {
    if (!speaksOf(entry, snapshot)) continue;
    const { rule, subject = '*', owner, reason, expires, createdBy } = entry;
    const source = `entry ${entry.id} by ${createdBy}`;
    const blame = { subject: clusterSubject, place: source };
    take({ rule, subject, exemption: { owner, reason, expires, source } }, Date.parse(entry.createdAt), blame);
  }
  const holds = ({ exemption }: DeclaredExemption): boolean => Date.parse(exemption.expires) > now.getTime();
  return { active: all.filter(holds), expired: all.filter((found) => !holds(found)), problems };
}

interface Source {
  readonly source: string;
  readonly subject: Subject;
  readonly text: string;
  readonly within: Pick<DeclaredExemption, 'subject' | 'namespace'>;
}

function* sourcesOf({ cluster, inCluster }: Snapshot): Iterable<Source> {
  for (const [name, text] of Object.entries(cluster.tags))
    if (TAG.test(name)) yield { source: `tag ${name}`, subject: clusterSubject, text, within: { subject: '*' } };
  if (inCluster?.status !== 'read') return;
  for (const { name, annotations } of inCluster.objects.namespaces) {
    const text = annotations[EXEMPT_ANNOTATION];
    const within = { subject: '*', namespace: name };
    if (text !== undefined)
      yield { source: `annotation on namespace ${name}`, subject: `namespace/${name}`, text, within };
  }
  for (const policy of inCluster.objects.policies) {
    const text = policy.annotations[EXEMPT_ANNOTATION];
    const subject = `policy/${refName(policy)}`;
    if (text !== undefined)
      yield { source: `annotation on policy ${refName(policy)}`, subject, text, within: { subject } };
  }
}

const toDeclared = (
  { rules, namespace, owner, reason, expires }: ExemptionText,
  source: string,
  within: Source['within'],
): DeclaredExemption[] =>
  rules.map((rule) => ({
    rule,
    ...(namespace === undefined ? {} : { namespace }),
    ...within,
    exemption: { owner, reason, expires, source },
  }));

function speaksOf({ cluster: pattern }: ExemptionEntry, { cluster }: Snapshot): boolean {
  const matches = isPattern(pattern.toLowerCase());
  return matches(cluster.id) || matches(cluster.name.toLowerCase());
}

/** @param from the moment it starts to run, in milliseconds; a tag has no moment of its own and runs from now */
function findProblem(
  { rule, exemption }: DeclaredExemption,
  from: number,
  longest: number,
  ruleIds: readonly string[] | undefined,
): string | undefined {
  const { owner, reason, expires } = exemption;
  if (owner.trim() === '') return 'It names no owner.';
  if (reason.trim() === '') return 'It gives no reason.';
  if (ruleIds && !ruleIds.some(isPattern(rule))) return `There is no rule ${rule || '(empty)'}.`;
  const end = Date.parse(expires);
  if (Number.isNaN(end)) return `Its end ${expires} is no date.`;
  if (Number.isNaN(from)) return 'The moment it was made is no date.';
  if (end - from > longest)
    return `It runs until ${expires}, longer than the ${longest / DAY_MS} days that are allowed.`;
  return undefined;
}
