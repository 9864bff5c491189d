// A scan worked off by several processes in virtual time: each has a memory of its own, and any may die.
import type { QueueName, Tables } from '../../shared/ports.ts';
import { auditOne } from '../../shared/scan/audit-cluster.ts';
import type { ScanContext } from '../../shared/scan/context.ts';
import { enumerate } from '../../shared/scan/enumerate.ts';
import { auditMessage, enumerateMessage, parseMessage, superviseMessage } from '../../shared/scan/messages.ts';
import { openSlotScan } from '../../shared/scan/open.ts';
import { tick } from '../../shared/scan/supervise.ts';
import { readCurrent } from '../../shared/store/scans.ts';
import type { Scan } from '../../shared/model/scan.ts';
import { memoryQueue } from './memory-queue.ts';

interface Message {
  readonly queue: QueueName;
  readonly body: string;
  readonly at: number;
}

export interface FleetOfWorkers {
  readonly clock: { now: number };
  /** Opens the scan of the present slot and works it off. @returns it, closed */
  scan(): Promise<Scan>;
  /** Bytes of the longest message so far. */
  longestMessage(): number;
}

export interface FleetOptions {
  readonly tables: Tables;
  readonly clock: { now: number };
  readonly workers: number;
  /** Each of so many messages ends the process that has worked it off: what it held in memory is lost. */
  readonly diesAfter?: number;
  /** What a process that starts builds of its own. */
  readonly start: () => Pick<ScanContext, 'estate' | 'reader'>;
}

const never = new AbortController().signal;

export function createFleetOfWorkers({ tables, clock, workers, diesAfter, start }: FleetOptions): FleetOfWorkers {
  let messages: Message[] = [];
  let longest = 0;
  const queue = memoryQueue((name, body, delaySeconds) => {
    longest = Math.max(longest, Buffer.byteLength(body));
    messages.push({ queue: name, body, at: clock.now + delaySeconds * 1000 });
  });
  const launch = (): ScanContext => ({
    ...start(),
    clock: { now: () => new Date(clock.now) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tables,
    queue,
    exemptions: async () => [],
    settings: {
      periodMinutes: 30,
      deadlineMinutes: 25,
      retentionDays: 90,
      excludedNamespaces: [],
      exemptionMaxDays: 365,
      timezone: 'UTC',
      outOfScope: () => false,
    },
    nonce: () => 'n',
    dispatch: async () => undefined,
    forgetAlerts: async () => undefined,
    heartbeat: async () => undefined,
  });
  const running = Array.from({ length: workers }, launch);

  async function handle(ctx: ScanContext, { queue: name, body }: Message): Promise<void> {
    const message: unknown = JSON.parse(body);
    if (name === 'enumerate') return enumerate(ctx, parseMessage(name, enumerateMessage, message), never);
    if (name === 'audit') return auditOne(ctx, parseMessage(name, auditMessage, message), never);
    const parsed = parseMessage('supervise', superviseMessage, message);
    return parsed.kind === 'tick' ? tick(ctx, parsed) : undefined;
  }

  return {
    clock,
    longestMessage: () => longest,
    async scan() {
      const { scan } = await openSlotScan(running[0]!);
      for (let worked = 0; messages.length > 0; worked++) {
        const next = messages.reduce((first, message) => (message.at < first.at ? message : first));
        messages = messages.filter((message) => message !== next);
        clock.now = Math.max(clock.now, next.at);
        await handle(running[worked % workers]!, next);
        if (diesAfter && worked % diesAfter === 0) running[worked % workers] = launch();
      }
      const current = await readCurrent(tables.Scans);
      if (current?.id !== scan.id || current.state !== 'closed') throw new Error(`${scan.id} has not closed`);
      return current;
    },
  };
}
