// `npm start`: Bulkhead at work on this machine, on the simulated estate or on real Azure.
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toReport } from '../../shared/audit/report.ts';
import { ConfigError } from '../../shared/app/config.ts';
import { createLog } from '../../shared/log.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import { missingLines } from '../../shared/model/missing.ts';
import { readDriftLog } from '../../shared/store/drift-log.ts';
import { fleetLines } from '../cli/fleet-view.ts';
import { paint, printable, tableOptions } from '../cli/table.ts';
import type { StartOptions } from './options.ts';
import { parseOptions, usage } from './options.ts';
import { countingLog, startProgress } from './progress.ts';
import type { Runtime } from './runtime.ts';
import { localDir, startRuntime } from './runtime.ts';

const POLL_MS = 200;

async function main(): Promise<number> {
  let options: StartOptions;
  try {
    options = parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  mkdirSync(localDir, { recursive: true });
  const logFile = createWriteStream(join(localDir, 'bulkhead.log'), { flags: 'a' });
  const { log, counts } = countingLog(
    createLog({ now: () => new Date() }, (_level, line) => logFile.write(`${line}\n`)),
  );
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const runtime = await startRuntime(options, log, say);
  const stop = onSignals(runtime);
  try {
    const progress = startProgress(counts, process.stderr);
    const fleet = await scanOnce(runtime, 'start', stop.signal).finally(() => progress.stop());
    if (options.json) await printJson(runtime, fleet);
    else for (const line of fleetLines(fleet, tableOptions(process.stdout))) process.stdout.write(`${line}\n`);
    if (options.once) return 0;
    printAddresses(runtime);
    await stay(runtime, fleet, stop.signal);
    return 0;
  } finally {
    await stop.close();
  }
}

/** Opens a scan, or joins the one that is running, and waits for it to close. @throws when nothing at all could be read */
async function scanOnce(runtime: Runtime, by: string, signal: AbortSignal): Promise<Fleet> {
  const { api } = runtime.app;
  const { scan } = await api.openScan(by);
  for (;;) {
    const found = await api.scan(scan.id);
    if (found?.scan.state === 'closed' && found.scan.dispatched) break;
    await pause(POLL_MS, undefined, { signal });
  }
  const fleet = await api.fleet();
  if (!fleet) throw new Error('The scan closed but left no fleet.');
  if (fleet.subscriptions.length === 0 && fleet.outcome === 'partial') throw new Error(missingLines(fleet).join('\n'));
  return fleet;
}

async function printJson({ app }: Runtime, fleet: Fleet): Promise<void> {
  const clusters = [];
  for (const cluster of fleet.clusters) {
    const known = await app.api.result(cluster.key);
    if (known) clusters.push(toReport(known.result));
    else
      clusters.push({ id: cluster.id, name: cluster.name, engine: cluster.engine, verdict: 'unknown', findings: [] });
  }
  const { scanId, at, closedAt, outcome, missing, missingCount, summary } = fleet;
  const subscriptions = fleet.subscriptions.map(({ id, name, readable, reason, message }) => ({
    id,
    name,
    readable,
    ...(readable ? {} : { verdict: 'unknown', reason, message }),
  }));
  const scan = { id: scanId, at, closedAt, outcome, missing, missingCount };
  process.stdout.write(`${JSON.stringify({ scan, clusters, subscriptions, summary }, null, 2)}\n`);
}

function printAddresses({ host, playground, key }: Runtime): void {
  const { color } = tableOptions(process.stdout);
  const code = key === undefined ? '' : `?code=${key}`;
  const lines = [
    '',
    ...(playground ? [`Chat        ${playground.url}  (type: status, subscribe)`] : []),
    `Status      ${host.url}/api/status${code}`,
    `Clusters    ${host.url}/api/clusters${code}`,
    `Health      ${host.url}/api/health`,
    `Log         .local/bulkhead.log`,
    '',
    process.stdin.isTTY
      ? 'Press r to scan now, q to stop. Edit a file of the estate to cause drift.'
      : 'Scans go on by schedule; POST /api/scans starts one now.',
    '',
  ];
  for (const line of lines)
    process.stdout.write(`${paint(line, line.startsWith('Press') ? 'dim' : undefined, color)}\n`);
}

/** Tells what each scan brought when it closes, whatever opened it, until the person stops. */
async function stay(runtime: Runtime, first: Fleet, signal: AbortSignal): Promise<void> {
  let seen = first;
  while (!signal.aborted) {
    await pause(1_000, undefined, { signal }).catch(() => undefined);
    const fleet = await runtime.app.api.fleet().catch(() => undefined);
    if (!fleet || fleet.scanId === seen.scanId) continue;
    await tellClose(runtime, fleet);
    seen = fleet;
  }
}

async function tellClose({ app }: Runtime, fleet: Fleet): Promise<void> {
  const options = tableOptions(process.stdout);
  const { fail, unknown, pass } = fleet.summary.byVerdict;
  process.stdout.write(`Scan ${fleet.scanId} ${fleet.outcome}: ${fail} fail, ${unknown} unknown, ${pass} pass\n`);
  const at = new Date(fleet.at);
  await pause(500);
  for await (const event of readDriftLog(app.tables.Fleet, at, at)) {
    const style = event.severity === 'high' ? 'red' : event.severity === 'medium' ? 'yellow' : undefined;
    process.stdout.write(`  ${paint(`${event.severity.padEnd(6)} ${printable(event.title)}`, style, options.color)}\n`);
  }
}

function onSignals(runtime: Runtime): { signal: AbortSignal; close(): Promise<void> } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  const { stdin } = process;
  const onKey = (key: Buffer): void => {
    if (['q', '\u0003'].includes(key.toString())) abort();
    if (key.toString() === 'r')
      runtime.app.api.openScan('terminal').catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  };
  if (stdin.isTTY) stdin.setRawMode(true).on('data', onKey);
  return {
    signal: controller.signal,
    async close() {
      if (stdin.isTTY) stdin.setRawMode(false).off('data', onKey).pause();
      await runtime.close();
    },
  };
}

try {
  process.exit(await main());
} catch (error) {
  const aborted = error instanceof Error && error.name === 'AbortError';
  if (!aborted)
    process.stderr.write(`${error instanceof ConfigError || error instanceof Error ? error.message : String(error)}\n`);
  process.exit(aborted ? 130 : 1);
}
