// One run: the product on simulated ports, through the weather of its seed, and then at rest, watched by every invariant.
import type { Config } from '../../shared/app/config.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Queue } from '../../shared/ports.ts';
import { createLog } from '../../shared/log.ts';
import { memoryTables } from '../support/memory-tables.ts';
import type { Stage } from './actions.ts';
import { createAsked } from './asked.ts';
import { azureInMemory } from './azure.ts';
import { actByChance } from './chance.ts';
import type { Doors } from './doors.ts';
import { OPERATOR, OPERATOR_KEY, loadDoors } from './doors.ts';
import { makeEstate } from './estate.ts';
import { HEARTBEAT_URL, listenForHeartbeat } from './heartbeat.ts';
import type { Host } from './host.ts';
import { createHost } from './host.ts';
import { createInsides } from './inside.ts';
import { alertsAreTrue } from './invariants/at-rest.ts';
import { cardsSayWhatIs } from './invariants/cards.ts';
import { changesAreDrift } from './invariants/changes.ts';
import { destinationsStay } from './invariants/destinations.ts';
import { historyIsWhole } from './invariants/history.ts';
import type { Invariant, Observed } from './invariants/invariant.ts';
import type { Known } from './invariants/known.ts';
import { heartbeatsAreTrue } from './invariants/heartbeat.ts';
import { lastingIsTold } from './invariants/lasting.ts';
import { pastIsKept } from './invariants/past.ts';
import { resultsStand } from './invariants/results.ts';
import { scansClose } from './invariants/scans.ts';
import { changesAreTold } from './invariants/told.ts';
import { people } from './people.ts';
import type { Ports } from './product.ts';
import { PAGE_SIZE, productOf, readAzure } from './product.ts';
import type { Random } from './random.ts';
import { createRelease } from './release.ts';
import { seeded } from './random.ts';
import { createTeams } from './teams.ts';
import { createTimeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import { createTrace } from './trace.ts';
import type { Extra } from './weather.ts';
import { createWeather } from './weather.ts';

export interface Run {
  readonly seed: number;
  /** Virtual hours of weather, before the time to come to rest. */
  readonly hours: number;
  /** Called now and then with the virtual hours that passed. */
  readonly progress?: (hours: number) => void;
  /** Gets every line of what happens. */
  readonly trace?: (line: string) => void;
  /** Faults to have besides the usual ones. */
  readonly extras?: readonly Extra[];
  /** Breaks a port on purpose, to see that an invariant notices. */
  readonly sabotage?: (ports: Ports) => Partial<Ports>;
}

export interface Outcome {
  readonly seed: number;
  readonly hours: number;
  /** The invariants that were broken, in words; empty when all held. */
  readonly broken: readonly string[];
  /** The same for the same seed. */
  readonly hash: string;
  readonly lines: number;
  readonly lastLines: readonly string[];
}

const START = Date.parse('2026-11-21T10:07:00Z');
/** An hour has some hundred port calls; far more than that is work that makes work. */
const MOST_LINES_AN_HOUR = 6_000;
const HOUR_MS = 3_600_000;
/** No flapping and no storms: every single change comes on a card. */
const LITERAL_ROUTING = JSON.stringify({ flap: { turns: 100, hours: 1 }, storm: { share: 1, clusters: 1000 } });
const ARM_PAGE_SIZE = 2;

let doors: Promise<Doors> | undefined;

/** Runs one seed. The first broken invariant ends it. */
export async function simulate(run: Run): Promise<Outcome> {
  const random = seeded(run.seed);
  const { config, literal } = settingsOf(random);
  doors ??= loadDoors(config);
  const { stage, invariants, trace, broken, stop } = await setUp(run, random, config, literal);
  try {
    stage.host.start();
    people.find(({ act, name }) => name === 'a conversation subscribes' && act(stage));
    startActing(stage, trace);
    await passTime(run, stage, trace, broken, config.periodMinutes * 60_000);
    if (broken.length === 0) for (const invariant of invariants) await invariant.settled?.();
  } finally {
    stop();
  }
  const { seed, hours } = run;
  return { seed, hours, broken, hash: trace.hash(), lines: trace.lines(), lastLines: trace.last() };
}

/** @returns the settings of a run; `literal` when every change is told by itself */
function settingsOf(random: Random): { config: Config; literal: boolean } {
  const settings = {
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    BULKHEAD_HEARTBEAT_URL: HEARTBEAT_URL,
    BULKHEAD_OPERATORS: OPERATOR,
    BULKHEAD_OPERATOR_KEY: OPERATOR_KEY,
    BULKHEAD_IN_CLUSTER: random.pick(['off', 'on', 'on']),
    BULKHEAD_PERIOD_MINUTES: random.pick(['30', '30', '60']),
    BULKHEAD_RETENTION_DAYS: random.pick(['1', '7', '90']),
  };
  const literal = random.chance(0.6);
  return { literal, config: readConfig(literal ? { ...settings, BULKHEAD_ROUTING: LITERAL_ROUTING } : settings) };
}

async function setUp(run: Run, random: Random, config: Config, literal: boolean) {
  const timeline = createTimeline(START);
  const trace = createTrace(timeline.now, run.trace);
  const weather = createWeather(random, timeline.now, run.extras);
  const clock = { now: () => new Date(timeline.now()) };
  const log = createLog(clock, (level, line) =>
    trace.line(`${level} ${withoutTook(line.slice(line.indexOf('"message"')))}`),
  );
  const estate = makeEstate(random);
  const insides = createInsides((id) =>
    [...estate.values()].flatMap(({ clusters }) => [...clusters.values()]).find((cluster) => cluster.id === id),
  );
  const broken: string[] = [];
  const invariants: Invariant[] = [];
  const each = (tell: (invariant: Invariant) => void): void => invariants.forEach(tell);
  const tables = memoryTables({
    pageSize: PAGE_SIZE,
    committed: (name, changes) => each((invariant) => invariant.committed?.(name, changes)),
  });
  const teams = createTeams({
    host: () => host,
    now: timeline.now,
    random,
    weather,
    posted: (post) => each((invariant) => invariant.posted?.(post)),
    refused: (id, status) => each((invariant) => invariant.refused?.(id, status)),
  });
  const gone = (id: string): void => each((invariant) => invariant.armGone?.(id));
  const azure = azureInMemory({ estate, pageSize: ARM_PAGE_SIZE, addressOf: insides.addressOf, gone });
  const release = createRelease(run.seed);
  const parts = { config, clock, log, random, azure, insides, catalogue: release.catalogue };
  const queue: Queue = { send: (...message) => host.queue.send(...message) };
  const whole: Ports = { tables, chat: teams.chat, queue, estate: readAzure(parts) };
  const product = productOf(parts, { ...whole, ...run.sabotage?.(whole) });
  const open = await doors!;
  const host: Host = createHost({
    timeline,
    random,
    weather,
    trace,
    doors: open,
    instances: random.pick([1, 2, 3, 3]),
    periodMs: config.periodMinutes * 60_000,
    ended: (invocation) => each((invariant) => invariant.ended?.(invocation)),
    buildApp: ({ through }, skew) => product(through, skew),
  });
  release.schedule(timeline, host, run.hours);
  const asked = createAsked();
  const said = { asked, broken: (what: string): void => void broken.push(what) };
  // Whoever watches disturbs nothing: asking must not wake anybody.
  const onlooker = { ...product((_what, call) => call()), nudge: () => undefined };
  const observed: Observed = {
    ...said,
    clock,
    config,
    estate,
    insides,
    teams,
    tables,
    calmSince: weather.clearSince,
    ask: (path) => open.ask(onlooker, 'GET', path),
  };
  invariants.push(...watchAll(observed, literal));
  const stop = listenForHeartbeat(
    () => host.through,
    () => each((invariant) => invariant.heartbeat?.()),
  );
  const stage: Stage = { ...said, timeline, random, weather, host, teams, estate, insides, doors: open };
  return { stage, invariants, trace, broken, stop };
}

/** How long something took by the clock on the wall, and what only the log knows a request by, is another every time. */
const withoutTook = (line: string): string => line.replaceAll(/"(ms|correlation)":("[^"]*"|\d+),?/g, '');

function watchAll(observed: Observed, literal: boolean): Invariant[] {
  const destinations = destinationsStay(observed);
  const told = changesAreTold(observed, destinations, literal);
  const atRest = alertsAreTrue(observed, destinations);
  const history = historyIsWhole(observed);
  const clusters = new Map<string, Known>();
  const cards = cardsSayWhatIs(observed, clusters);
  const lasting = lastingIsTold(observed, clusters, destinations);
  const changes = changesAreDrift(observed, clusters, (event) => {
    for (const invariant of [told, atRest, history, lasting]) invariant.happened(event);
  });
  const heartbeats = heartbeatsAreTrue(observed);
  return [
    scansClose(observed),
    heartbeats,
    resultsStand(observed),
    changes,
    history,
    pastIsKept(observed),
    destinations,
    told,
    atRest,
    lasting,
    cards,
  ];
}

/** People and Azure act at moments by chance, as long as there is weather. */
function startActing(stage: Stage, trace: Trace): void {
  const { timeline, random, weather } = stage;
  const everyMs = random.magnitude(4, 60) * 60_000;
  const calm = Object.values(weather.rates).every((rate) => rate === 0);
  const next = (): void =>
    timeline.at(timeline.now() - Math.log(1 - random.next()) * everyMs, () => {
      if (weather.isClear()) return;
      const what = actByChance(stage, calm);
      if (what !== undefined) trace.line(`-- ${what}`);
      next();
    });
  next();
}

/** Lets the weather pass, then gives time to come to rest: the last moment lies right before a scan would open. */
async function passTime(run: Run, { timeline, weather }: Stage, trace: Trace, broken: string[], period: number) {
  const stop = (): boolean => {
    if (trace.lines() > MOST_LINES_AN_HOUR * (run.hours + 10)) broken.push('there is ever more work and no end of it');
    return broken.length > 0;
  };
  const end = START + run.hours * HOUR_MS;
  const step = Math.min(run.hours, 20) * HOUR_MS;
  while (timeline.now() < end && !stop()) {
    await timeline.runUntil(Math.min(end, timeline.now() + step), stop);
    run.progress?.(Math.min(run.hours, (timeline.now() - START) / HOUR_MS));
  }
  weather.clear();
  const rest = timeline.now() + 3.5 * period;
  await timeline.runUntil(Math.ceil(rest / period) * period - 60_000, stop);
}
