// One message: audit one cluster.
import { app } from '@azure/functions';
import { getApp } from '../shared/app/app.ts';
import { auditOne } from '../shared/scan/audit-cluster.ts';
import type { ScanContext } from '../shared/scan/context.ts';
import { auditMessage, parseMessage } from '../shared/scan/messages.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

/** Reading and judging one cluster takes seconds; one that takes longer than this has hung. */
const LIMIT_MS = 5 * 60_000;

export const auditHandler =
  (scan: () => ScanContext) =>
  async (message: unknown): Promise<void> =>
    auditOne(scan(), parseMessage('audit', auditMessage, message), AbortSignal.timeout(LIMIT_MS));

app.storageQueue('audit', {
  queueName: storageQueueName('audit'),
  connection: 'AzureWebJobsStorage',
  handler: auditHandler(() => getApp().scan),
});
