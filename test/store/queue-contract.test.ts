// One contract, run against the memory queue that simulations use and against the real emulator.
import { QueueServiceClient } from '@azure/storage-queue';
import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, inject, test } from 'vitest';
import type { Queue, QueueName } from '../../shared/ports.ts';
import { createQueue, storageQueueName } from '../../shared/store/azure-queue.ts';
import { MAX_MESSAGE_BYTES } from '../../shared/store/queue-message.ts';
import { memoryQueue } from '../support/memory-queue.ts';

interface Subject {
  readonly queue: Queue;
  /** What lies on a queue for all to see, as a trigger would parse it; taken off it. */
  readonly take: (queue: QueueName) => Promise<unknown[]>;
}

function inMemory(): Subject {
  const sent: { queue: QueueName; body: string; visible: boolean }[] = [];
  return {
    queue: memoryQueue((queue, body, delaySeconds) => sent.push({ queue, body, visible: delaySeconds === 0 })),
    take: async (queue) => {
      const mine = sent.filter((message) => message.queue === queue && message.visible);
      for (const message of mine) sent.splice(sent.indexOf(message), 1);
      return mine.map(({ body }) => JSON.parse(body) as unknown);
    },
  };
}

/** The emulator's queues have fixed names, and files of tests run at once: every message carries a mark, and others' are left alone. */
function inEmulator(): Subject {
  const connectionString = inject('azurite');
  const service = QueueServiceClient.fromConnectionString(connectionString);
  return {
    queue: createQueue({ target: { connectionString }, timeoutMs: 60_000 }),
    take: async (name) => {
      const queue = service.getQueueClient(storageQueueName(name));
      const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32, visibilityTimeout: 1 });
      const parsed = receivedMessageItems.map(({ messageText, messageId, popReceipt }) => ({
        body: JSON.parse(Buffer.from(messageText, 'base64').toString()) as { mark?: string },
        messageId,
        popReceipt,
      }));
      const mine = parsed.filter(({ body }) => body.mark === mark);
      for (const { messageId, popReceipt } of mine) await queue.deleteMessage(messageId, popReceipt);
      return mine.map(({ body }) => body);
    },
  };
}

const mark = randomUUID();
const message = (more: object) => ({ v: 1, mark, ...more });
/** A message of exactly so many bytes of JSON. */
const ofBytes = (bytes: number, filler = 'x') => {
  const room = bytes - Buffer.byteLength(JSON.stringify(message({ text: '' })));
  const text = filler.repeat(Math.floor(room / Buffer.byteLength(filler)));
  return message({ text: text + 'x'.repeat(room - Buffer.byteLength(text)) });
};

describe.each([
  ['memory', inMemory],
  ['emulator', inEmulator],
] as const)('a queue in %s', (_name, make) => {
  const { queue, take } = make();
  afterAll(() => take('supervise'));

  test('a message comes off as it went on, in any script', async () => {
    const sent = message({ text: 'Prüfung 検査 🚢 "quoted" <xml> &', list: [1, null, { deep: true }] });
    await queue.send('supervise', sent);
    expect(await take('supervise')).toEqual([sent]);
  });

  test('what is undefined is not there', async () => {
    await queue.send('supervise', message({ gone: undefined }));
    expect(await take('supervise')).toEqual([{ v: 1, mark }]);
  });

  test.each([
    ['one byte a character', 'x'],
    ['three bytes a character', '検'],
  ])('a message of just the limit is taken, with %s', async (_kind, filler) => {
    const longest = ofBytes(MAX_MESSAGE_BYTES, filler);
    await queue.send('supervise', longest);
    expect(await take('supervise')).toEqual([longest]);
  });

  test.each([
    ['one byte a character', 'x'],
    ['three bytes a character', '検'],
  ])('one byte more is refused and nothing is sent, with %s', async (_kind, filler) => {
    const tooLong = ofBytes(MAX_MESSAGE_BYTES + 1, filler);
    await expect(queue.send('supervise', tooLong)).rejects.toThrow(`a queue holds ${MAX_MESSAGE_BYTES}`);
    expect(await take('supervise')).toEqual([]);
  });

  test('a delayed message is not there yet', async () => {
    await queue.send('supervise', message({ later: true }), { delaySeconds: 60 });
    expect(await take('supervise')).toEqual([]);
  });

  test('a queue that does not exist is an error', async () => {
    await expect(queue.send('nobody' as QueueName, message({}))).rejects.toThrow('no queue named nobody');
  });
});
