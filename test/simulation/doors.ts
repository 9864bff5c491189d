// The functions as deployed: each trigger's own handler, called with the app of the instance it runs on.
import { HttpRequest, InvocationContext } from '@azure/functions';
import { installCore } from '../../infra/local/host/core.ts';
import type { App } from '../../shared/app/app.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import type { Config } from '../../shared/app/config.ts';
import { addressesOf } from '../../shared/api/address.ts';
import { routes } from '../../shared/api/index.ts';
import type { CardMessage, ConversationAddress } from '../../shared/ports.ts';
import { queueNames } from '../../shared/ports.ts';
import { answer } from '../../shared/teams/commands/index.ts';

export interface Doors {
  /** By the name that follows `bulkhead-` in the storage queue's. */
  readonly queues: ReadonlyMap<string, (app: App, message: unknown) => Promise<void>>;
  scanTimer(app: App): Promise<void>;
  wakeTimer(app: App): Promise<void>;
  /** Asks the HTTP API as an operator. @param path behind `/api/`, with its query */
  ask(app: App, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>;
  /** Types something to the bot as an operator. */
  type(app: App, address: ConversationAddress, text: string): Promise<CardMessage>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const OPERATOR = 'robin';
export const OPERATOR_KEY = 'a key that nobody guesses'.replaceAll(' ', '-');

/** @param config for the app that registration asks for; no handler runs on it */
export async function loadDoors(config: Config): Promise<Doors> {
  installCore(() => undefined);
  useApp(createApp(config));
  const [audit, enumerate, supervise, deliver, poison, scanTimer, wakeTimer, api] = await Promise.all([
    import('../../functions/audit.ts'),
    import('../../functions/enumerate.ts'),
    import('../../functions/supervise.ts'),
    import('../../functions/deliver.ts'),
    import('../../functions/poison.ts'),
    import('../../functions/scan-timer.ts'),
    import('../../functions/wake-timer.ts'),
    import('../../functions/api.ts'),
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
      ...queueNames.map(
        (queue) =>
          [
            `${queue}-poison`,
            (app: App, message: unknown) => poison.poisonHandler(queue, () => app.scan)(message),
          ] as const,
      ),
    ]),
    scanTimer: (app) =>
      scanTimer.scanTimer(() => app.scan)(timer, new InvocationContext({ logHandler: () => undefined })),
    wakeTimer: (app) => wakeTimer.wakeTimer(() => app)(),
    async ask(app, method, path, body) {
      const url = new URL(path, 'https://bulkhead.test/api/');
      const wanted = decodeURIComponent(url.pathname.slice('/api/'.length));
      const found = addresses.find(({ pattern }) => pattern.test(wanted))!;
      const { id = '' } = found.pattern.exec(wanted)?.groups ?? {};
      const request = new HttpRequest({
        method,
        url: url.href,
        headers: { 'x-functions-key': OPERATOR_KEY, 'content-type': 'application/json' },
        query: Object.fromEntries(url.searchParams),
        params: { id },
        ...(body ? { body: { string: JSON.stringify(body) } } : {}),
      });
      const { status = 200, jsonBody, body: text } = await api.apiHandler(found.address, () => app)(request);
      return { status, body: jsonBody ?? text };
    },
    type: (app, address, text) =>
      answer(text, app.botServices, { address, from: { id: OPERATOR, name: 'Robin' }, zone: 'UTC' }),
  };
}

/** `clusters/{*id}` as a pattern; the longest is asked first. */
const addresses = addressesOf(routes)
  .toSorted((a, b) => b.path.length - a.path.length)
  .map((address) => ({ address, pattern: new RegExp(`^${address.path.replace(/\{\*?id\}/, '(?<id>.+)')}$`) }));
