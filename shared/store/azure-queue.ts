// The Queue port on Azure Storage queues: JSON, base64 as the Functions trigger expects it, bounded in size and time.
import { QueueServiceClient } from '@azure/storage-queue';
import type { Queue, QueueName } from '../ports.ts';
import type { StorageTarget } from './azure-tables.ts';
import { encodeMessage } from './queue-message.ts';

/** The storage queue of one of the port's queues. Triggers name it in full; the host keeps poison messages in one with `-poison` at its end. */
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
      const encoded = encodeMessage(queue, message);
      await ensure(queue);
      options.onCall?.(`${queue}.send`);
      await service.getQueueClient(storageQueueName(queue)).sendMessage(encoded, {
        abortSignal: AbortSignal.timeout(options.timeoutMs),
        ...(delaySeconds > 0 ? { visibilityTimeout: Math.ceil(delaySeconds) } : {}),
      });
    },
  };
}
