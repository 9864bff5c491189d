// `npm run mutants`: puts one deliberate fault after the other into a copy of the tree; a fault that its check does not notice fails the command.
import { parseArgs } from 'node:util';
import { renderTable, tableOptions } from '../../infra/cli/table.ts';
import type { Copy } from './copy.ts';
import { copyTree } from './copy.ts';
import type { Check, Fault } from './fault.ts';
import { readFaults, withFault } from './fault.ts';
import { runCheck, wordsFor } from './run-check.ts';

const USAGE = `Usage: npm run mutants -- [--only TEXT] [--list]
  --only TEXT   the faults with this text in their names, or in the name of their room
  --list        name them and put none of them in
`;

interface Outcome {
  readonly fault: Fault;
  /** The first words with which the check noticed it; undefined when it did not. */
  readonly said: string | undefined;
  readonly seconds: number;
}

function main(args: readonly string[]): number {
  const text = { type: 'string' } as const;
  const options = { only: text, list: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options });
  const faults = readFaults().filter(({ room, name }) => `${room}: ${name}`.includes(values.only ?? ''));
  if (faults.length === 0) throw new TypeError('no fault has such a name');
  if (values.list === true) {
    for (const { name, noticedBy } of faults) process.stdout.write(`${name}: ${wordsFor(noticedBy)}\n`);
    return 0;
  }
  const copy = copyTree();
  try {
    // All of them first: whoever waits an hour for the others should not learn only then that one does not fit.
    if (!allFit(faults, copy) || !holdsWithout(faults, copy)) return 1;
    const outcomes = faults.map((fault) => putIn(fault, copy));
    tell(outcomes);
    return outcomes.every(({ said }) => said !== undefined) ? 0 : 1;
  } finally {
    copy.remove();
  }
}

function allFit(faults: readonly Fault[], copy: Copy): boolean {
  const misfits = faults.flatMap((fault) => {
    try {
      withFault(fault, copy.read(fault.file));
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
  for (const misfit of misfits) process.stdout.write(`${misfit}\n`);
  return misfits.length === 0;
}

/** A check that fails without any fault would notice everything. @returns true when all of them hold */
function holdsWithout(faults: readonly Fault[], copy: Copy): boolean {
  const broken = together(faults.map(({ noticedBy }) => noticedBy)).flatMap((check) => {
    process.stderr.write(`without a fault: ${wordsFor(check)}\n`);
    return runCheck(check, copy.dir) ?? [];
  });
  for (const said of broken) process.stdout.write(`A check fails without any fault: ${said}\n`);
  return broken.length === 0;
}

/** @returns as few checks as do all that is in these */
function together(checks: readonly Check[]): readonly Check[] {
  const tests = new Set(checks.flatMap((check) => ('tests' in check ? check.tests : [])));
  const soak = Math.max(0, ...checks.map((check) => ('soak' in check ? check.soak : 0)));
  const runs = checks.flatMap((check) => ('simulation' in check ? [check.simulation] : []));
  const simulations = [...Map.groupBy(runs, ({ hours }) => hours)].map(([hours, same]) => ({
    simulation: { hours, seeds: Math.max(...same.map(({ seeds }) => seeds)) },
  }));
  return [...(tests.size > 0 ? [{ tests: [...tests] }] : []), ...simulations, ...(soak > 0 ? [{ soak }] : [])];
}

function putIn(fault: Fault, copy: Copy): Outcome {
  const source = copy.read(fault.file);
  const started = performance.now();
  copy.write(fault.file, withFault(fault, source));
  try {
    const said = runCheck(fault.noticedBy, copy.dir);
    const seconds = (performance.now() - started) / 1000;
    process.stderr.write(`${said === undefined ? 'NOT NOTICED' : 'noticed'}: ${fault.name}\n`);
    return { fault, said, seconds };
  } finally {
    copy.write(fault.file, source);
  }
}

function tell(outcomes: readonly Outcome[]): void {
  const columns = [
    { title: 'FAULT', value: ({ fault }: Outcome) => fault.name },
    { title: 'NOTICED BY', value: ({ fault, said }: Outcome) => (said ? wordsFor(fault.noticedBy) : 'NOTHING') },
    { title: 'SECONDS', value: ({ seconds }: Outcome) => seconds.toFixed(1) },
    { title: 'AS', value: ({ said = '' }: Outcome) => said },
  ];
  for (const line of renderTable<Outcome>(columns, outcomes, tableOptions(process.stdout)))
    process.stdout.write(`${line}\n`);
  const missed = outcomes.filter(({ said }) => said === undefined).length;
  process.stdout.write(
    missed === 0
      ? `All ${outcomes.length} were noticed.\n`
      : `${missed} of ${outcomes.length} were noticed by nothing.\n`,
  );
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof TypeError) process.stderr.write(USAGE);
  process.exitCode = 2;
}
