// The Functions host in virtual time: instances that die, queues with visibility, five tries and poison, timers that get lost.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { App } from '../../shared/app/app.ts';
import type { Queue } from '../../shared/ports.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import type { Through } from '../support/through.ts';
import type { Doors } from './doors.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';
import type { Trace } from './trace.ts';
import type { Weather } from './weather.ts';

export interface Invocation {
  /** For the trace: a number and the function's name. */
  readonly id: string;
  readonly name: string;
  readonly startedAt: number;
  readonly instance: Instance;
  state: 'running' | 'done' | 'failed' | 'dead';
  endedAt?: number;
  /** When the last of its calls failed. */
  faultAt: number;
  /** The longest that one of its calls had to wait, in milliseconds. */
  longestWait: number;
}

export interface Instance {
  app: App;
  /** Of its machine: whatever process runs there, the clock is as wrong. */
  readonly skew: () => number;
}

export interface HostParts {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly weather: Weather;
  readonly trace: Trace;
  readonly doors: Doors;
  readonly instances: number;
  readonly periodMs: number;
  /** @param skew by how much the clock of the instance is ahead at present, in milliseconds */
  readonly buildApp: (host: Host, skew: () => number) => App;
  /** Is told of every invocation's end. */
  readonly ended: (invocation: Invocation) => void;
}

export interface Host {
  readonly queue: Queue;
  /** Every call of a port goes through here: it waits for its turn, and meets its fate. */
  readonly through: Through;
  /** Whose call is being made. */
  current(): Invocation | undefined;
  invoke(name: string, run: (app: App) => Promise<void>): Invocation;
  /** Kills an instance with everything that runs on it. */
  crash(instance?: Instance): void;
  /** Ends every instance, as a deployment does; what they did is done again by those that start. */
  replace(): void;
  start(): void;
}

/** host.json and the storage queue trigger. */
const MAX_DEQUEUES = 5;
const RETRY_MS = 10_000;
const INVISIBLE_MS = { least: 5 * 60_000, most: 10 * 60_000 };
const POLL_MS = 2_000;
const WAKE_MS = 5 * 60_000;
/** The platform's timers fire a little early now and then. */
const EARLY_MS = 50;
/** A request that waits no longer than this may be on its way already when its process dies. */
const ON_ITS_WAY_MS = 5_000;

interface Message {
  readonly queue: string;
  readonly body: string;
  dequeues: number;
}

export function createHost(parts: HostParts): Host {
  const { timeline, random, weather, trace, doors } = parts;
  const running = new AsyncLocalStorage<Invocation>();
  const live = new Set<Invocation>();
  const instances: Instance[] = [];
  let count = 0;

  const through: Through = (what, run) => {
    const owner = running.getStore();
    if (!owner) throw new Error(`${what} was called outside of any function`);
    const wait = weather.delay();
    owner.longestWait = Math.max(owner.longestWait, wait);
    return new Promise((resolve, reject) => {
      timeline.at(timeline.now() + wait, async () => {
        const dead = owner.state === 'dead';
        if (dead && (wait > ON_ITS_WAY_MS || random.chance(0.7))) return;
        const fate = dead ? 'fine' : weather.fate(what);
        if (fate === 'refused') {
          note(owner, what, fate);
          owner.faultAt = timeline.now();
          reject(new Error(`${what}: the service is busy`));
          return;
        }
        if (fate === 'crash-before') {
          note(owner, what, fate);
          crash(random.chance(0.5) ? owner.instance : owner);
          return;
        }
        if (fate === 'conflict') {
          note(owner, what, fate);
          // Whoever asks for a row learns that it is another one now, whoever asks for several that nothing was done.
          resolve((what.includes('.replace ') ? 'stale' : 'conflict') as Awaited<ReturnType<typeof run>>);
          return;
        }
        if (fate === 'repeated') {
          owner.faultAt = timeline.now();
          await running.run(owner, run).catch(() => undefined);
        }
        const answer = await running.run(owner, run).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        note(owner, what, dead ? 'by a dead process' : fate, answer);
        if (dead) return;
        if (fate === 'crash-after') crash(random.chance(0.5) ? owner.instance : owner);
        else if ('error' in answer) reject(answer.error as Error);
        else if (fate === 'lost') {
          owner.faultAt = timeline.now();
          reject(new Error(`${what}: no answer in time`));
        } else resolve(answer.value);
      });
    });
  };

  function note(owner: Invocation, what: string, fate: string, answer: object = {}): void {
    const value = 'value' in answer && typeof answer.value === 'string' ? ` = ${answer.value}` : '';
    const error = 'error' in answer && answer.error instanceof Error ? ` ! ${answer.error.message}` : '';
    trace.line(`${owner.id} ${what}${value}${error}${fate === 'fine' ? '' : ` [${fate}]`}`);
  }

  function invoke(
    name: string,
    run: (app: App) => Promise<void>,
    then: (invocation: Invocation) => void = () => undefined,
  ): Invocation {
    const instance = random.pick(instances);
    const startedAt = timeline.now();
    const id = `#${++count} ${name}`;
    const invocation: Invocation = { id, name, startedAt, instance, state: 'running', faultAt: 0, longestWait: 0 };
    const end = (state: 'done' | 'failed' | 'dead'): void => {
      if (invocation.state !== 'running') return;
      invocation.state = state;
      invocation.endedAt = timeline.now();
      live.delete(invocation);
      endings.delete(invocation);
      trace.line(`${id} ${state}`);
      parts.ended(invocation);
      then(invocation);
    };
    live.add(invocation);
    endings.set(invocation, end);
    void running.run(invocation, () =>
      run(instance.app).then(
        () => end('done'),
        (error: unknown) => {
          trace.line(`${id} threw ${error instanceof Error ? error.message : String(error)}`);
          end('failed');
        },
      ),
    );
    return invocation;
  }
  const endings = new Map<Invocation, (state: 'dead') => void>();

  function crash(what: Instance | Invocation): void {
    if ('state' in what) {
      endings.get(what)?.('dead');
      return;
    }
    trace.line(`an instance with ${[...live].filter((i) => i.instance === what).length} functions dies`);
    for (const invocation of live) if (invocation.instance === what) endings.get(invocation)!('dead');
    what.app = parts.buildApp(host, what.skew);
  }

  function arrive(message: Message): void {
    const handler = doors.queues.get(message.queue);
    message.dequeues++;
    if (!handler || message.dequeues > MAX_DEQUEUES) return poison(message);
    invoke(
      message.queue,
      (app) => handler(app, JSON.parse(message.body)),
      ({ state }) => {
        if (state === 'failed' && message.dequeues >= MAX_DEQUEUES) return poison(message);
        if (state === 'failed') later(message, RETRY_MS);
        if (state === 'dead') later(message, random.whole(INVISIBLE_MS.least, INVISIBLE_MS.most));
      },
    );
  }

  const later = (message: Message, wait: number): void =>
    timeline.at(timeline.now() + wait + random.whole(0, POLL_MS), () => arrive(message));

  function poison(message: Message): void {
    trace.line(`message of ${message.queue} is poison ${message.body.slice(0, 120)}`);
    if (doors.queues.has(`${message.queue}-poison`))
      later({ queue: `${message.queue}-poison`, body: message.body, dequeues: 0 }, 0);
  }

  function every(period: number, name: string, run: (app: App) => Promise<void>, after = timeline.now()): void {
    const next = Math.floor(after / period + 1) * period;
    timeline.at(next + random.whole(-EARLY_MS, 1_500), () => {
      if (weather.isOut('timers') || (!weather.isClear() && random.chance(weather.rates.timerLost)))
        trace.line(`${name} does not come`);
      else invoke(name, run);
      every(period, name, run, Math.max(next, timeline.now()));
    });
  }

  /** A clock that is right, or ahead or behind by seconds to hours; some jump back to the right time once. */
  function skewOf(): () => number {
    if (weather.rates.wrongClock === 0 || !random.chance(weather.rates.wrongClock)) return () => 0;
    const ahead = random.magnitude(1_000, 3 * 3_600_000) * (random.chance(0.5) ? 1 : -1);
    const until = random.chance(0.5) ? timeline.now() + random.magnitude(10, 600) * 60_000 : Number.POSITIVE_INFINITY;
    return () => (weather.isClear() || timeline.now() >= until ? 0 : Math.round(ahead));
  }

  const host: Host = {
    through,
    invoke,
    current: () => running.getStore(),
    crash: (instance) => crash(instance ?? random.pick(instances)),
    replace: () => instances.forEach(crash),
    queue: memoryQueue((queue, body, delaySeconds) => {
      later({ queue, body, dequeues: 0 }, delaySeconds * 1000);
      if (!weather.isClear() && random.chance(weather.rates.duplicate))
        later({ queue, body, dequeues: 0 }, delaySeconds * 1000 + random.magnitude(10, 900_000));
    }),
    start() {
      for (let i = 0; i < parts.instances; i++) {
        const skew = skewOf();
        instances.push({ app: parts.buildApp(host, skew), skew });
      }
      every(parts.periodMs, 'scan-timer', (app) => doors.scanTimer(app));
      every(WAKE_MS, 'wake-timer', (app) => doors.wakeTimer(app));
    },
  };
  return host;
}
