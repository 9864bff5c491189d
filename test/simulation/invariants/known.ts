// The oracle: what is known of one cluster, worked out anew from its results as they were stored.
import { createHash } from 'node:crypto';
import type { Finding } from '../../../shared/model/finding.ts';
import { clusterSubject } from '../../../shared/model/finding.ts';
import type { Result } from '../../../shared/model/result.ts';
import type { Severity } from '../../../shared/model/verdict.ts';
import { rules } from '../../../shared/rules/index.ts';

export interface Failure {
  readonly rule: string;
  readonly subject: string;
  readonly verdict: 'fail' | 'exempt';
  readonly severity: Severity;
  readonly message: string;
  /** It was there when this was first looked at: nobody is told. */
  readonly baseline: boolean;
}

type Part = 'cluster' | 'inside' | 'enforced';

export interface Known {
  gone: boolean;
  engine: string | undefined;
  /** By which revision of the catalogue each part was decided last. */
  readonly revisions: Map<Part, number>;
  /** What failed, or was exempt, when it was decided last, by rule and subject. */
  standing: ReadonlyMap<string, Failure>;
  /** The newest result. */
  result: Result | undefined;
}

export const nothingKnown = (gone: boolean): Known => ({
  gone,
  engine: undefined,
  revisions: new Map(),
  standing: new Map(),
  result: undefined,
});

const declared = new Map(rules.map((rule) => [rule.id, rule]));

export const isInCluster = (rule: string): boolean => declared.get(rule)?.plane === 'in-cluster';
const partOf = (rule: string): Part =>
  !isInCluster(rule) ? 'cluster' : declared.get(rule)?.needsEngine ? 'enforced' : 'inside';
export const nameOf = ({ rule, subject }: Pick<Finding, 'rule' | 'subject'>): string => `${rule} ${subject}`;

/** @returns the id of the alert that tells of a failure, as people type it: three characters of its cluster, nine of what it is about */
export const alertOf = (clusterId: string, { rule, subject }: Pick<Failure, 'rule' | 'subject'>): string =>
  [clusterId, `${clusterId}|rule|${rule}|${subject}`]
    .map((text, index) => createHash('sha256').update(text).digest('hex').slice(0, [3, 9][index]))
    .join('');

/** What a result can decide: nothing inside without sight, and nothing of policies without an engine. */
function decidedBy({ findings, engine }: Result): ReadonlySet<Part> {
  const sight = findings.find(({ rule }) => rule === 'auditor-visibility');
  if (!sight || (sight.verdict === 'unknown' && sight.reason !== 'crd-forbidden')) return new Set(['cluster']);
  return new Set(engine === 'none' ? ['cluster', 'inside'] : ['cluster', 'inside', 'enforced']);
}

/** Takes a result into what is known. @returns what that changes, a few words each */
export function follow(known: Known, result: Result): string[] {
  known.result = result;
  if (result.midOperation || result.unreadable) return [];
  const changes: string[] = [];
  // Where the owner brings the CNI, ARM names no engine: nothing is known to have changed.
  if (!result.engineUnread) {
    if (known.engine !== undefined && known.engine !== result.engine) changes.push('engine-changed');
    known.engine = result.engine;
  }
  const before = known.standing;
  const after = standingAfter(known, result);
  for (const [name, { verdict, baseline }] of after) {
    const old = before.get(name);
    if (verdict === 'fail' && old?.verdict !== 'fail' && !baseline)
      changes.push(`${old ? 'exemption-expired' : 'new-failure'} ${name}`);
  }
  for (const [name, { verdict }] of before)
    if (verdict === 'fail' && after.get(name)?.verdict !== 'fail') changes.push(`resolved ${name}`);
  known.standing = after;
  for (const part of decidedBy(result)) known.revisions.set(part, Number.parseInt(result.catalogue, 10));
  return changes;
}

function standingAfter({ standing, revisions }: Known, result: Result): Map<string, Failure> {
  const decided = decidedBy(result);
  const unknown = result.findings.filter(({ verdict }) => verdict === 'unknown');
  const blind = new Set(unknown.filter(({ subject }) => subject === clusterSubject).map(({ rule }) => rule));
  const unseen = new Set(unknown.map(nameOf));
  const isHeld = (rule: string): boolean => !decided.has(partOf(rule)) || blind.has(rule);
  const isBaseline = (rule: string): boolean =>
    (declared.get(rule)?.since ?? 1) > (revisions.get(partOf(rule)) ?? Number.NEGATIVE_INFINITY);
  const kept = [...standing].filter(([name, { rule }]) => isHeld(rule) || unseen.has(name));
  const found = result.findings.flatMap(({ rule, subject, verdict, severity, message }): [string, Failure][] => {
    if (isHeld(rule) || (verdict !== 'fail' && verdict !== 'exempt')) return [];
    const name = nameOf({ rule, subject });
    const old = standing.get(name);
    const baseline = old?.verdict === 'fail' ? old.baseline : isBaseline(rule);
    return [[name, { rule, subject, verdict, severity, message, baseline }]];
  });
  return new Map([...kept, ...found]);
}
