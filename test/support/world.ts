// A world for protocol tests: virtual time, queues with visibility, an estate to edit, and a process that can die at any call it makes.
import type { DriftEvent } from '../../shared/model/result.ts';
import type { ClusterReader, QueueName, Tables } from '../../shared/ports.ts';
import type { ScanContext } from '../../shared/scan/context.ts';
import { auditOne } from '../../shared/scan/audit-cluster.ts';
import { enumerate } from '../../shared/scan/enumerate.ts';
import { auditMessage, enumerateMessage, parseMessage, superviseMessage } from '../../shared/scan/messages.ts';
import { openSlotScan } from '../../shared/scan/open.ts';
import { recordPoison } from '../../shared/scan/poison.ts';
import { purgeSlice } from '../../shared/scan/purge.ts';
import { startOverdue, superviseCurrent, tick } from '../../shared/scan/supervise.ts';
import { slotOf } from '../../shared/model/scan.ts';
import { cachedExemptions } from '../../shared/store/exemptions.ts';
import { readCurrent } from '../../shared/store/scans.ts';
import { collectOutbox } from '../../shared/scan/outbox.ts';
import type { MemoryEstate } from './estate.ts';
import { memoryEstate } from './estate.ts';
import { memoryQueue } from './memory-queue.ts';
import { estateThrough, queueThrough, readerThrough, tablesThrough } from './through.ts';

/** The process died: everything in memory is lost, everything stored stays. */
export class Crash extends Error {}

/** A call met a fault. */
class Refused extends Error {}

/** A message that a dead process held comes back after ten minutes, as Azure's queue trigger has it. */
const INVISIBLE_MS = 10 * 60_000;
const MAX_DEQUEUES = 5;

interface Message {
  readonly queue: QueueName;
  readonly body: string;
  visibleAt: number;
  dequeues: number;
}

export interface World {
  readonly ctx: ScanContext;
  readonly subscriptions: MemoryEstate;
  readonly told: DriftEvent[];
  readonly messages: Message[];
  readonly clock: { now: number };
  /** Every call of storage, queues and ARM that is named like this fails, until it is taken away: `Results.transact KEY`. */
  readonly faults: { on?: Pick<RegExp, 'test'> | undefined };
  /** Die at the n-th call from now, before or after it takes effect. */
  crashAt(call: number, when: 'before' | 'after'): void;
  /** Calls made since crashAt was last set. */
  calls(): number;
  /** Opens the scan of the present slot, as the timer does; a crash is swallowed like the host does. */
  timer(): Promise<void>;
  /** Works off queues, and lets time pass, until the current scan is closed and dispatched or `limitMs` of virtual time passed. */
  run(limitMs?: number): Promise<void>;
}

export interface WorldOptions {
  readonly tables: Tables;
  readonly start?: Date;
  readonly deadlineMinutes?: number;
  readonly retentionDays?: number;
  readonly outOfScope?: (subscriptionId: string) => boolean;
  /** Looks into clusters; without one only their ARM bodies are judged. */
  readonly reader?: ClusterReader;
}

/** Lets time pass until a second after the next slot begins. */
export function nextSlot({ clock, ctx }: World): void {
  const period = ctx.settings.periodMinutes * 60_000;
  clock.now = Math.ceil((clock.now + 1) / period) * period + 1_000;
}

export function createWorld(options: WorldOptions): World {
  const clock = { now: (options.start ?? new Date('2026-11-21T10:00:30Z')).getTime() };
  const messages: Message[] = [];
  const told: DriftEvent[] = [];
  const subscriptions: World['subscriptions'] = new Map();
  let left = Number.POSITIVE_INFINITY;
  let when: 'before' | 'after' = 'before';
  let made = 0;
  let dead = false;
  let nonce = 0;
  let expected = 0;

  const faults: World['faults'] = {};

  const call = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    if (dead) throw new Crash('the process is dead');
    if (faults.on?.test(what)) throw new Refused(`${what} was refused`);
    made++;
    const dies = made === left;
    if (dies) dead = true;
    if (dies && when === 'before') throw new Crash(`died before call ${made}`);
    const result = await run();
    if (dies) throw new Crash(`died after call ${made}`);
    return result;
  };

  const tables = tablesThrough(call, options.tables);
  const inner = memoryQueue((name, body, delaySeconds) =>
    messages.push({ queue: name, body, visibleAt: clock.now + delaySeconds * 1000, dequeues: 0 }),
  );
  const queue = queueThrough(call, inner);
  const estate = estateThrough(call, memoryEstate(subscriptions));

  const ctx: ScanContext = {
    clock: { now: () => new Date(clock.now) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    estate,
    reader: options.reader && readerThrough(call, options.reader),
    tables,
    queue,
    exemptions: cachedExemptions(tables.Alerts, { now: () => new Date(clock.now) }),
    settings: {
      periodMinutes: 30,
      deadlineMinutes: options.deadlineMinutes ?? 25,
      retentionDays: options.retentionDays ?? 90,
      excludedNamespaces: [],
      exemptionMaxDays: 365,
      timezone: 'UTC',
      outOfScope: options.outOfScope ?? (() => false),
    },
    nonce: () => `n${++nonce}`,
    dispatch: async () => {
      const outbox = await collectOutbox(ctx.tables, ctx.log);
      // Told and remembered in one step, as the alerts do it in one transaction.
      await call('alerts.dispatch', async () => {
        const ids = new Set(told.map((event) => event.id));
        told.push(...outbox.events.filter((event) => !ids.has(event.id)));
      });
      await outbox.remove();
    },
    forgetAlerts: async () => undefined,
    heartbeat: async () => undefined,
  };

  const handle = async (message: Message): Promise<void> => {
    const body: unknown = JSON.parse(message.body);
    const signal = new AbortController().signal;
    if (message.queue === 'enumerate') return enumerate(ctx, parseMessage('enumerate', enumerateMessage, body), signal);
    if (message.queue === 'audit') return auditOne(ctx, parseMessage('audit', auditMessage, body), signal);
    if (message.queue === 'deliver') return;
    const parsed = parseMessage('supervise', superviseMessage, body);
    return parsed.kind === 'tick' ? tick(ctx, parsed) : purgeSlice(ctx, parsed);
  };

  const work = async (message: Message): Promise<void> => {
    message.dequeues++;
    message.visibleAt = clock.now + INVISIBLE_MS;
    try {
      if (message.dequeues > MAX_DEQUEUES) {
        await recordPoison(ctx, message.queue, JSON.parse(message.body));
      } else await handle(message);
      if (dead) return;
      messages.splice(messages.indexOf(message), 1);
    } catch (error) {
      if (dead) return;
      if (!(error instanceof Error)) throw error;
      // What its own poison handler cannot take either goes to a queue that nobody reads.
      if (message.dequeues >= 2 * MAX_DEQUEUES) messages.splice(messages.indexOf(message), 1);
      message.visibleAt = clock.now + 10_000;
    }
  };

  const swallow = async (run: () => Promise<unknown>): Promise<void> => {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Crash || error instanceof Refused)) throw error;
    }
    // A new process starts; it does not die again unless told to.
    if (dead) {
      dead = false;
      left = Number.POSITIVE_INFINITY;
    }
  };

  return {
    ctx,
    subscriptions,
    told,
    messages,
    clock,
    faults,
    crashAt(at, moment) {
      left = at;
      when = moment;
      made = 0;
    },
    calls: () => made,
    timer: () => {
      expected = slotOf(new Date(clock.now), ctx.settings.periodMinutes).getTime();
      return swallow(() => openSlotScan(ctx));
    },
    async run(limitMs = 120 * 60_000) {
      const end = clock.now + limitMs;
      let wakeAt = clock.now + 5 * 60_000;
      while (clock.now < end) {
        const due = messages.filter((message) => message.visibleAt <= clock.now);
        if (due[0]) {
          await swallow(() => work(due[0]!));
          continue;
        }
        const current = await readCurrent(options.tables.Scans);
        const over = current?.state === 'closed' && current.dispatched && new Date(current.at).getTime() >= expected;
        if (over && messages.every((message) => message.queue === 'supervise')) return;
        const next = Math.min(wakeAt, ...messages.map((message) => message.visibleAt));
        clock.now = Math.max(clock.now, next);
        if (clock.now >= wakeAt) {
          wakeAt += 5 * 60_000;
          await swallow(async () => {
            await superviseCurrent(ctx);
            await startOverdue(ctx);
          });
        }
      }
    },
  };
}
