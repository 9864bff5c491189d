// The shape in which a judged cluster leaves Bulkhead, the same from the command line, a scan and the HTTP API.
import { compareText } from '../model/finding.ts';
import type { Result } from '../model/result.ts';
import type { Engine, Severity, UnknownReason, Verdict } from '../model/verdict.ts';
import { severities, verdicts } from '../model/verdict.ts';

export interface ReportedFinding {
  readonly rule: string;
  readonly subject: string;
  readonly verdict: Verdict;
  readonly reason?: UnknownReason;
  readonly severity: Severity;
  readonly message: string;
  readonly remediation?: string;
  readonly exemption?: {
    readonly owner: string;
    readonly reason: string;
    readonly expires: string;
    readonly source: string;
  };
}

export interface ReportedCluster {
  readonly id: string;
  readonly name: string;
  readonly engine: Engine;
  readonly verdict: Verdict;
  readonly findings: readonly ReportedFinding[];
}

export function toReport(result: Result): ReportedCluster {
  return {
    id: result.clusterId,
    name: result.name,
    engine: result.engine,
    verdict: result.verdict,
    findings: result.findings.map(({ rule, subject, verdict, reason, severity, message, remediation, exemption }) => ({
      rule,
      subject,
      verdict,
      ...(reason === undefined ? {} : { reason }),
      severity,
      message,
      ...(remediation === undefined ? {} : { remediation }),
      ...(exemption === undefined ? {} : { exemption }),
    })),
  };
}

/** Clusters by verdict, and failed findings by severity. */
export function summariseResults(results: readonly Result[]) {
  const byVerdict = Object.fromEntries(verdicts.filter((v) => v !== 'notApplicable').map((v) => [v, 0]));
  const failures = Object.fromEntries(severities.map((severity) => [severity, 0]));
  for (const result of results) {
    byVerdict[result.verdict] = (byVerdict[result.verdict] ?? 0) + 1;
    for (const finding of result.findings) if (finding.verdict === 'fail') failures[finding.severity]!++;
  }
  return { clusters: results.length, ...byVerdict, failures };
}

/** Worst first, then by name and id. */
export function compareResultsForShow(a: Result, b: Result): number {
  return (
    verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) ||
    compareText(a.name.toLowerCase(), b.name.toLowerCase()) ||
    compareText(a.clusterId, b.clusterId)
  );
}
