// What stands: the failures and exemptions of a cluster as they were decided last, whatever stands in the way of deciding them now.
import type { Finding } from '../model/finding.ts';
import { clusterSubject, compareText, findingKey } from '../model/finding.ts';
import type { Decided, Part, Result, Standing } from '../model/result.ts';
import { parts } from '../model/result.ts';
import type { Severity } from '../model/verdict.ts';
import { severities } from '../model/verdict.ts';
import { revisionOf, ruleThatTells, rules } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';

type RuleFacts = Pick<Rule, 'plane' | 'needsEngine' | 'since'>;
const known = new Map<string, RuleFacts>(rules.map((rule) => [rule.id, rule]));
/** A rule of another version of the catalogue. */
const stranger: RuleFacts = { plane: 'cluster' };

/** @returns the part of a cluster that the rule judges */
export function partOf(rule: string): Part {
  const { plane, needsEngine } = known.get(rule) ?? stranger;
  return plane === 'cluster' ? 'cluster' : needsEngine ? 'enforced' : 'inside';
}

/**
 * @returns true when the part can be decided by this result: what is seen in the middle of an operation passes, what cannot be
 * looked at is not known, and without an engine every workload fails for one reason, which is told as one
 */
function isDecided(result: Result, part: Part): boolean {
  if (result.unreadable || result.midOperation) return false;
  if (part === 'cluster') return true;
  const { id } = ruleThatTells('visibility');
  const sight = result.findings.find(({ rule }) => rule === id);
  // Who may not read the policies of some kinds sees the inside all the same.
  if (sight?.verdict === 'unknown' && sight.reason !== 'crd-forbidden') return false;
  return part === 'inside' || result.engine !== 'none';
}

/** @returns by which revision of the catalogue each part was decided last, up to this result; also of results stored before that was kept */
export function decidedParts(result: Result): Decided {
  if (result.decided) return result.decided;
  const remembered = result.findings.filter(({ last }) => last).map(({ rule }) => partOf(rule));
  // Who reaches whom is kept from the last time that somebody looked inside.
  if (result.reach) remembered.push('inside');
  return { ...asOf(result, remembered), ...decidedNow(result) };
}

const decidedNow = (result: Result): Decided =>
  asOf(
    result,
    parts.filter((part) => isDecided(result, part)),
  );

const asOf = ({ catalogue }: Result, decided: readonly Part[]): Decided =>
  Object.fromEntries(decided.map((part) => [part, revisionOf(catalogue)]));

/** @returns the same after another result */
export const decidedAfter = (before: Decided, current: Result): Decided => ({
  ...before,
  ...decidedNow(current),
});

/** @returns true when the rule judged this cluster before, and judged it the same way */
export function hasPast(decided: Decided, rule: string): boolean {
  const revision = decided[partOf(rule)];
  return revision !== undefined && (known.get(rule)?.since ?? 1) <= revision;
}

const standingIn = (findings: readonly Finding[]): readonly Standing[] =>
  findings.flatMap(({ rule, subject, verdict, severity, last }) => {
    // `last` is how results were stored before: each unknown finding kept its own past.
    const decided = last ?? { verdict, severity };
    return decided.verdict === 'fail' || decided.verdict === 'exempt'
      ? [{ rule, subject, verdict: decided.verdict, severity: decided.severity }]
      : [];
  });

/** @returns what stands after this result, by the keys of findings */
export function standingOf(result: Result): ReadonlyMap<string, Standing> {
  const standing = result.standing ?? standingIn(result.findings);
  return new Map(standing.map((one) => [findingKey(one), one]));
}

/**
 * @param before what stood until now
 * @returns what stands after a result that was just judged: what it decides, and of the rest what stood before
 */
export function standingAfter(before: ReadonlyMap<string, Standing>, current: Result): readonly Standing[] {
  const isOpen = new Map(parts.map((part) => [part, !isDecided(current, part)]));
  // A rule that could not look at anything says so once, about the cluster.
  const blind = new Set(
    current.findings.filter((f) => f.verdict === 'unknown' && f.subject === clusterSubject).map(({ rule }) => rule),
  );
  const isHeld = (rule: string): boolean => isOpen.get(partOf(rule)) === true || blind.has(rule);
  const now = current.findings.filter(({ rule, verdict }) => !isHeld(rule) && verdict !== 'unknown');
  const unknown = new Set(current.findings.filter(({ verdict }) => verdict === 'unknown').map(findingKey));
  const kept = [...before.values()].filter((one) => isHeld(one.rule) || unknown.has(findingKey(one)));
  return [...standingIn(now), ...kept].toSorted(
    (a, b) => compareText(a.rule, b.rule) || compareText(a.subject, b.subject),
  );
}

export interface Failing {
  /** The worst of what fails; `info` when nothing does. */
  readonly severity: Severity;
  /** `It fails a, b.`; empty when nothing fails. */
  readonly sentence: string;
}

/** @returns what fails, as one: of the whole cluster, or of some parts of it */
export function failingOf(result: Result, of: readonly Part[] = parts): Failing {
  const failing = [...standingOf(result).values()].filter(
    ({ rule, verdict }) => verdict === 'fail' && of.includes(partOf(rule)),
  );
  const ids = [...new Set(failing.map(({ rule }) => rule))];
  return {
    severity: severities.find((one) => failing.some(({ severity }) => severity === one)) ?? 'info',
    sentence: ids.length === 0 ? '' : `It fails ${ids.join(', ')}.`,
  };
}
