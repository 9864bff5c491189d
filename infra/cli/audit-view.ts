// Judged clusters as a terminal shows them.
import { subjectKind } from '../../shared/model/finding.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { verdicts } from '../../shared/model/verdict.ts';
import { verdictStyle } from './fleet-view.ts';
import type { Column, TableOptions } from './table.ts';
import { paint, printable, renderTable, wrap } from './table.ts';

const severityStyle = { high: 'red', medium: 'yellow', low: 'cyan', info: 'dim' } as const;

/** One line of the table: a finding, or several of one cluster that are unknown for the same cause. */
interface Row {
  readonly result: Result;
  readonly finding: Finding;
  readonly alike: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'CLUSTER', value: ({ result }) => result.name },
  { title: 'VERDICT', value: ({ finding }) => finding.verdict, style: ({ finding }) => verdictStyle[finding.verdict] },
  {
    title: 'SEVERITY',
    value: ({ finding }) => finding.severity,
    style: ({ finding }) => severityStyle[finding.severity],
  },
  { title: 'RULE', value: (row) => ruleName(row) },
  { title: 'SUBJECT', value: ({ finding }) => finding.subject },
  { title: 'WHAT', value: ({ finding }) => what(finding) },
];

const ruleName = ({ finding, alike }: Row): string => finding.rule + (alike > 1 ? ` and ${alike - 1} more` : '');
const what = ({ reason, message }: Finding): string => (reason ? `${reason}: ` : '') + message;

/** @returns what is not in order, as a table where it fits and otherwise cluster by cluster; then the remedies, then the totals */
export function auditLines(results: readonly Result[], options: TableOptions): string[] {
  const byResult = results.map((result) => ({ result, rows: rowsOf(result) })).filter(({ rows }) => rows.length > 0);
  const rows = byResult.flatMap((item) => item.rows);
  return [
    ...(rows.length === 0
      ? [emptyLine(results)]
      : (fittingTable(rows, options) ?? byResult.flatMap((item) => block(item.result, item.rows, options)).slice(1))),
    ...remedyLines(results, options),
    '',
    sumLine(results, options),
  ];
}

/** Nobody can act on a message that is cut short. @returns undefined when the terminal is too narrow for whole messages */
function fittingTable(rows: readonly Row[], { width, color }: TableOptions): string[] | undefined {
  const plain = renderTable(columns, rows, { width: undefined, color: false });
  if (width !== undefined && plain.some((line) => line.length > width)) return undefined;
  return color ? renderTable(columns, rows, { width: undefined, color }) : plain;
}

/** The cluster, and below it each finding over as many lines as it takes. */
function block(result: Result, rows: readonly Row[], { width = 80, color }: TableOptions): string[] {
  const indent = '    ';
  const lines = rows.flatMap((row) => {
    const { verdict, severity, subject } = row.finding;
    const head = [
      paint(verdict.padEnd(7), verdictStyle[verdict], color),
      paint(severity.padEnd(6), severityStyle[severity], color),
      paint(printable(ruleName(row)), 'bold', color),
      printable(subject),
    ];
    const message = wrap(printable(what(row.finding)), width - indent.length);
    return [`  ${head.join('  ')}`, ...message.map((line) => indent + line)];
  });
  return ['', paint(printable(result.name), 'bold', color), ...lines];
}

const emptyLine = (results: readonly Result[]): string =>
  results.some(({ verdict }) => verdict !== 'unknown') ? 'Nothing to complain about.' : 'Nothing was judged.';

/** What is not known about a cluster has one row, however many rules ask for it: findings come worst first, so the row shows the worst. */
function rowsOf(result: Result): Row[] {
  const rows = new Map<string, Row>();
  for (const finding of result.findings) {
    const { verdict, severity, rule, subject, reason, message } = finding;
    if (['pass', 'notApplicable'].includes(verdict) || severity === 'info') continue;
    const key = [verdict === 'unknown' ? reason : rule, subject, message].join(' ');
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
