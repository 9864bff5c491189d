// Findings as CSV (RFC 4180), one a line, for spreadsheets.
import type { Finding } from '../model/finding.ts';
import type { Result } from '../model/result.ts';

type Cell = (result: Result, finding: Finding) => string;

const columns: Readonly<Record<string, Cell>> = {
  clusterId: (result) => result.clusterId,
  cluster: (result) => result.name,
  subscription: (result) => result.subscriptionId,
  engine: (result) => result.engine,
  rule: (_, finding) => finding.rule,
  subject: (_, finding) => finding.subject,
  verdict: (_, finding) => finding.verdict,
  reason: (_, finding) => finding.reason ?? '',
  severity: (_, finding) => finding.severity,
  message: (_, finding) => finding.message,
  remediation: (_, finding) => finding.remediation ?? '',
  exemptionOwner: (_, finding) => finding.exemption?.owner ?? '',
  exemptionReason: (_, finding) => finding.exemption?.reason ?? '',
  exemptionExpires: (_, finding) => finding.exemption?.expires ?? '',
};

/** @returns a heading and a line for each finding, each line ended */
export function toCsv(results: readonly Result[]): string {
  const lines = results.flatMap((result) =>
    result.findings.map((finding) => Object.values(columns).map((cell) => cell(result, finding))),
  );
  return [Object.keys(columns), ...lines].map((cells) => `${cells.map(escapeCell).join(',')}\r\n`).join('');
}

/** Spreadsheets run text that begins like a formula: names come from clusters, so such text gets a quote before it (OWASP, CSV injection). */
function escapeCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
