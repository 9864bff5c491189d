// `npm run bench [NAME...]`: every benchmark, or those named.
import { benchAlerts } from './alerts.ts';
import { benchColdStart } from './cold-start.ts';
import { benchNetwork } from './network.ts';
import { benchReader } from './reader.ts';
import type { Figure } from './report.ts';
import { printFigures } from './report.ts';
import { benchRules } from './rules.ts';
import { benchScan } from './scan.ts';

const benchmarks: Readonly<Record<string, () => Figure[] | Promise<Figure[]>>> = {
  rules: benchRules,
  network: benchNetwork,
  reader: benchReader,
  alerts: benchAlerts,
  'cold-start': benchColdStart,
  scan: benchScan,
};

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
printFigures(figures);
process.exit(0);
