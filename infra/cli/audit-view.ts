// Judged clusters as a terminal shows them.
import { subjectKind } from '../../shared/model/finding.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { verdicts } from '../../shared/model/verdict.ts';
import { verdictStyle } from './fleet-view.ts';
import type { TableOptions } from './table.ts';
import { paint, printable, renderTable } from './table.ts';

const severityStyle = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' } as const;

/** @returns a table of what is not in order, then the remedies, then the sum */
export function auditLines(results: readonly Result[], options: TableOptions): string[] {
  const rows = results.flatMap((result) => {
    const telling = result.findings.filter(
      (f) => !['pass', 'notApplicable'].includes(f.verdict) && f.severity !== 'info',
    );
    return telling.map((finding) => ({ result, finding }));
  });
  const table = renderTable<{ result: Result; finding: Finding }>(
    [
      { title: 'CLUSTER', value: ({ result }) => result.name },
      {
        title: 'VERDICT',
        value: ({ finding }) => finding.verdict,
        style: ({ finding }) => verdictStyle[finding.verdict],
      },
      {
        title: 'SEVERITY',
        value: ({ finding }) => finding.severity,
        style: ({ finding }) => severityStyle[finding.severity],
      },
      { title: 'RULE', value: ({ finding }) => finding.rule },
      { title: 'SUBJECT', value: ({ finding }) => finding.subject, shrinks: true },
      {
        title: 'WHAT',
        value: ({ finding }) => (finding.reason ? `${finding.reason}: ` : '') + finding.message,
        shrinks: true,
      },
    ],
    rows,
    options,
  );
  return [
    ...(rows.length > 0 ? table : ['Nothing to complain about.']),
    ...remedyLines(results, options),
    '',
    sumLine(results, options),
  ];
}

function remedyLines(results: readonly Result[], options: TableOptions): string[] {
  return results.flatMap((result) => {
    const remedies = new Set(
      result.findings
        .filter((f) => f.verdict === 'fail' && subjectKind(f.subject) === 'cluster')
        .flatMap((f) => (f.remediation ? [f.remediation] : [])),
    );
    if (remedies.size === 0) return [];
    const lines = [...remedies].flatMap((remedy) => remedy.split('\n'));
    return [
      '',
      paint(`To mend ${printable(result.name)}:`, 'bold', options.color),
      ...lines.map((line) => `  ${printable(line)}`),
    ];
  });
}

function sumLine(results: readonly Result[], options: TableOptions): string {
  const counted = verdicts
    .map((verdict) => ({ verdict, count: results.filter((result) => result.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => paint(`${count} ${verdict}`, verdictStyle[verdict], options.color));
  return `${results.length} cluster${results.length === 1 ? '' : 's'}: ${counted.join(', ') || 'nothing to judge'}`;
}
