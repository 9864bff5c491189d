// Any result fits: what a cluster holds beyond these bounds is left out, the least important first, and counted.
import { clip } from './clip.ts';
import type { Finding } from './finding.ts';
import { compareFindings } from './finding.ts';
import type { DriftEvent, Result, VerdictCounts } from './result.ts';
import { countVerdicts } from './result.ts';

const MIB = 1024 * 1024;
/**
 * Bytes of JSON before compression. Together they are below what the store holds for one body, however little it compresses. Of a
 * cluster with 10,000 workloads every finding fits.
 */
export const resultBounds = {
  findings: 14 * MIB,
  standing: 3 * MIB,
  reach: 5 * MIB,
  namespaceExposure: MIB,
  events: 8 * MIB,
  /** Characters of one sentence, and of one remedy: a longer one would be no use in part. */
  message: 4_000,
  remediation: 64_000,
} as const;

const bytesOf = (data: unknown): number => Buffer.byteLength(JSON.stringify(data));

/** @returns the first items that fit into so many bytes of JSON */
function firstThatFit<T>(items: readonly T[], most: number): readonly T[] {
  let bytes = 2;
  const end = items.findIndex((item) => (bytes += bytesOf(item) + 1) > most);
  return end === -1 ? items : items.slice(0, end);
}

/**
 * @param result its findings in the one order of compareFindings: worst first, so that passes are left out before failures
 * @returns the same result where it fits, or else what does, with `leftOut` counting the findings that do not
 */
export function fitResult(result: Result): Result {
  const findings = firstThatFit(result.findings.map(fitFinding), resultBounds.findings);
  const { reach, namespaceExposure, ...rest } = { ...result, findings };
  const isLong = (data: unknown, most: number): boolean => data !== undefined && bytesOf(data) > most;
  const lost = result.findings.slice(findings.length);
  const longReach = isLong(reach, resultBounds.reach);
  const longExposure = isLong(namespaceExposure, resultBounds.namespaceExposure);
  const longStanding = isLong(result.standing, resultBounds.standing);
  // Where it all fits it stays as it is, down to the order of its properties: results are compared as text.
  if (lost.length === 0 && !longReach && !longExposure && !longStanding) return { ...result, findings };
  return {
    ...rest,
    ...(reach && !longReach ? { reach } : {}),
    ...(namespaceExposure && !longExposure ? { namespaceExposure } : {}),
    ...(result.standing ? { standing: firstThatFit(result.standing, resultBounds.standing) } : {}),
    ...(lost.length > 0 ? { leftOut: countAll({ ...result, findings: lost }) } : {}),
  };
}

function fitFinding(finding: Finding): Finding {
  const { message, remediation } = finding;
  const isLong = remediation !== undefined && remediation.length > resultBounds.remediation;
  if (message.length <= resultBounds.message && !isLong) return finding;
  const { remediation: _long, ...rest } = finding;
  return { ...(isLong ? rest : finding), message: clip(message, resultBounds.message) };
}

/** @returns how many findings have each verdict, those that were left out included */
export function countAll({ findings, leftOut }: Pick<Result, 'findings' | 'leftOut'>): VerdictCounts {
  const counts = countVerdicts(findings);
  if (!leftOut) return counts;
  const summed = Object.entries(counts).map(([verdict, count]) => [
    verdict,
    count + leftOut[verdict as keyof VerdictCounts],
  ]);
  return Object.fromEntries(summed) as VerdictCounts;
}

/**
 * @param previous as it was stored
 * @param event of a result that was compared with it before what does not fit was left out
 * @returns false for a failure that may have been among those that were left out then: that it fails is no news
 */
export function isNews(previous: Pick<Result, 'findings' | 'leftOut'> | undefined, event: DriftEvent): boolean {
  const { kind, severity, rule, subject } = event;
  if (!previous?.leftOut?.fail || kind !== 'new-failure' || rule === undefined || subject === undefined) return true;
  const last = previous.findings.findLast(({ verdict }) => verdict === 'fail');
  return last !== undefined && compareFindings(last, { verdict: 'fail', severity, rule, subject }) > 0;
}

/** @returns the events of one cluster and scan that fit, in their order: remedies are left out first, then events */
export function fitEvents(events: readonly DriftEvent[]): {
  readonly events: readonly DriftEvent[];
  readonly leftOut: number;
} {
  const bounded = events.map((event): DriftEvent => ({ ...event, detail: clip(event.detail, resultBounds.message) }));
  if (bytesOf(bounded) <= resultBounds.events) return { events: bounded, leftOut: 0 };
  const short = bounded.map(({ remediation: _remediation, ...event }): DriftEvent => event);
  const fitting = firstThatFit(short, resultBounds.events);
  return { events: fitting, leftOut: events.length - fitting.length };
}
