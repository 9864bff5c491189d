// Runs a check in a copy of the tree, and says what it noticed.
import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import type { Check } from './fault.ts';

/** Far more than any check takes: one that hangs has noticed something. */
const TIMEOUT_MS = 30 * 60_000;

/** What a check does, for people to read and to run it by hand. */
export function wordsFor(check: Check): string {
  if ('tests' in check) return check.tests.join(' ');
  if ('soak' in check) return `soak, ${check.soak} minutes`;
  return `simulation, ${check.simulation.seeds} seeds of ${check.simulation.hours} h`;
}

/** @returns the first words of what the check found wrong; undefined when it holds @throws when it cannot be run */
export function runCheck(check: Check, cwd: string): string | undefined {
  const { status, signal, error, stdout, stderr } = spawnSync(process.execPath, [...commandOf(check)], {
    cwd,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 256 * 1024 * 1024,
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (status === 0) return undefined;
  const output = stripVTControlCharacters(`${stdout}\n${stderr}`);
  if (signal) return `ended by ${signal}: ${error?.message ?? ''}`;
  const found = wordsIn(check, output);
  if (status !== 1 || found === undefined)
    throw new Error(`${wordsFor(check)} could not be run:\n${output.slice(-2_000)}`);
  return found;
}

const NODE = '--disable-warning=DEP0040';

function commandOf(check: Check): readonly string[] {
  if ('tests' in check) return ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...check.tests];
  if ('soak' in check) return [NODE, 'test/soak/main.ts', '--minutes', String(check.soak)];
  const { seeds, hours } = check.simulation;
  return [NODE, 'test/simulation/main.ts', '--seeds', String(seeds), '--hours', String(hours)];
}

/** A check that names nothing has not noticed the fault but fallen over something else. */
function wordsIn(check: Check, output: string): string | undefined {
  const words =
    'tests' in check ? /^ *FAIL +(.+)$/m : 'soak' in check ? /^BROKEN +(.+)$/m : /^Seed \d+ broke[^\n]*\n +(.+)$/m;
  return words.exec(output)?.[1]?.slice(0, 160);
}
