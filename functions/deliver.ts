// One message: send what is due to Teams.
import { app } from '@azure/functions';
import type { App } from '../shared/app/app.ts';
import { getApp } from '../shared/app/app.ts';
import { storageQueueName } from '../shared/store/azure-queue.ts';

export const deliverHandler = (application: () => Pick<App, 'deliver'>) => async (): Promise<void> => {
  await application().deliver();
};

app.storageQueue('deliver', {
  queueName: storageQueueName('deliver'),
  connection: 'AzureWebJobsStorage',
  handler: deliverHandler(getApp),
});
