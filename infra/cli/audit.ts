// `npm run audit`: the rules on an export, for a terminal, a file or a pipeline.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { auditCluster, unreadableResult } from '../../shared/audit/audit.ts';
import { compareResultsForShow, summariseResults, toReport } from '../../shared/audit/report.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import { severityRank } from '../../shared/model/verdict.ts';
import { auditLines } from './audit-view.ts';
import { InputError, parseJson, toBodies } from './input.ts';
import { tableOptions } from './table.ts';

const usage = `Usage: npm run --silent audit -- --clusters FILE [options]

Judges AKS clusters by the cluster rules. FILE is what \`az aks list -o json\` prints, or what ARM returns
(an array, {"value":[...]}, or one cluster); - reads standard input.

  --now ISO              the moment to judge retirement dates by (now)
  --format table|json    (table)
  --fail-on low|medium|high|never
                         exit with 1 when a failure is at least this severe (high)
  --help                 this text

Exit: 0 in order, 1 a failure at or above --fail-on, 2 the input cannot be used.
`;

const thresholds = ['low', 'medium', 'high', 'never'] as const;
type Threshold = (typeof thresholds)[number];

interface AuditOptions {
  readonly clusters: string;
  readonly now: Date;
  readonly format: 'table' | 'json';
  readonly failOn: Threshold;
}

function parseOptions(args: readonly string[]): AuditOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      clusters: { type: 'string' },
      now: { type: 'string' },
      format: { type: 'string', default: 'table' },
      'fail-on': { type: 'string', default: 'high' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.clusters === undefined) throw new InputError('--clusters FILE is missing');
  const now = values.now === undefined ? new Date() : new Date(values.now);
  if (Number.isNaN(now.getTime()))
    throw new InputError(`--now takes a moment like 2026-11-21T10:00:00Z, not ${values.now}`);
  const { format } = values;
  if (format !== 'table' && format !== 'json') throw new InputError(`--format takes table or json, not ${format}`);
  const failOn = thresholds.find((threshold) => threshold === values['fail-on']);
  if (!failOn) throw new InputError(`--fail-on takes ${thresholds.join(', ')}, not ${values['fail-on']}`);
  return { clusters: values.clusters, now, format, failOn };
}

function auditFile({ clusters: file, now }: AuditOptions): Result[] {
  const name = file === '-' ? 'standard input' : file;
  const bodies = toBodies(parseJson(read(file, name), name), name);
  return bodies
    .map((body, index) => {
      const listed = parseCluster(body);
      if (listed.id === '')
        throw new InputError(
          `${name}: element ${index} is no managed cluster: ${'problem' in listed ? listed.problem : ''}`,
        );
      if ('problem' in listed) return unreadableResult(listed, 'cluster-unreadable', listed.problem, undefined);
      return auditCluster({ cluster: listed.cluster, now, excludedNamespaces: [] });
    })
    .toSorted(compareResultsForShow);
}

function read(file: string, name: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new InputError(`${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

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
  const results = auditFile(options);
  const output =
    options.format === 'json'
      ? JSON.stringify({ clusters: results.map(toReport), summary: summariseResults(results) }, null, 2)
      : auditLines(results, tableOptions(process.stdout)).join('\n');
  process.stdout.write(`${output}\n`);
  return reaches(results, options.failOn) ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  const bad = error instanceof InputError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}${bad ? `\nSee --help.` : ''}\n`);
  process.exitCode = 2;
}
