// How a message is written to a queue, and how long it may be: asked before it is made, and checked when it is sent.
import type { QueueName } from '../ports.ts';
import { queueNames } from '../ports.ts';

/** A message holds 64 KiB (Azure Queue Storage scalability targets); base64 makes four bytes of three, which leaves 48 KiB of JSON. */
export const MAX_MESSAGE_BYTES = 48 * 1024;

/** Every message says which version of Bulkhead's messages it is; raised where older workers would misunderstand a newer one. */
export const MESSAGE_VERSION = 1;

/** @returns the version that a message says it is; messages of the first version did not say */
export function versionOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'v' in message ? message.v : 1;
}

const toJson = (message: object): string => JSON.stringify({ v: MESSAGE_VERSION, ...message });

/** @returns the bytes of the whole message as JSON in UTF-8, which is what the limit counts */
export const messageBytes = (message: object): number => Buffer.byteLength(toJson(message));

/**
 * @returns the message as JSON in base64, as the Functions trigger expects it
 * @throws for a queue that does not exist, and for a message longer than a queue holds
 */
export function encodeMessage(queue: QueueName, message: object): string {
  if (!queueNames.includes(queue)) throw new Error(`There is no queue named ${String(queue)}`);
  const json = Buffer.from(toJson(message));
  if (json.length > MAX_MESSAGE_BYTES)
    throw new Error(`A message for ${queue} is ${json.length} bytes; a queue holds ${MAX_MESSAGE_BYTES}`);
  return json.toString('base64');
}
