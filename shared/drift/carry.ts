// What cannot be judged now keeps what was last known of it: an outage neither resolves nor announces anything twice.
import type { Finding } from '../model/finding.ts';
import { clusterSubject, compareFindings, findingKey } from '../model/finding.ts';
import type { Result } from '../model/result.ts';

export type Decided = NonNullable<Finding['last']>;

/** @returns the verdict that counts for drift: the finding's own, or the last decided one where it has none now */
export function settled(finding: Finding, result: Pick<Result, 'midOperation'>): Decided | undefined {
  if (finding.verdict === 'unknown' || result.midOperation) return finding.last;
  return { verdict: finding.verdict, severity: finding.severity };
}

/** What was last seen of who reaches whom, outside any operation. */
function keptReach(previous: Result, current: Result): Pick<Result, 'reach'> {
  const reach = current.midOperation ? previous.reach : (current.reach ?? previous.reach);
  return reach ? { reach } : {};
}

const namesEngine = ({ unreadable, engineUnread }: Result): boolean => unreadable === undefined && !engineUnread;

/** @returns engine and plugin as they were last seen; undefined when they never were */
export function settledEngine(result: Result): Result['settled'] {
  if (result.settled) return result.settled;
  return namesEngine(result) ? { engine: result.engine, plugin: result.plugin } : undefined;
}

/**
 * @param previous the result stored before, if any
 * @param current the result as judged now
 * @returns the result to store: unknown findings carry what was decided last, and subjects that could not be looked at stay as unknown
 */
export function carryForward(previous: Result | undefined, current: Result): Result {
  if (!previous) return current;
  const known = new Map(previous.findings.map((finding) => [findingKey(finding), finding]));
  const carried = current.findings.map((finding): Finding => {
    if (finding.verdict !== 'unknown' && !current.midOperation) return finding;
    const before = known.get(findingKey(finding));
    const last = before && settled(before, previous);
    return last ? { ...finding, last } : finding;
  });
  const seen = new Set(carried.map(findingKey));
  const blind = new Map(
    carried.filter((f) => f.verdict === 'unknown' && f.subject === clusterSubject).map((f) => [f.rule, f]),
  );
  for (const before of previous.findings) {
    const cause = blind.get(before.rule);
    if (!cause || seen.has(findingKey(before)) || before.subject === clusterSubject) continue;
    const last = settled(before, previous);
    const { exemption: _exemption, remediation: _remediation, last: _last, ...kept } = before;
    carried.push({
      ...kept,
      verdict: 'unknown',
      reason: cause.reason ?? 'error',
      message: cause.message,
      ...(last ? { last } : {}),
    });
  }
  const settledEngines = namesEngine(current) && !current.midOperation ? undefined : settledEngine(previous);
  return {
    ...current,
    findings: carried.toSorted(compareFindings),
    ...(settledEngines ? { settled: settledEngines } : {}),
    ...keptReach(previous, current),
  };
}
