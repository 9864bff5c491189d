// `npm run bench [NAME...]`: every benchmark, or those named.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { settings } from '../../shared/app/settings.ts';
import { benchAlerts } from './alerts.ts';
import { benchColdStart } from './cold-start.ts';
import { benchFleet } from './fleet.ts';
import { benchNetwork } from './network.ts';
import { benchReader } from './reader.ts';
import type { Figure } from './report.ts';
import { printFigures } from './report.ts';
import { benchRules } from './rules.ts';
import { benchScan } from './scan.ts';

const BOUND = '--bound-heap';

const benchmarks: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  rules: benchRules,
  network: benchNetwork,
  reader: benchReader,
  alerts: benchAlerts,
  fleet: benchFleet,
  'cold-start': benchColdStart,
  scan: benchBoundScan,
};

/** The scan runs as the sample settings run the worker: with a bound on its heap, which takes a process of its own. */
const WORKER_ARGUMENTS = (settings.nodeArguments.sample ?? '').split(' ');
if (process.argv[2] === BOUND) {
  printFigures(await benchScan());
  process.exit(0);
}

function benchBoundScan(): Figure[] {
  const script = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, [...WORKER_ARGUMENTS, '--disable-warning=DEP0040', script, BOUND], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`The scan ended with code ${status}`);
  return [];
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(benchmarks).join(', ')}.\n`,
  );
  process.exit(2);
}
const figures: Figure[] = [];
for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  figures.push(...(await run()));
}
if (figures.length > 0) printFigures(figures);
process.exit(0);
