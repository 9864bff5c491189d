// `npm run soak`: several workers at once are killed again and again, storage goes away and comes back, calls fail, clocks differ. Nothing may be lost.
import { cpSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { TableOptions } from '../../infra/cli/table.ts';
import { paint, renderTable, tableOptions } from '../../infra/cli/table.ts';
import { simulatedAccess } from '../../infra/local/azure/access.ts';
import { freePort } from '../../infra/local/loopback.ts';
import { localDir, root } from '../../infra/local/runtime.ts';
import { startSimulation } from '../../infra/local/simulation.ts';
import { listDestinations, subscribe } from '../../shared/telling/destinations.ts';
import { NOTIFICATION, alertRows } from '../../shared/telling/alert-rows.ts';
import type { App } from '../../shared/app/app.ts';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Scan } from '../../shared/model/scan.ts';
import { listScans } from '../../shared/store/scans.ts';
import { seeded } from '../simulation/random.ts';
import type { Connector } from '../support/connector.ts';
import { startConnector } from '../support/connector.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { faultKinds, startFaultProxy } from '../support/fault-proxy.ts';
import { changesOf } from './changes.ts';
import { SCHEDULE, fastClock, soakStart } from './clock.ts';
import { createEdits } from './edits.ts';
import type { Worker } from './process.ts';
import { createWorker } from './process.ts';
import type { Storage } from './storage.ts';
import { startStorage } from './storage.ts';
import { alertsLost, clustersLost, duplicatesOf, scansLost, shownIn, untold } from './verdicts.ts';

const USAGE = `Usage: npm run soak -- [--minutes N] [--workers N] [--faults PERCENT] [--skew SECONDS] [--seed S]
  --minutes N   how long workers are killed, storage is restarted and the estate edited (5)
  --workers N   processes that share the work (3)
  --faults P    of a hundred storage calls of the workers so many fail, are busy, slow, carried out twice, or lose their answer; every
                message then comes three times (0)
  --skew S      clocks of workers are up to S seconds ahead or behind, by the clock of the product, of which an hour is five minutes (0)
  --seed S      of the moments, the edits and the refusals (1)
`;
const logPath = join(localDir, 'soak.log');
const CONVERSATION = 'soak';
/** Messages that come again do so up to this much later. */
const LATE_MS = 10_000;
/** By the clock on the wall: longer than any lease, resend or deadline of the fast clock. */
const REST_MS = 240_000;
/** Every change gets its card at once: none is held back as part of a storm, or as flapping. */
const ROUTING = '{"flap":{"turns":100,"hours":1},"storm":{"share":1,"clusters":100000}}';

interface Stage {
  readonly app: App;
  readonly connector: Connector;
  readonly storage: Storage;
  /** Between the workers and the storage. */
  readonly line: FaultProxy;
  readonly workers: readonly RunningWorker[];
  readonly estateDir: string;
}

interface RunningWorker extends Worker {
  readonly url: string;
}

interface Faults {
  readonly kills: number;
  readonly restarts: number;
  readonly edits: readonly string[];
}

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly workers: number;
  /** Share of the storage calls that fail, 0 to 1. */
  readonly faults: number;
  readonly skewSeconds: number;
}

async function main({ minutes, seed, ...options }: Options): Promise<number> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const stage = await setUp(stops, seed, options);
    for (const worker of stage.workers) worker.start();
    say('the first scan is the baseline');
    await until(stage, async () => (await scansOf(stage.app)).some(({ dispatched }) => dispatched));
    stage.line.share = options.faults;
    const faults = await disturb(stage, minutes * 60_000, seed);
    stage.line.share = 0;
    say('faults have stopped, the workers come to rest');
    const rested = await rest(stage);
    return await tell(stage, faults, rested);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
}

async function setUp(
  stops: (() => Promise<void>)[],
  seed: number,
  { workers: count, faults, skewSeconds }: Omit<Options, 'minutes' | 'seed'>,
): Promise<Stage> {
  const started = <T extends { close(): Promise<void> }>(part: T): T => {
    stops.push(() => part.close());
    return part;
  };
  const estateDir = mkdtempSync(join(tmpdir(), 'bulkhead-soak-'));
  stops.push(async () => rmSync(estateDir, { recursive: true }));
  cpSync(join(root, 'infra/local/estate'), estateDir, { recursive: true });
  const dataDir = mkdtempSync(join(tmpdir(), 'bulkhead-soak-storage-'));
  stops.push(async () => rmSync(dataDir, { recursive: true }));
  const storage = started(await startStorage(dataDir));
  const azure = started(await startSimulation({ estateDir, warn: say, pageSize: 4 }));
  // Hours pass in minutes, and the limits of Azure are per second of the clock on the wall.
  azure.faults.throttle = false;
  const connector = started(await startConnector());
  const settings = {
    AzureWebJobsStorage: storage.connectionString,
    BULKHEAD_BOT_ANONYMOUS: 'on',
    BULKHEAD_SCHEDULE: SCHEDULE,
    BULKHEAD_PERIOD_MINUTES: '1',
    BULKHEAD_SCAN_DEADLINE_MINUTES: '5',
    BULKHEAD_ROUTING: ROUTING,
  };
  const start = soakStart();
  const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const simulated = simulatedAccess(azure.endpoint);
  const app = createApp(readConfig(settings), { clock: fastClock(start), log: quiet, ...simulated });
  mkdirSync(localDir, { recursive: true });
  const logFile = openSync(logPath, 'w');
  const workers: RunningWorker[] = [];
  const random = seeded(seed + 2);
  const repeats = faults > 0 ? { repeatMessagesWithin: LATE_MS } : {};
  const line = started(await startFaultProxy(storage.connectionString, { random, share: 0, ...repeats }));
  const reached = { ...settings, AzureWebJobsStorage: line.connectionString };
  for (let i = 0; i < count; i++) {
    const port = await freePort(0);
    const skew = random.whole(-skewSeconds, skewSeconds) * 1_000;
    workers.push({
      ...createWorker({ settings: reached, azure: azure.endpoint, start, skew, port }, logFile),
      url: `http://127.0.0.1:${port}`,
    });
  }
  stops.push(() => killAll(workers));
  await subscribe(app.tables.Chat, { address: addressAt(connector.serviceUrl), by: 'soak' }, app.scan.clock.now());
  return { app, connector, storage, line, workers, estateDir };
}

async function killAll(workers: readonly Worker[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.kill()));
}

function addressAt(serviceUrl: string) {
  const conversation = { id: CONVERSATION, conversationType: 'channel', isGroup: true };
  const reference = { serviceUrl, conversation, channelId: 'msteams', bot: { id: 'bot' }, user: { id: 'user' } };
  const kind = 'channel' as const;
  return { conversationId: CONVERSATION, serviceUrl, tenantId: '', kind, reference: JSON.stringify(reference) };
}

/** Kills, edits and refusals at the same time, each at its own pace. */
async function disturb(stage: Stage, ms: number, seed: number): Promise<Faults> {
  const { workers, storage, connector, estateDir } = stage;
  const end = Date.now() + ms;
  const random = seeded(seed);
  const edit = createEdits(estateDir, seeded(seed + 1));
  const edits: string[] = [];
  let kills = 0;
  let restarts = 0;
  const every = async (least: number, most: number, act: () => Promise<void> | void): Promise<void> => {
    for (;;) {
      const wait = random.whole(least, most);
      if (Date.now() + wait >= end) return;
      await pause(wait);
      await act();
    }
  };
  await Promise.all([
    every(1_000, 8_000, async () => {
      if (random.chance(0.25)) await nextCard(connector, Math.min(6_000, end - Date.now()));
      const worker = random.pick(workers);
      await worker.kill();
      kills++;
      worker.start();
      say(`${Math.ceil((end - Date.now()) / 1000)} s left: ${kills} kills, ${edits.length} changes`);
    }),
    every(15_000, 40_000, async () => {
      await storage.leave(random.whole(0, 6_000));
      restarts++;
    }),
    every(500, 4_000, () => void edits.push(edit())),
    every(1_000, 4_000, () => {
      const [status, headers] = random.chance(0.5) ? [429, { 'retry-after': '1' }] : [500, {}];
      // One at a time: each is for the next card, and cards may be rare.
      if (connector.refusals.length === 0) connector.refusals.push({ status, headers });
    }),
    every(1_000, 1_000, () => ping(stage)),
  ]);
  connector.refusals.length = 0;
  return { kills, restarts, edits };
}

/** Waits for the moment at which a card stands in the conversation and its sender does not know it yet. */
async function nextCard({ posted }: Connector, ms: number): Promise<void> {
  const known = posted.length;
  for (const end = Date.now() + ms; Date.now() < end && posted.length === known;) await pause(1);
}

/** As the outside monitor asks after the health: it is a reason for the product to look after things. */
async function ping({ workers }: Stage): Promise<void> {
  const ask = ({ url }: RunningWorker) => fetch(`${url}/api/health`, { signal: AbortSignal.timeout(2_000) });
  await Promise.allSettled(workers.map(ask));
}

const scansOf = ({ tables }: App): Promise<readonly Scan[]> => listScans(tables.Scans, 1_000_000);

/** @returns true when it is so within the time that everything has to come to rest */
async function until(stage: Stage, holds: () => Promise<boolean>): Promise<boolean> {
  for (const end = Date.now() + REST_MS; Date.now() < end; await pause(250)) {
    if (await holds()) return true;
    await ping(stage);
  }
  return false;
}

/** Two more scans close and everything is told; then the workers end. @returns false when that never came to be */
async function rest(stage: Stage): Promise<boolean> {
  const { app, workers } = stage;
  const from = app.scan.clock.now().toISOString();
  const isQuiet = async (): Promise<boolean> => {
    const scans = await scansOf(app);
    const isDone = ({ state, dispatched }: Scan): boolean => state === 'closed' && dispatched;
    if (!scans.every(isDone) || scans.filter(({ openedAt }) => openedAt > from).length < 2) return false;
    for await (const _waiting of alertRows(app.tables.Alerts, NOTIFICATION)) return false;
    return true;
  };
  for (;;) {
    const rested = await until(stage, isQuiet);
    await killAll(workers);
    if (!rested) return false;
    // They may have opened another scan at the last moment.
    if (await isQuiet()) return true;
    for (const worker of workers) worker.start();
  }
}

async function tell(
  { app, connector, line, workers, estateDir }: Stage,
  faults: Faults,
  rested: boolean,
): Promise<number> {
  const scans = await scansOf(app);
  const changes = await changesOf(app);
  const shown = shownIn(connector.posted, CONVERSATION);
  const [destination] = await listDestinations(app.tables.Chat);
  const duplicates = await duplicatesOf(app, shown);
  const updates = connector.posted.filter(({ method }) => method === 'PUT').length;
  const figures = [
    ['kills', faults.kills],
    ['storage restarted', faults.restarts],
    ['storage calls', line.requests],
    ...faultKinds.map((kind) => [`  ${kind}`, line.done[kind]] as const),
    ['scans opened', scans.length],
    ['scans closed', scans.filter(({ state }) => state === 'closed').length],
    ['of these unfinished', scans.filter(({ missing = [] }) => missing.some(isUnfinished)).length],
    ['changes made', faults.edits.length],
    ['drift events', changes.events.length],
    ['cards posted', connector.posted.length - updates],
    ['cards updated', updates],
    ['duplicates', duplicates],
  ] as const;
  const lost: readonly (readonly [string, readonly string[]])[] = [
    [
      'a worker ends only when killed, and all come to rest',
      [...workers.flatMap(({ deaths }) => deaths), ...(rested ? [] : ['they never rested'])],
    ],
    ['every opened scan closed exactly once', await scansLost(app, scans)],
    ['every cluster has its result of the last scan', await clustersLost(app, estateDir, scans[0]!)],
    ['every change is in the drift log', changes.lost],
    ['every lasting change is an alert and on its card', await alertsLost(app, changes, destination!.key, shown)],
    ['every change of a cluster is on a card', await untold(app, changes)],
    ['no card twice but for a kill', duplicates > faults.kills ? [`${duplicates} by ${faults.kills} kills`] : []],
  ];
  const options = tableOptions(process.stdout);
  for (const line of [...figureLines(figures, options), '', ...verdictLines(lost, options)])
    process.stdout.write(`${line}\n`);
  const held = lost.every(([, what]) => what.length === 0);
  if (!held) process.stdout.write(`\nWhat the workers logged is in ${relative(root, logPath)}\n`);
  return held ? 0 : 1;
}

/** A subscription that cannot be read makes a scan partial as well; this one was cut short. */
const isUnfinished = (missing: string): boolean => /was not (audited|enumerated)|were not listed/.test(missing);

const figureLines = (figures: readonly (readonly [string, number])[], options: TableOptions): string[] =>
  renderTable<readonly [string, number]>(
    [
      { title: 'WHAT', value: ([what]) => what },
      { title: 'COUNT', value: ([, count]) => String(count) },
    ],
    figures,
    options,
  );

const MAX_SHOWN = 20;

const verdictLines = (lost: readonly (readonly [string, readonly string[]])[], options: TableOptions): string[] =>
  lost.flatMap(([what, missing]) => [
    `${missing.length === 0 ? paint('holds ', 'green', options.color) : paint('BROKEN', 'red', options.color)}  ${what}`,
    ...missing.slice(0, MAX_SHOWN).map((one) => `          ${one}`),
    ...(missing.length > MAX_SHOWN ? [`          and ${missing.length - MAX_SHOWN} more`] : []),
  ]);

function say(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
}

function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const options = { minutes: text, seed: text, workers: text, faults: text, skew: text };
  const { values } = parseArgs({ args: [...args], options });
  const minutes = Number(values.minutes ?? 5);
  const seed = Number(values.seed ?? 1);
  if (!(minutes > 0)) throw new TypeError('--minutes takes a number above 0');
  if (!Number.isSafeInteger(seed)) throw new TypeError('--seed takes a whole number');
  const workers = Number(values.workers ?? 3);
  const percent = Number(values.faults ?? 0);
  const skewSeconds = Number(values.skew ?? 0);
  if (!(Number.isInteger(workers) && workers > 0)) throw new TypeError('--workers takes a whole number above 0');
  if (!(percent >= 0 && percent <= 50)) throw new TypeError('--faults takes a number from 0 to 50');
  if (!(Number.isInteger(skewSeconds) && skewSeconds >= 0)) throw new TypeError('--skew takes a whole number');
  return { minutes, seed, workers, faults: percent / 100, skewSeconds };
}

try {
  process.exitCode = await main(readOptions(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (error instanceof TypeError) process.stderr.write(USAGE);
  process.exitCode = 2;
}
