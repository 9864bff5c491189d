// What a queue gave up on: recorded as an error of the scan.
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import type { ScanContext } from '../shared/scan/context.ts';
import { recordPoison } from '../shared/scan/poison.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

export const poisonHandler =
  (queue: 'enumerate' | 'audit', scan: () => ScanContext) =>
  async (message: unknown): Promise<void> =>
    recordPoison(scan(), queue, message);

for (const queue of ['enumerate', 'audit'] as const)
  app.storageQueue(`${queue}-poison`, {
    queueName: `${storageQueueName(queue)}-poison`,
    connection: 'AzureWebJobsStorage',
    handler: poisonHandler(queue, () => getApp().scan),
  });
