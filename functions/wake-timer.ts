// Every five minutes: look after the scan and the outbox, in case whatever should have done so has stopped.
import { app } from '@azure/functions';
import type { App } from '../shared/app/app.ts';
import { getApp } from '../shared/app/app.ts';

export const wakeTimer = (application: () => Pick<App, 'wake'>) => async (): Promise<void> => {
  await application().wake();
};

app.timer('wake-timer', { schedule: '0 */5 * * * *', handler: wakeTimer(getApp) });
