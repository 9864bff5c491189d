// The bot with the real library: what commands answer, what becomes of a send. Who may come in: see door.test.ts.
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { ConversationAddress } from '../../shared/ports.ts';
import { activitySchema, nameOf, personOf } from '../../shared/teams/activity.ts';
import type { Bot } from '../../shared/teams/bot.ts';
import { createBot } from '../../shared/teams/bot.ts';
import { button } from '../../shared/teams/cards/parts/elements.ts';
import { notice } from '../../shared/teams/cards/notice.ts';
import { botServices, quietAlerts } from '../support/bot-services.ts';
import type { Teams } from '../support/teams.ts';
import { APP, TENANT, bodyOf, startTeams } from '../support/teams.ts';

let teams: Teams;
let bot: Bot;
const subscribed: ConversationAddress[] = [];
const services = botServices({
  subscribe: async (address) => {
    subscribed.push(address);
    return 'subscribed';
  },
  isOperator: (id) => id === 'person',
});

beforeAll(async () => {
  teams = await startTeams(services);
  bot = createBot(teams.botOptions);
});
afterAll(() => teams.close());
beforeEach(() => {
  teams.connector.posted.length = 0;
  teams.connector.refusals.length = 0;
  subscribed.length = 0;
});

const call = (body: unknown, authorization?: string) =>
  bot.handle({ authorization, body: bodyOf(typeof body === 'string' ? body : JSON.stringify(body)) });
describe('messages', () => {
  const good = () => `Bearer ${teams.authority.token(teams.claims())}`;
  const lastText = (): string =>
    JSON.stringify(teams.connector.posted.at(-1)?.activity.attachments?.[0]?.content.body ?? '');

  test('subscribe keeps where to post, for a channel without its thread', async () => {
    const conversation = { id: '19:abc@thread.tacv2;messageid=17', tenantId: TENANT, conversationType: 'channel' };
    await call(teams.activity({ text: '<at>Bulkhead</at> Subscribe', conversation, entities: [mention] }), good());
    expect(subscribed).toMatchObject([{ conversationId: '19:abc@thread.tacv2', kind: 'channel', tenantId: TENANT }]);
  });

  test('a button does what typing its command does', async () => {
    await call(teams.activity({ text: undefined, value: { verb: 'command', command: 'subscribe' } }), good());
    expect(subscribed).toHaveLength(1);
  });

  test('a button that is pressed twice is the same press; on another card, or typed, it is another', async () => {
    const named: (string | undefined)[] = [];
    const before = bot;
    onTestFinished(() => void (bot = before));
    bot = createBot({
      ...teams.botOptions,
      services: botServices({
        isOperator: () => true,
        alerts: { ...quietAlerts, silence: async (_wanted, _by, once) => (named.push(once), { problems: [] }) },
      }),
    });
    const silencing = button('Silence', 'silence cluster=shop for 1d because from the card');
    for (const _card of [1, 2]) await bot.chat.post(teams.address(), notice('hello', [], [silencing]));
    const [first, second] = teams.connector.posted.map(({ activity }) => {
      const { content } = activity.attachments![0]!;
      return (content as { actions?: { data: Record<string, unknown> }[] }).actions![0]!.data;
    });
    expect(first).toEqual({ ...silencing['data']!, once: expect.any(String) as string });
    for (const [n, value] of [first, first, first, second].entries())
      await call(teams.activity({ id: `press-${n}`, text: undefined, value }), good());
    const text = 'silence cluster=shop for 1d because typed';
    for (const id of ['typed', 'typed', 'typed again']) await call(teams.activity({ id, text }), good());
    const [a, b, c, d, e, f, g] = named;
    expect([a, a]).toEqual([b, c]);
    expect(e).toBe(f);
    expect(new Set([a, d, e, g]).size).toBe(4);
    expect(named).not.toContain(undefined);
  });

  test('what is not understood gets help, with the text shown as text', async () => {
    await call(teams.activity({ text: '**frobnicate** [x](http://evil)' }), good());
    expect(lastText()).toContain('**frobnicate**');
    expect(lastText()).not.toContain('"type":"TextBlock"');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['the Entra object id that Teams tells', {}, 'There is no open alert'],
    ['another object id', { from: { id: 'person', name: 'Kim', aadObjectId: 'kim' } }, 'Only operators may'],
    ['no object id, whatever the sender calls itself', { from: { id: 'person', name: 'Kim' } }, 'Only operators may'],
  ])('an operator is known by %s', async (_name, more, expected) => {
    await call(teams.activity({ text: 'ack a1b2c3d4e5', ...more }), good());
    expect(lastText()).toContain(expected);
  });

  test.each([
    ['msteams', 'person'],
    ['directline', ''],
    [undefined, ''],
  ])('the channel %s tells who writes as “%s”', (channelId, person) => {
    expect(personOf(activitySchema.parse(teams.activity({ channelId })))).toBe(person);
  });

  test.each([
    ['Robin', 'Robin'],
    [undefined, 'somebody'],
    ['  ', 'somebody'],
    ['x'.repeat(4_000), 'x'.repeat(80)],
  ])('the name %s is kept as %s', (name, kept) => {
    expect(nameOf(activitySchema.parse(teams.activity({ from: { id: 'person', name } })))).toBe(kept);
  });

  test('being installed says hello', async () => {
    await call(teams.activity({ type: 'installationUpdate', action: 'add', text: undefined }), good());
    expect(lastText()).toContain('Hello');
  });

  test('whatever comes from a conversation revives it, and an installation all of them', async () => {
    const revived: string[] = [];
    const watching = botServices({
      revive: async (id) => void revived.push(id),
      installed: async () => void revived.push('all'),
    });
    const before = bot;
    bot = createBot({ ...teams.botOptions, services: watching });
    const conversation = { id: 'team;messageid=4', tenantId: TENANT, conversationType: 'channel' };
    await call(teams.activity({ conversation }), good());
    await call(teams.activity({ type: 'messageReaction', text: undefined }), good());
    await call(teams.activity({ type: 'installationUpdate', action: 'add', text: undefined }), good());
    bot = before;
    expect(revived).toEqual(['team', 'conv', 'conv', 'all']);
  });

  const mention = { type: 'mention', text: '<at>Bulkhead</at>', mentioned: { id: `28:${APP}`, name: 'Bulkhead' } };
});

describe('posting on its own', () => {
  test('a card arrives and its activity id comes back; an update replaces it', async () => {
    expect(await bot.chat.post(teams.address(), notice('hello'))).toEqual({ status: 'sent', activityId: 'activity-1' });
    expect(teams.connector.posted[0]).toMatchObject({ method: 'POST', activity: { summary: 'hello' } });
    expect(await bot.chat.update(teams.address(), 'activity-1', notice('bye'))).toMatchObject({ status: 'sent' });
    expect(teams.connector.posted[1]).toMatchObject({ method: 'PUT' });
  });

  test('it is the bot’s own managed identity that posts', async () => {
    await bot.chat.post(teams.address(), notice('hello'));
    expect(teams.connector.posted[0]).toMatchObject({ authorization: `Bearer ${teams.identity.token}` });
    expect(teams.identity.asked).toContainEqual({ clientId: APP, resource: 'https://api.botframework.com' });
  });

  test.each([
    [403, 'gone'],
    [404, 'gone'],
    [413, 'refused'],
    [503, 'retry'],
  ])('an answer of %i means %s', async (status, outcome) => {
    teams.connector.refusals.push(...Array.from({ length: 8 }, () => ({ status })));
    expect(await bot.chat.post(teams.address(), notice('hello'))).toMatchObject({ status: outcome });
  });

  test.each([
    [429, { 'retry-after': '45' }, { status: 'retry', afterSeconds: 45 }],
    [
      429,
      { 'retry-after': 'Sat, 21 Nov 2026 10:01:30 GMT', date: 'Sat, 21 Nov 2026 10:00:00 GMT' },
      { status: 'retry', afterSeconds: 90 },
    ],
    [500, {}, { status: 'retry' }],
  ])('a busy answer of %i is ours to repeat: the library asks once', async (status, headers, outcome) => {
    teams.connector.refusals.push({ status, headers }, { status, headers });
    expect(await bot.chat.post(teams.address(), notice('hello'))).toMatchObject(outcome);
    expect(teams.connector.refusals).toHaveLength(1);
    expect(await bot.chat.update(teams.address(), 'activity-1', notice('hello'))).toMatchObject(outcome);
    expect(teams.connector.refusals).toHaveLength(0);
    expect(teams.connector.posted).toEqual([]);
  });

  test('a conversation somewhere else is never posted to', async () => {
    const outcome = await bot.chat.post({ ...teams.address(), serviceUrl: 'https://evil.example' }, notice('hello'));
    expect(outcome).toMatchObject({ status: 'gone' });
    expect(teams.connector.posted).toEqual([]);
  });
});
