// The exemptions that speak of a cluster: written in its tags, in annotations of its namespaces and policies, or made over the API or in chat.
import type { Exemption, ExemptionEntry, ExemptionRules } from '../../model/exemption.ts';
import { EXEMPT_ANNOTATION, USUAL_MAX_DAYS } from '../../model/exemption.ts';
import type { Subject } from '../../model/finding.ts';
import { clusterSubject } from '../../model/finding.ts';
import { shellComment } from '../../model/shell.ts';
import { refName } from '../../network/objects.ts';
import { exemptionProblems } from './problems.ts';
import type { ExemptionText } from './sentence.ts';
import { parseExemptionText } from './sentence.ts';
import { compilePattern } from '../../model/pattern.ts';
import type { Snapshot } from '../rule.ts';

/** Azure tag names are compared in any case; `bulkhead-exempt-2` and the like give room beyond the 256 characters of one value. */
const TAG = /^bulkhead-exempt(-[a-z0-9]{1,20})?$/i;

const REWRITE = shellComment(
  'Write it as: RULE[,RULE] until YYYY-MM-DD by OWNER because REASON. Separate several with ;',
);

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
  /** How, as a comment in a shell. */
  readonly remedy: string;
}

export interface Declared {
  /** Those that hold now. */
  readonly active: readonly DeclaredExemption[];
  readonly expired: readonly DeclaredExemption[];
  readonly problems: readonly ExemptionProblem[];
}

/** @returns every exemption that speaks of the cluster; what is malformed is a problem, and exempts nothing */
export function declaredExemptions(snapshot: Snapshot): Declared {
  const { now, exemptions = { entries: [], maxDays: USUAL_MAX_DAYS } as ExemptionRules } = snapshot;
  const all: DeclaredExemption[] = [];
  const problems: ExemptionProblem[] = [];
  const { maxDays, zone = 'UTC' } = exemptions;
  const take = (found: DeclaredExemption, from: number, blame: Omit<ExemptionProblem, 'message'>): void => {
    const [wrong] = exemptionProblems(
      { rule: found.rule, ...found.exemption },
      { from, maxDays, ruleIds: snapshot.ruleIds },
    );
    if (wrong) problems.push({ ...blame, message: wrong.problem });
    else all.push(found);
  };

  for (const { source, subject, text, within } of sourcesOf(snapshot)) {
    const blame = { subject, place: source, remedy: REWRITE };
    for (const entry of parseExemptionText(text, zone))
      if ('problem' in entry) problems.push({ ...blame, message: entry.problem });
      else for (const found of toDeclared(entry, source, within)) take(found, now.getTime(), blame);
  }
  for (const entry of exemptions.entries) {
    if (!speaksOf(entry, snapshot)) continue;
    const { rule, subject = '*', owner, reason, expires, createdBy } = entry;
    const source = `entry ${entry.id} by ${createdBy}`;
    const remedy = shellComment(`End exemption ${entry.id} (in chat: unexempt ${entry.id}), then make it again.`);
    const blame = { subject: clusterSubject, place: source, remedy };
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
  const matches = compilePattern(pattern.toLowerCase());
  return matches(cluster.id) || matches(cluster.name.toLowerCase());
}
