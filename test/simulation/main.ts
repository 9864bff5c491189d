// `npm run simulate`: many seeds, each a run of its own; the first that breaks an invariant is told with all that helps to mend it.
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Outcome } from './simulate.ts';
import { simulate } from './simulate.ts';
import type { Extra } from './weather.ts';
import { extras } from './weather.ts';

const USAGE = `Usage: npm run simulate -- [--seeds N] [--seed S] [--hours H] [--trace FILE]
  --seeds N   how many seeds to run (100)
  --seed S    run this one alone, or start from it with --seeds (1)
  --hours H   virtual hours a seed (48)
  --trace F   write every line of what happens to this file
  --faults L  have these faults besides the usual ones: ${extras.join(', ')}
`;

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly hours: number;
  readonly trace: string | undefined;
  readonly extras: readonly Extra[];
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { seeds: text, seed: text, hours: text, trace: text, faults: text },
  });
  const whole = (name: 'seeds' | 'seed' | 'hours', otherwise: number): number => {
    const value = values[name] === undefined ? otherwise : Number(values[name]);
    if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} must be a whole number above 0`);
    return value;
  };
  return {
    seeds: whole('seeds', values.seed === undefined ? 100 : 1),
    first: whole('seed', 1),
    hours: whole('hours', 48),
    trace: values.trace,
    extras: extrasIn(values.faults),
  };
}

function extrasIn(list = ''): readonly Extra[] {
  const wanted = list.split(',').filter(Boolean);
  const unknown = wanted.find((name) => !extras.some((extra) => extra === name));
  if (unknown !== undefined) throw new Error(`--faults knows ${extras.join(', ')}, and not ${unknown}`);
  return extras.filter((extra) => wanted.includes(extra));
}

function show({ seed, hours, broken, lastLines }: Outcome, faults: readonly Extra[]): string {
  return [
    ...lastLines,
    '',
    `Seed ${seed} broke an invariant:`,
    ...broken.slice(0, 10).map((what) => `  ${what}`),
    `Again: npm run simulate -- --seed ${seed} --hours ${hours}${faults.length > 0 ? ` --faults ${faults.join(',')}` : ''} --trace FILE`,
    '',
  ].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const started = performance.now();
  const file = options.trace === undefined ? undefined : openSync(options.trace, 'w');
  const trace = file === undefined ? {} : { trace: (line: string) => void writeSync(file, `${line}\n`) };
  let lines = 0;
  const say = (text: string): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
  };
  for (let i = 0; i < options.seeds; i++) {
    const seed = options.first + i;
    const where = `seed ${seed} (${i + 1} of ${options.seeds})`;
    const progress = (hours: number): void => say(`${where}: ${Math.round(hours)} of ${options.hours} virtual hours`);
    const outcome = await simulate({ seed, hours: options.hours, progress, extras: options.extras, ...trace });
    lines += outcome.lines;
    if (outcome.broken.length > 0) {
      say('');
      process.stdout.write(show(outcome, options.extras));
      return 1;
    }
  }
  say('');
  if (file !== undefined) closeSync(file);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${options.seeds} seeds, ${options.seeds * options.hours} virtual hours, ${lines} events in ${seconds} s: every invariant held.\n`,
  );
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
