// Findings as SARIF 2.1.0, for code scanning and whatever else reads it.
import type { Finding } from '../model/finding.ts';
import { subjectKind } from '../model/finding.ts';
import type { Result } from '../model/result.ts';
import type { Severity, Verdict } from '../model/verdict.ts';
import { catalogueVersion, rules } from '../rules/index.ts';
import type { Rule } from '../rules/rule.ts';
import { worstSeverity } from '../rules/rule.ts';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

/** `open`: evaluated, but what is known is not enough to decide (SARIF 3.27.9). */
const KINDS: Readonly<Record<Verdict, 'pass' | 'fail' | 'open' | 'notApplicable'>> = {
  pass: 'pass',
  fail: 'fail',
  exempt: 'fail',
  unknown: 'open',
  notApplicable: 'notApplicable',
};

/** @returns the log: one run, its rules, and a result for each finding in the order of the results */
export function toSarif(results: readonly Result[]) {
  const judged = new Set(results.flatMap((result) => result.findings.map((finding) => finding.rule)));
  const known = rules.filter((rule) => judged.has(rule.id));
  const indexOf = new Map(known.map((rule, index) => [rule.id, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0' as const,
    runs: [
      {
        tool: { driver: { name: 'Bulkhead', version: catalogueVersion, rules: known.map(describeRule) } },
        results: results.flatMap((result) =>
          result.findings.map((finding) => describeFinding(result, finding, indexOf.get(finding.rule))),
        ),
      },
    ],
  };
}

const describeRule = (rule: Rule) => ({
  id: rule.id,
  shortDescription: { text: `${rule.title}.` },
  fullDescription: { text: rule.rationale },
  helpUri: rule.references[0],
  defaultConfiguration: { level: LEVELS[worstSeverity(rule)] },
  properties: { tags: [rule.plane, ...rule.controls] },
});

function describeFinding(result: Result, finding: Finding, ruleIndex: number | undefined) {
  const { rule, subject, verdict, severity, message, reason, remediation, exemption } = finding;
  const kind = KINDS[verdict];
  return {
    ruleId: rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    kind,
    // A level says how bad a problem is, so what is not a problem has no level (SARIF 3.27.10).
    level: kind === 'fail' ? LEVELS[severity] : 'none',
    message: { text: remediation === undefined ? message : `${message}\n\n${remediation}` },
    locations: [
      {
        logicalLocations: [
          {
            name: subject === 'cluster' ? result.name : subject.slice(subject.indexOf('/') + 1),
            fullyQualifiedName: `${result.clusterId}/${subject}`,
            kind: subjectKind(subject),
          },
        ],
      },
    ],
    partialFingerprints: { 'bulkhead/v1': `${result.clusterId}|${rule}|${subject}` },
    ...(exemption
      ? {
          suppressions: [
            {
              kind: 'external' as const,
              status: 'accepted' as const,
              justification: `${exemption.reason} (${exemption.owner}, until ${exemption.expires}, by ${exemption.source})`,
            },
          ],
        }
      : {}),
    properties: { severity, verdict, cluster: result.name, ...(reason === undefined ? {} : { reason }) },
  };
}
