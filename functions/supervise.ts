// One message: look after the scan and come back, or purge a slice of old history.
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import type { ScanContext } from '../shared/scan/context.ts';
import { parseMessage, superviseMessage } from '../shared/scan/messages.ts';
import { purgeSlice } from '../shared/scan/purge.ts';
import { tick } from '../shared/scan/supervise.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

export const superviseHandler =
  (scan: () => ScanContext) =>
  async (message: unknown): Promise<void> => {
    const parsed = parseMessage('supervise', superviseMessage, message);
    await (parsed.kind === 'tick' ? tick(scan(), parsed) : purgeSlice(scan(), parsed));
  };

app.storageQueue('supervise', {
  queueName: storageQueueName('supervise'),
  connection: 'AzureWebJobsStorage',
  handler: superviseHandler(() => getApp().scan),
});
