// The functions as deployed: each trigger's own handler, called with the app of the instance it runs on.
import { InvocationContext } from '@azure/functions';
import { installCore } from '../../infra/local/host/core.ts';
import type { App } from '../../shared/app/app.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import type { Config } from '../../shared/app/config.ts';

export interface Doors {
  /** By the name that follows `bulkhead-` in the storage queue's. */
  readonly queues: ReadonlyMap<string, (app: App, message: unknown) => Promise<void>>;
  scanTimer(app: App): Promise<void>;
  wakeTimer(app: App): Promise<void>;
}

/** @param config for the app that registration asks for; no handler runs on it */
export async function loadDoors(config: Config): Promise<Doors> {
  installCore(() => undefined);
  useApp(createApp(config));
  const [audit, enumerate, supervise, deliver, poison, scanTimer, wakeTimer] = await Promise.all([
    import('../../functions/audit.ts'),
    import('../../functions/enumerate.ts'),
    import('../../functions/supervise.ts'),
    import('../../functions/deliver.ts'),
    import('../../functions/poison.ts'),
    import('../../functions/scan-timer.ts'),
    import('../../functions/wake-timer.ts'),
  ]);
  const timer = {
    isPastDue: false,
    schedule: { adjustForDST: false },
    scheduleStatus: { last: '', next: '', lastUpdated: '' },
  };
  return {
    queues: new Map([
      ['audit', (app: App, message: unknown) => audit.auditHandler(() => app.scan)(message)],
      ['enumerate', (app, message) => enumerate.enumerateHandler(() => app.scan)(message)],
      ['supervise', (app, message) => supervise.superviseHandler(() => app.scan)(message)],
      ['deliver', (app) => deliver.deliverHandler(() => app)()],
      ['audit-poison', (app, message) => poison.poisonHandler('audit', () => app.scan)(message)],
      ['enumerate-poison', (app, message) => poison.poisonHandler('enumerate', () => app.scan)(message)],
    ]),
    scanTimer: (app) =>
      scanTimer.scanTimer(() => app.scan)(timer, new InvocationContext({ logHandler: () => undefined })),
    wakeTimer: (app) => wakeTimer.wakeTimer(() => app)(),
  };
}
