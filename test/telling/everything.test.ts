// A silence or an exemption of everything: it must be confirmed, and then every conversation hears of it, whatever its routes say.
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../shared/app/app.ts';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { CardMessage } from '../../shared/ports.ts';
import { subscribe } from '../../shared/telling/destinations.ts';
import { ask } from '../support/api.ts';
import { ROBIN } from '../support/callers.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import { memoryTables } from '../support/memory-tables.ts';

const now = new Date('2026-11-21T10:10:00Z');
const routing = JSON.stringify({ route: { to: 'platform', routes: [{ match: ['severity=low'], to: 'payments' }] } });

let app: App;
let posted: { readonly to: string; readonly text: string }[];

beforeEach(async () => {
  posted = [];
  const tables = memoryTables();
  app = createApp(readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', BULKHEAD_ROUTING: routing }), {
    clock: { now: () => now },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    tables,
    queue: memoryQueue(() => undefined),
    chat: {
      post: async ({ conversationId }, message: CardMessage) => {
        posted.push({ to: conversationId, text: JSON.stringify(message) });
        return { status: 'sent', activityId: `a${posted.length}` };
      },
      update: async (_to, activityId) => ({ status: 'sent', activityId }),
    },
  });
  for (const conversationId of ['platform', 'payments', 'unnamed']) {
    const at = { conversationId, serviceUrl: 'https://s', tenantId: 't', kind: 'channel', reference: '{}' } as const;
    const name = conversationId === 'unnamed' ? {} : { name: conversationId };
    await subscribe(tables.Chat, { address: at, by: 'Robin', ...name }, now);
  }
});

describe.each([
  {
    what: 'silence',
    listed: 'silences',
    body: { matchers: ['cluster=*'], endsAt: '2026-11-22', comment: 'moving' },
    title: `${ROBIN} silenced everything`,
  },
  {
    what: 'exemption',
    listed: 'exemptions',
    body: { cluster: '*', rule: '*', owner: 'ann', reason: 'a lab', expires: '2026-12-31' },
    title: `${ROBIN} accepted every failure of every cluster`,
  },
])('$what', ({ what, listed, body, title }) => {
  const make = (more: object) => ask(`${what}-create`, '', { services: app.api, body: { ...body, ...more } });
  const kept = async () => (await ask(listed, '', { services: app.api })).body.value;

  test.each([{}, { confirm: false }])('asks to be confirmed: %j', async (more) => {
    expect(await make(more)).toMatchObject({
      status: 400,
      body: { error: { code: 'ConfirmationNeeded', target: 'confirm' } },
    });
    await app.deliver();
    expect(await kept()).toEqual([]);
    expect(posted).toEqual([]);
  });

  test('is made when it is, and every conversation hears once who did it and how to end it', async () => {
    const { status, body: made } = await make({ confirm: true });
    expect(status).toBe(201);
    expect(made).not.toHaveProperty('confirm');
    expect(await kept()).toEqual([made]);
    await app.deliver();
    await app.wake();
    expect(posted.map(({ to }) => to).toSorted()).toEqual(['payments', 'platform', 'unnamed']);
    for (const { text } of posted) {
      expect(text).toContain(title);
      expect(text).toContain(String(made['id']));
    }
  });

  test('of less is made without a word', async () => {
    const less = what === 'silence' ? { matchers: ['cluster=shop'] } : { cluster: 'shop' };
    expect(await make(less)).toMatchObject({ status: 201 });
    await app.deliver();
    expect(posted).toEqual([]);
  });
});
