// Importing the built bundle in a fresh process, with and without the bot.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../infra/build.ts';
import type { Figure } from './report.ts';
import { ms } from './report.ts';

const RUNS = 7;

export async function benchColdStart(): Promise<Figure[]> {
  const outdir = mkdtempSync(join(tmpdir(), 'bulkhead-bundle-'));
  try {
    const { entries } = await bundle(outdir);
    const chunks = globSync('chunks/*.js', { cwd: outdir }).map((file) => join(outdir, file));
    const bot = chunks.filter((file) => readFileSync(file, 'utf8').includes('as createBot'));
    const imports = (files: readonly string[]): string =>
      files.map((file) => `await import(${JSON.stringify(pathToFileURL(file).href)});`).join('');
    return [
      { what: 'cold import of the bundle without the bot', measured: ms(time(imports(entries))), bar: '300 ms' },
      { what: 'cold import of the bundle with the bot', measured: ms(time(imports([...entries, ...bot]))), bar: '-' },
      { what: 'the bot’s chunk', measured: `${Math.round(bytesOf(bot) / 1024)} KB`, bar: '-' },
      { what: 'all other chunks', measured: `${Math.round((bytesOf(chunks) - bytesOf(bot)) / 1024)} KB`, bar: '-' },
    ];
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const bytesOf = (files: readonly string[]): number => files.reduce((sum, file) => sum + statSync(file).size, 0);

/** Median of several fresh processes; a process that does nothing is not subtracted. */
function time(script: string): number {
  const code = `const t=performance.now();console.warn=()=>{};${script}console.log(performance.now()-t);process.exit(0)`;
  const env = { ...process.env, AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
  const times = Array.from({ length: RUNS }, () => {
    const run = spawnSync(process.execPath, ['--disable-warning=DEP0040', '--input-type=module', '-e', code], {
      env,
      encoding: 'utf8',
    });
    if (run.status !== 0) throw new Error(run.stderr);
    return Number(run.stdout.trim().split('\n').at(-1));
  });
  return times.toSorted((a, b) => a - b)[Math.floor(RUNS / 2)]!;
}
