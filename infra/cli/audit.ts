// `npm run audit`: the rules on an export or a folder of manifests, for a terminal, a file or a pipeline.
import { toCsv } from '../../shared/audit/csv.ts';
import { compareResultsForShow, summariseResults, toReport } from '../../shared/audit/report.ts';
import { toSarif } from '../../shared/audit/sarif.ts';
import type { Result } from '../../shared/model/result.ts';
import { severityRank } from '../../shared/model/verdict.ts';
import { auditInput } from './audit-input.ts';
import type { AuditOptions, Threshold } from './audit-options.ts';
import { parseOptions, usage } from './audit-options.ts';
import { auditLines } from './audit-view.ts';
import { InputError } from './input.ts';
import { printable, tableOptions } from './table.ts';

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const formats: Readonly<Record<AuditOptions['format'], (results: readonly Result[]) => string>> = {
  table: (results) => `${auditLines(results, tableOptions(process.stdout)).join('\n')}\n`,
  json: (results) => pretty({ clusters: results.map(toReport), summary: summariseResults(results) }),
  sarif: (results) => pretty(toSarif(results)),
  csv: toCsv,
};

function reaches(results: readonly Result[], failOn: Threshold): boolean {
  if (failOn === 'never') return false;
  const failures = results.flatMap((result) => result.findings).filter((finding) => finding.verdict === 'fail');
  return failures.some((finding) => severityRank(finding.severity) <= severityRank(failOn));
}

function main(args: readonly string[]): number {
  const options = parseOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const say = (text: string): void => void process.stderr.write(`${printable(text)}\n`);
  const results = auditInput(options, say).toSorted(compareResultsForShow);
  process.stdout.write(formats[options.format](results));
  return reaches(results, options.failOn) ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const bad = error instanceof InputError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${bad ? `\nSee --help.` : ''}\n`);
  process.exitCode = 2;
}
