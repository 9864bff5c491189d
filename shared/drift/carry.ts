// What cannot be judged now keeps the last verdict that was known: an outage neither resolves anything nor announces it twice.
import type { Finding } from '../model/finding.ts';
import { clusterSubject, compareFindings, findingKey } from '../model/finding.ts';
import type { Result, Standing } from '../model/result.ts';
import { decidedAfter, decidedParts, standingAfter, standingOf } from './standing.ts';

/** Who reaches whom, as last seen outside any operation. */
function keptReach(previous: Result, current: Result): Pick<Result, 'reach'> {
  const reach = current.midOperation ? previous.reach : (current.reach ?? previous.reach);
  return reach ? { reach } : {};
}

/** In the middle of an operation the engine may be halfway to another one. */
const namesEngine = ({ unreadable, engineUnread, midOperation }: Result): boolean =>
  unreadable === undefined && !engineUnread && !midOperation;

/** @returns engine and plugin as they were last seen outside any operation; undefined when they never were */
export function settledEngine(result: Result): Result['settled'] {
  if (result.settled) return result.settled;
  return namesEngine(result) ? { engine: result.engine, plugin: result.plugin } : undefined;
}

/**
 * @param previous the result stored before, if any
 * @param current the result as judged now
 * @returns the result to store: with what stands where its findings do not say so themselves, and with the subjects that could not
 *   be looked at, as unknown
 */
export function carryForward(previous: Result | undefined, current: Result): Result {
  // What an unreadable result took over from the one before is worked out anew.
  const { standing: _standing, decided: _decided, ...judged } = current;
  const findings = [...current.findings, ...(previous ? unseen(previous, current) : [])].toSorted(compareFindings);
  const standing = standingAfter(previous ? standingOf(previous) : new Map(), current);
  const settled = previous && !namesEngine(current) ? settledEngine(previous) : undefined;
  return {
    ...judged,
    findings,
    ...(isTold(findings, standing) ? {} : { standing }),
    decided: decidedAfter(previous ? decidedParts(previous) : {}, current),
    ...(settled ? { settled } : {}),
    ...(previous ? keptReach(previous, current) : {}),
  };
}

/** Subjects of rules that could not look at anything now: nobody knows what became of them. */
function unseen(previous: Result, current: Result): readonly Finding[] {
  const seen = new Set(current.findings.map(findingKey));
  const blind = new Map(
    current.findings.filter((f) => f.verdict === 'unknown' && f.subject === clusterSubject).map((f) => [f.rule, f]),
  );
  return previous.findings.flatMap((before): Finding[] => {
    const cause = blind.get(before.rule);
    if (!cause || seen.has(findingKey(before)) || before.subject === clusterSubject) return [];
    const { exemption: _exemption, remediation: _remediation, last: _last, ...kept } = before;
    return [{ ...kept, verdict: 'unknown', reason: cause.reason ?? 'error', message: cause.message }];
  });
}

/** The findings say it themselves: most results need no more. */
function isTold(findings: readonly Finding[], standing: readonly Standing[]): boolean {
  const text = ({ rule, subject, verdict, severity }: Pick<Finding, 'rule' | 'subject' | 'verdict' | 'severity'>) =>
    `${rule} ${subject} ${verdict} ${severity}`;
  const said = new Set(findings.filter(({ verdict }) => verdict === 'fail' || verdict === 'exempt').map(text));
  return said.size === standing.length && standing.every((one) => said.has(text(one)));
}
