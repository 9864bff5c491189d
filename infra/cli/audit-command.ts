// The rules on an export or a folder of manifests, for a terminal, a file or a pipeline.
import { toCsv } from '../../shared/audit/csv.ts';
import { compareResultsForShow, summariseResults, toReport } from '../../shared/audit/report.ts';
import { toSarif } from '../../shared/audit/sarif.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { severityRank } from '../../shared/model/verdict.ts';
import type { Audited, AuditedInput } from './audit-input.ts';
import { auditInput } from './audit-input.ts';
import type { AuditOptions, FailOn } from './audit-options.ts';
import { parseOptions, usage } from './audit-options.ts';
import { auditLines } from './audit-view.ts';
import type { Io } from './program.ts';
import { command } from './program.ts';
import { uncountedSentences } from './uncounted.ts';

export const audit = command((args, io) => {
  const options = parseOptions(args);
  if (options === 'help') {
    io.out(usage);
    return 0;
  }
  const input = auditInput(options, io);
  const audited = input.audited.toSorted((a, b) => compareResultsForShow(a.result, b.result));
  io.out(formats[options.format]({ ...input, audited }, io));
  for (const { result, uncounted } of audited)
    if (uncounted) for (const sentence of uncountedSentences(uncounted)) io.say(`${result.name}: ${sentence}.`);
  return exitCode(options, input, io);
});

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const resultsOf = (audited: readonly Audited[]): readonly Result[] => audited.map(({ result }) => result);

const formats: Readonly<Record<AuditOptions['format'], (input: AuditedInput, io: Io) => string>> = {
  table: ({ audited }, io) => `${auditLines(resultsOf(audited), io.table).join('\n')}\n`,
  json: ({ audited, leftOut }) =>
    pretty({ clusters: audited.map(toJson), summary: summariseResults(resultsOf(audited)), leftOut }),
  sarif: ({ audited }) => pretty(toSarif(resultsOf(audited))),
  csv: ({ audited }) => toCsv(resultsOf(audited)),
};

const toJson = ({ result, uncounted, engine }: Audited) => ({
  ...toReport(result),
  ...(engine ? { engineAssumed: engine.isAssumed } : {}),
  ...uncounted,
});

function exitCode(
  { failOn, strict, clusters, manifests }: AuditOptions,
  { audited, leftOut }: AuditedInput,
  io: Io,
): number {
  const findings = audited.flatMap(({ result }) => result.findings).filter(({ severity }) => severity !== 'info');
  if (findings.some((finding) => fails(finding, failOn))) return 1;
  if (findings.every(({ verdict }) => verdict === 'notApplicable')) {
    io.say(`${clusters ?? manifests[0]!.dir}: there is nothing to judge: no rule applies to what it holds.`);
    return 2;
  }
  if (!strict || leftOut === 0) return 0;
  io.say(`--strict: ${leftOut} ${leftOut === 1 ? 'part of the input was' : 'parts of the input were'} left out.`);
  return 2;
}

function fails({ verdict, severity }: Finding, failOn: FailOn): boolean {
  if (verdict === 'unknown') return failOn.unknown;
  return verdict === 'fail' && failOn.severity !== undefined && severityRank(severity) <= severityRank(failOn.severity);
}
