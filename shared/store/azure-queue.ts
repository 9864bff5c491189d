// The Queue port on Azure Storage queues: JSON, base64 as the Functions trigger expects it, bounded in size and time.
import { QueueServiceClient } from '@azure/storage-queue';
import type { Queue, QueueName } from '../ports.ts';
import { queueNames } from '../ports.ts';
import type { StorageTarget } from './azure-tables.ts';

/** 64 KiB is the service's limit; base64 leaves 48 KiB of JSON. */
export const MAX_MESSAGE_BYTES = 48 * 1024;

/** The storage queue behind a port's queue; triggers name it in full, and `-poison` behind it is the host's. */
export const storageQueueName = (queue: QueueName): string => `bulkhead-${queue}`;

export interface QueueOptions {
  readonly target: StorageTarget;
  readonly timeoutMs: number;
  readonly onCall?: (operation: string) => void;
}

/** @returns the port; queues are created on first use */
export function createQueue(options: QueueOptions): Queue {
  const { target } = options;
  const retryOptions = { maxTries: 5, retryDelayInMs: 200, maxRetryDelayInMs: 10_000 };
  const service =
    'connectionString' in target
      ? QueueServiceClient.fromConnectionString(target.connectionString, { retryOptions })
      : new QueueServiceClient(target.queueEndpoint, target.credential, { retryOptions });
  const created = new Map<QueueName, Promise<unknown>>();
  const ensure = async (queue: QueueName): Promise<void> => {
    if (!created.has(queue)) created.set(queue, service.getQueueClient(storageQueueName(queue)).createIfNotExists());
    try {
      await created.get(queue);
    } catch (error) {
      created.delete(queue);
      throw error;
    }
  };
  return {
    async send(queue, message, { delaySeconds = 0 } = {}) {
      if (!queueNames.includes(queue)) throw new Error(`There is no queue named ${String(queue)}`);
      const json = Buffer.from(JSON.stringify(message));
      if (json.length > MAX_MESSAGE_BYTES)
        throw new Error(`A message for ${queue} is ${json.length} bytes; a queue holds ${MAX_MESSAGE_BYTES}`);
      await ensure(queue);
      options.onCall?.(`${queue}.send`);
      await service.getQueueClient(storageQueueName(queue)).sendMessage(json.toString('base64'), {
        abortSignal: AbortSignal.timeout(options.timeoutMs),
        ...(delaySeconds > 0 ? { visibilityTimeout: Math.ceil(delaySeconds) } : {}),
      });
    },
  };
}
