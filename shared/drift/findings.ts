// Which rules fail that did not, and which no longer do.
import type { Exemption } from '../model/exemption.ts';
import type { Finding } from '../model/finding.ts';
import { failureSentence, findingKey } from '../model/finding.ts';
import type { Result, Standing } from '../model/result.ts';
import { severityRank } from '../model/verdict.ts';
import { failingWords } from '../rules/index.ts';
import type { Change } from './change.ts';
import { decidedParts, hasPast, standingOf } from './standing.ts';

/** @returns what began, in the order of the findings, then what ended; what cannot be decided now is as it was */
export function compareFindings(previous: Result, current: Result): readonly Change[] {
  const [before, after] = [standingOf(previous), standingOf(current)];
  const past = decidedParts(previous);
  const begun = current.findings.flatMap((finding) => {
    const now = after.get(findingKey(finding));
    // What a rule finds first, and what is found at the first sight of a part, is a baseline.
    if (now?.verdict !== 'fail' || !hasPast(past, now.rule)) return [];
    return beginning(before.get(findingKey(finding)), now, finding, current) ?? [];
  });
  const findings = new Map(current.findings.map((finding) => [findingKey(finding), finding]));
  const over = [...before].filter(([key, old]) => old.verdict === 'fail' && after.get(key)?.verdict !== 'fail');
  return [...begun, ...over.map(([key, old]) => ending(old, findings.get(key), current))];
}

/** @returns every failure that stands, as if it had just begun: what is to be said of it at this moment */
export function failuresOf(current: Result): readonly Change[] {
  const findings = new Map(current.findings.map((finding) => [findingKey(finding), finding]));
  return [...standingOf(current)].flatMap(([key, standing]) => {
    if (standing.verdict !== 'fail') return [];
    const found = findings.get(key);
    // In the middle of an operation a finding may weigh less than what was decided last: both are told as the finding has them.
    if (found?.verdict === 'fail')
      return beginning(undefined, { ...standing, severity: found.severity }, found, current) ?? [];
    const message = 'It failed when it was last decided.';
    return beginning(undefined, standing, { ...standing, ...found, message }, current) ?? [];
  });
}

function beginning(
  old: Standing | undefined,
  { severity }: Standing,
  { rule, subject, message: detail, remediation }: Pick<Finding, 'rule' | 'subject' | 'message' | 'remediation'>,
  current: Result,
): Change | undefined {
  const topic = topicOf({ rule, subject }, current);
  const failure = { kind: 'new-failure' as const, severity, rule, subject, topic, detail, remediation };
  if (old?.verdict === 'exempt') return { ...failure, kind: 'exemption-expired', title: `Exemption ended: ${topic}` };
  if (!old) return { ...failure, title: topic };
  const worse = severityRank(severity) < severityRank(old.severity);
  return worse ? { ...failure, title: `Now ${severity}: ${topic}` } : undefined;
}

/** @param finding what is said of it now; undefined when its subject is gone */
function ending({ rule, subject, severity }: Standing, finding: Finding | undefined, current: Result): Change {
  const detail = finding?.message ?? `${subject} is no longer there.`;
  const topic = topicOf({ rule, subject }, current);
  const title = `${endWords(finding)}: ${topic}`;
  const ended = { kind: 'resolved' as const, severity, rule, subject, title, topic, detail };
  const { exemption } = finding ?? {};
  return exemption ? { ...ended, detail: `${acceptance(exemption)} ${detail}`, exemption } : ended;
}

const topicOf = (finding: Pick<Finding, 'rule' | 'subject'>, { name }: Result): string =>
  failureSentence(finding, name, failingWords(finding.rule));

const acceptance = ({ owner, reason, expires, source }: Exemption): string =>
  `Exempt until ${expires.slice(0, 'YYYY-MM-DDTHH:MM'.length)}Z, owned by ${owner}, because: ${reason} (${source}).`;

/** How a failure ceased to be one; a rule that no longer applies was not mended. */
function endWords(finding: Finding | undefined): string {
  if (finding?.verdict === 'notApplicable') return 'No longer applies';
  return finding?.verdict === 'exempt' ? 'Exempt' : 'Resolved';
}
