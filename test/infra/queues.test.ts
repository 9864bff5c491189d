// The local host's queue trigger on real queues: what happens to a message whose handler takes long.
import { setTimeout as pause } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { expect, inject, test, vi } from 'vitest';
import type { Core } from '../../infra/local/host/core.ts';
import { startQueues } from '../../infra/local/host/queues.ts';

/** Only against hanging: a busy machine may take long. */
const PATIENCE_MS = 60_000;
const RENEWED_AFTER_MS = 2_000;

test('a message whose handler ends while its invisibility is renewed is handled once and deleted', async () => {
  const queueName = `t${Date.now().toString(36)}-slow`;
  const binding = { name: 'message', type: 'queueTrigger', direction: 'in', queueName };
  const failures: unknown[] = [];
  let runs = 0;
  const core: Core = {
    functions: new Map([['slow', { name: 'slow', bindings: { message: binding }, callback: () => undefined }]]),
    hook: async () => undefined,
    async invoke() {
      runs++;
      await pause(RENEWED_AFTER_MS);
      return {};
    },
  };
  const queue = QueueServiceClient.fromConnectionString(inject('azurite')).getQueueClient(queueName);
  await queue.createIfNotExists();
  await queue.sendMessage('work');
  const invisibleSeconds = (2 * RENEWED_AFTER_MS) / 1000;
  const settings = { batchSize: 1, maxDequeueCount: 3, retrySeconds: 0, invisibleSeconds, base64: false };
  const queues = startQueues(core, inject('azurite'), settings, (_name, error) => failures.push(error));
  await vi.waitFor(async () => expect((await queue.getProperties()).approximateMessagesCount).toBe(0), PATIENCE_MS);
  await queues.stop();
  expect({ failures, runs }).toEqual({ failures: [], runs: 1 });
});
