// One message: list the estate's subscriptions, or the clusters of one.
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import type { ScanContext } from '../shared/scan/context.ts';
import { enumerate } from '../shared/scan/enumerate.ts';
import { enumerateMessage, parseMessage } from '../shared/scan/messages.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

/** An enumeration that takes longer than this is given up; the supervisor sends it again. */
const LIMIT_MS = 10 * 60_000;

export const enumerateHandler =
  (scan: () => ScanContext) =>
  async (message: unknown): Promise<void> =>
    enumerate(scan(), parseMessage('enumerate', enumerateMessage, message), AbortSignal.timeout(LIMIT_MS));

app.storageQueue('enumerate', {
  queueName: storageQueueName('enumerate'),
  connection: 'AzureWebJobsStorage',
  handler: enumerateHandler(() => getApp().scan),
});
