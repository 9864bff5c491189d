// Queue triggers on real storage queues: batches, visibility renewed while a handler runs, five tries, then the poison queue.
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { QueueServiceClient } from '@azure/storage-queue';
import { setTimeout as pause } from 'node:timers/promises';
import type { Core } from './core.ts';
import { triggerOf } from './core.ts';

export interface QueueSettings {
  readonly batchSize: number;
  readonly maxDequeueCount: number;
  /** Seconds until a failed message comes back. */
  readonly retrySeconds: number;
  /** Seconds until a message that a dead process held comes back; renewed at half-time while its handler runs. */
  readonly invisibleSeconds: number;
  readonly base64: boolean;
}

export interface Queues {
  /** Stops taking messages and waits for those being worked on, up to a bound. */
  stop(): Promise<void>;
}

/** A function, and the queue that it is triggered by. */
interface Line {
  readonly name: string;
  readonly queue: QueueClient;
  /** Where messages that fail too often are put; undefined for a poison queue itself. */
  readonly poison: QueueClient | undefined;
  readonly core: Core;
  readonly settings: QueueSettings;
  readonly failed: (error: unknown) => void;
}

const IDLE_POLL_MS = { least: 50, most: 1_000 };
const DRAIN_MS = 10_000;
/** Storage gives at most this many messages at a time. */
const MAX_RECEIVED = 32;

/** @param failed is told what a handler threw */
export function startQueues(
  core: Core,
  connectionString: string,
  settings: QueueSettings,
  failed: (name: string, error: unknown) => void,
): Queues {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const stopping = new AbortController();
  const loops = [...core.functions.values()]
    .map((registered) => ({ name: registered.name, trigger: triggerOf(registered) }))
    .filter(({ trigger }) => trigger.type === 'queueTrigger')
    .map(({ name, trigger }) => {
      const queue = service.getQueueClient(String(trigger['queueName']));
      const poison = queue.name.endsWith('-poison') ? undefined : service.getQueueClient(`${queue.name}-poison`);
      return pump({ name, queue, poison, core, settings, failed: (error) => failed(name, error) }, stopping.signal);
    });
  return {
    async stop() {
      stopping.abort();
      await Promise.allSettled(loops);
    },
  };
}

/** Takes messages until it is stopped; what goes wrong is reported and tried again. */
async function pump(line: Line, stopping: AbortSignal): Promise<void> {
  const { queue, settings, failed } = line;
  const working = new Set<Promise<void>>();
  let idle = IDLE_POLL_MS.least;
  let created = false;
  while (!stopping.aborted) {
    try {
      if (!created) await queue.createIfNotExists();
      created = true;
      const free = settings.batchSize - working.size;
      const batch = free > 0 ? await receive(line, free) : [];
      for (const message of batch) {
        const work: Promise<void> = handle(line, message).finally(() => working.delete(work));
        working.add(work);
      }
      idle = batch.length > 0 ? IDLE_POLL_MS.least : Math.min(IDLE_POLL_MS.most, idle * 2);
      if (batch.length === 0 || free <= batch.length) await Promise.race([pause(idle), ...working]);
    } catch (error) {
      if (stopping.aborted) break;
      failed(error);
      await pause(IDLE_POLL_MS.most);
    }
  }
  await Promise.race([Promise.allSettled(working), pause(DRAIN_MS, undefined, { ref: false })]);
}

async function receive({ queue, settings }: Line, free: number): Promise<DequeuedMessageItem[]> {
  const numberOfMessages = Math.min(MAX_RECEIVED, free);
  const received = await queue.receiveMessages({ numberOfMessages, visibilityTimeout: settings.invisibleSeconds });
  return received.receivedMessageItems;
}

/** Runs the function on a message, which is then deleted, tried again or put aside. Never throws. */
async function handle(line: Line, message: DequeuedMessageItem): Promise<void> {
  const { name, queue, core, settings, failed } = line;
  const hold = holdMessage(line, message);
  try {
    const text = settings.base64 ? Buffer.from(message.messageText, 'base64').toString() : message.messageText;
    await core.invoke(
      name,
      { string: text },
      { DequeueCount: { string: String(message.dequeueCount) }, Id: { string: message.messageId } },
    );
    await queue.deleteMessage(message.messageId, await hold.release());
  } catch (error) {
    failed(error);
    await retire(line, message, await hold.release()).catch(failed);
  }
}

/** Hides a message from others until it is released. @returns how to release it, which gives the receipt to change it with */
function holdMessage({ queue, settings, failed }: Line, message: DequeuedMessageItem): { release(): Promise<string> } {
  let receipt = message.popReceipt;
  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    const updated = await queue.updateMessage(message.messageId, receipt, undefined, settings.invisibleSeconds);
    receipt = updated.popReceipt ?? receipt;
  };
  const timer = setInterval(
    () => {
      renewing = renew().catch(failed);
    },
    (settings.invisibleSeconds * 1000) / 2,
  );
  return {
    async release() {
      clearInterval(timer);
      // A renewal under way changes the receipt.
      await renewing;
      return receipt;
    },
  };
}

async function retire({ queue, poison, settings }: Line, message: DequeuedMessageItem, receipt: string): Promise<void> {
  if (message.dequeueCount < settings.maxDequeueCount) {
    await queue.updateMessage(message.messageId, receipt, undefined, settings.retrySeconds);
    return;
  }
  await poison?.createIfNotExists();
  await poison?.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, receipt);
}
