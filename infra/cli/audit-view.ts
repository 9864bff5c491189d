// Judged clusters as a terminal shows them.
import { subjectKind } from '../../shared/model/finding.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { verdicts } from '../../shared/model/verdict.ts';
import { verdictStyle } from './fleet-view.ts';
import type { TableOptions } from './table.ts';
import { paint, printable, renderTable } from './table.ts';

const severityStyle = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' } as const;

/** One line of the table: a finding, or several of one cluster that are open for one and the same cause. */
interface Row {
  readonly result: Result;
  readonly finding: Finding;
  readonly alike: number;
}

/** @returns a table of what is not in order, then the remedies, then the sum */
export function auditLines(results: readonly Result[], options: TableOptions): string[] {
  const rows = results.flatMap(rowsOf);
  const table = renderTable<Row>(
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
      {
        title: 'RULE',
        value: ({ finding, alike }) => finding.rule + (alike > 1 ? ` and ${alike - 1} more` : ''),
      },
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
    ...(rows.length > 0 ? table : [emptyLine(results)]),
    ...remedyLines(results, options),
    '',
    sumLine(results, options),
  ];
}

const emptyLine = (results: readonly Result[]): string =>
  results.some(({ verdict }) => verdict !== 'unknown') ? 'Nothing to complain about.' : 'Nothing was judged.';

/** A cluster of which one thing is not known has one row for it, however many rules ask for it: findings come worst first, so it is the worst. */
function rowsOf(result: Result): Row[] {
  const rows = new Map<string, Row>();
  for (const finding of result.findings) {
    const { verdict, severity, rule, subject, reason, message } = finding;
    if (['pass', 'notApplicable'].includes(verdict) || severity === 'info') continue;
    const key = verdict === 'unknown' ? `${reason} ${subject} ${message}` : `${rule} ${subject}`;
    rows.set(key, { result, finding: rows.get(key)?.finding ?? finding, alike: (rows.get(key)?.alike ?? 0) + 1 });
  }
  return [...rows.values()];
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
