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

const IDLE_POLL_MS = { least: 50, most: 1_000 };
const DRAIN_MS = 10_000;

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
    .map(({ name, trigger }) => pump(name, service, String(trigger['queueName'])));

  async function pump(name: string, service_: QueueServiceClient, queueName: string): Promise<void> {
    const queue = service_.getQueueClient(queueName);
    const working = new Set<Promise<void>>();
    let idle = IDLE_POLL_MS.least;
    let created = false;
    while (!stopping.signal.aborted) {
      try {
        if (!created) await queue.createIfNotExists();
        created = true;
        const free = settings.batchSize - working.size;
        const batch = free > 0 ? await receive(queue, free) : [];
        for (const message of batch) {
          const work: Promise<void> = handle(name, queue, message).finally(() => working.delete(work));
          working.add(work);
        }
        idle = batch.length > 0 ? IDLE_POLL_MS.least : Math.min(IDLE_POLL_MS.most, idle * 2);
        if (batch.length === 0 || free <= batch.length) await Promise.race([pause(idle), ...working]);
      } catch (error) {
        if (stopping.signal.aborted) break;
        failed(name, error);
        await pause(IDLE_POLL_MS.most);
      }
    }
    await Promise.race([Promise.allSettled(working), pause(DRAIN_MS, undefined, { ref: false })]);
  }

  async function receive(queue: QueueClient, free: number): Promise<DequeuedMessageItem[]> {
    const options = { numberOfMessages: Math.min(32, free), visibilityTimeout: settings.invisibleSeconds };
    return (await queue.receiveMessages(options)).receivedMessageItems;
  }

  async function handle(name: string, queue: QueueClient, message: DequeuedMessageItem): Promise<void> {
    let receipt = message.popReceipt;
    let renewing: Promise<void> | undefined;
    const renew = async (): Promise<void> => {
      const updated = await queue.updateMessage(message.messageId, receipt, undefined, settings.invisibleSeconds);
      receipt = updated.popReceipt ?? receipt;
    };
    const renewal = setInterval(
      () => {
        renewing = renew().catch((error: unknown) => failed(name, error));
      },
      (settings.invisibleSeconds * 1000) / 2,
    );
    // A renewal under way changes the receipt that the message is deleted by.
    const stopRenewal = async (): Promise<void> => {
      clearInterval(renewal);
      await renewing;
    };
    try {
      const text = settings.base64 ? Buffer.from(message.messageText, 'base64').toString() : message.messageText;
      await core.invoke(
        name,
        { string: text },
        { DequeueCount: { string: String(message.dequeueCount) }, Id: { string: message.messageId } },
      );
      await stopRenewal();
      await queue.deleteMessage(message.messageId, receipt);
    } catch (error) {
      failed(name, error);
      await stopRenewal();
      await retire(queue, message, receipt).catch((inner: unknown) => failed(name, inner));
    }
  }

  async function retire(queue: QueueClient, message: DequeuedMessageItem, receipt: string): Promise<void> {
    if (message.dequeueCount < settings.maxDequeueCount) {
      await queue.updateMessage(message.messageId, receipt, undefined, settings.retrySeconds);
      return;
    }
    if (!queue.name.endsWith('-poison')) {
      const poison = service.getQueueClient(`${queue.name}-poison`);
      await poison.createIfNotExists();
      await poison.sendMessage(message.messageText);
    }
    await queue.deleteMessage(message.messageId, receipt);
  }

  return {
    async stop() {
      stopping.abort();
      await Promise.allSettled(loops);
    },
  };
}
