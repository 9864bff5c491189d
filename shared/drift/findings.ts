// Which rules fail that did not, and which no longer do.
import type { Finding } from '../model/finding.ts';
import { findingKey } from '../model/finding.ts';
import type { Result } from '../model/result.ts';
import type { Verdict } from '../model/verdict.ts';
import { severityRank } from '../model/verdict.ts';
import type { Decided } from './carry.ts';
import { settled } from './carry.ts';
import type { Change } from './change.ts';
import { placeOf } from './change.ts';

/** @returns the changes of what is judged now, in the order of the findings, then the failures whose subject is gone */
export function compareFindings(previous: Result, current: Result): readonly Change[] {
  const before = new Map(previous.findings.map((finding) => [findingKey(finding), finding]));
  const now = new Set(current.findings.map(findingKey));
  const rulesBefore = new Set(previous.findings.map(({ rule }) => rule));
  // A rule that was not there before has no past to compare with: its first findings are a baseline.
  const comparable = current.findings.filter(({ rule }) => rulesBefore.has(rule));
  const failed = previous.findings.filter((old) => settled(old, previous)?.verdict === 'fail');
  return [
    ...comparable.flatMap((finding) => {
      const old = before.get(findingKey(finding));
      return changeOf(old && settled(old, previous), finding, current) ?? [];
    }),
    ...failed.filter((old) => !now.has(findingKey(old))).map((old) => vanished(old, current)),
  ];
}

function changeOf(old: Decided | undefined, finding: Finding, current: Result): Change | undefined {
  const { rule, subject, severity, message: detail, remediation, verdict } = finding;
  const place = placeOf(subject, current);
  if (verdict !== 'fail') {
    const words = clearedWords[verdict];
    if (old?.verdict !== 'fail' || words === undefined) return undefined;
    return { kind: 'resolved', severity: old.severity, rule, subject, detail, title: `${rule} ${words} ${place}` };
  }
  const failure = { kind: 'new-failure' as const, severity, rule, subject, detail, remediation };
  if (old?.verdict === 'exempt')
    return { ...failure, kind: 'exemption-expired', title: `The exemption from ${rule} on ${place} has ended` };
  if (old?.verdict !== 'fail') return { ...failure, title: `${rule} fails on ${place}` };
  const worse = severityRank(severity) < severityRank(old.severity);
  return worse ? { ...failure, title: `${rule} became ${severity} on ${place}` } : undefined;
}

/** How a failure ceased to be one; a rule that no longer applies was not mended, and one that cannot be judged ended nothing. */
const clearedWords: Readonly<Partial<Record<Verdict, string>>> = {
  pass: 'is resolved on',
  notApplicable: 'no longer applies to',
  exempt: 'is exempted on',
};

const vanished = ({ rule, subject, severity }: Finding, current: Result): Change => ({
  kind: 'resolved',
  severity,
  rule,
  subject,
  title: `${rule} is resolved on ${placeOf(subject, current)}`,
  detail: `${subject} is no longer there.`,
});
