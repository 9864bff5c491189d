// What a queue gave up on: recorded as an error of the scan, or for whoever asks how Bulkhead is.
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import type { QueueName } from '../shared/ports.ts';
import { queueNames } from '../shared/ports.ts';
import type { ScanContext } from '../shared/scan/context.ts';
import { recordPoison } from '../shared/scan/poison.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

export const poisonHandler =
  (queue: QueueName, scan: () => ScanContext) =>
  async (message: unknown): Promise<void> =>
    recordPoison(scan(), queue, message);

for (const queue of queueNames)
  app.storageQueue(`${queue}-poison`, {
    queueName: `${storageQueueName(queue)}-poison`,
    connection: 'AzureWebJobsStorage',
    handler: poisonHandler(queue, () => getApp().scan),
  });
