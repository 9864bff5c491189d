// The Queue port in memory: takes and refuses what the real one does. Whoever makes it decides when a message is delivered.
import type { Queue, QueueName } from '../../shared/ports.ts';
import { encodeMessage } from '../../shared/store/queue-message.ts';

/** @param deliver gets the JSON of each message, as a trigger would */
export function memoryQueue(deliver: (queue: QueueName, body: string, delaySeconds: number) => void): Queue {
  return {
    send: async (queue, message, { delaySeconds = 0 } = {}) =>
      deliver(queue, Buffer.from(encodeMessage(queue, message), 'base64').toString(), delaySeconds),
  };
}
