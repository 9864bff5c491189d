// The bot with the real library: which tokens open the door, what commands answer, what becomes of a send.
import { ServiceClientCredentialsFactory } from 'botframework-connector';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ConversationAddress } from '../../shared/ports.ts';
import { activitySchema, nameOf, personOf } from '../../shared/teams/activity.ts';
import type { Bot } from '../../shared/teams/bot.ts';
import { createBot } from '../../shared/teams/bot.ts';
import { notice } from '../../shared/teams/cards/notice.ts';
import type { Authority } from '../support/authority.ts';
import { startAuthority } from '../support/authority.ts';
import { botServices } from '../support/bot-services.ts';
import type { Connector } from '../support/connector.ts';
import { startConnector } from '../support/connector.ts';

const APP = '5e8f7a52-1111-4111-8111-0123456789ab';
const TENANT = '0c9a4b52-7a3e-4ed0-8f0d-5b7e2d6c1a11';
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Hands the connector a token of no use to anybody. */
class TestCredentials extends ServiceClientCredentialsFactory {
  override isValidAppId = async (id: string): Promise<boolean> => id === APP;
  override isAuthenticationDisabled = async (): Promise<boolean> => false;
  override createCredentials = async () => ({
    signRequest: async (request: { headers: { set(name: string, value: string): void } }) => {
      request.headers.set('authorization', 'Bearer test');
      return request as never;
    },
  });
}

let authority: Authority;
let connector: Connector;
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
  authority = await startAuthority();
  connector = await startConnector();
  bot = createBot({
    appId: APP,
    tenantId: TENANT,
    anonymous: false,
    loopbackAllowed: true,
    services,
    log: quiet,
    credentials: new TestCredentials(),
    authorities: {
      ToChannelFromBotLoginUrl: 'https://login.microsoftonline.com/botframework.com',
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
      OAuthUrl: 'https://api.botframework.com',
      ToBotFromChannelOpenIdMetadataUrl: authority.metadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: authority.metadataUrl,
      CallerId: 'urn:botframework:azure',
    } as never,
  });
});
afterAll(async () => {
  await authority.close();
  await connector.close();
});
beforeEach(() => {
  connector.posted.length = 0;
  connector.refusals.length = 0;
  subscribed.length = 0;
});

const activity = (more: Record<string, unknown> = {}) => ({
  type: 'message',
  id: 'a1',
  channelId: 'msteams',
  serviceUrl: connector.serviceUrl,
  from: { id: '29:person', name: 'Robin', aadObjectId: 'person' },
  recipient: { id: `28:${APP}`, name: 'Bulkhead' },
  conversation: { id: 'conv', tenantId: TENANT, conversationType: 'personal' },
  channelData: { tenant: { id: TENANT } },
  text: 'help',
  ...more,
});
const goodClaims = () => ({ iss: 'https://api.botframework.com', aud: APP, serviceurl: connector.serviceUrl });
const call = (body: unknown, authorization?: string) =>
  bot.handle({
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const past = Math.floor(Date.now() / 1000) - 7_200;

describe('tokens', () => {
  test('a good token of the own tenant is answered', async () => {
    expect(await call(activity(), `Bearer ${authority.token(goodClaims())}`)).toMatchObject({ status: 200 });
    expect(connector.posted).toHaveLength(1);
  });

  test.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['an empty header', () => ''],
    ['something that is no token', () => 'Bearer garbage'],
    ['another scheme', () => 'Basic dXNlcjpwYXNz'],
    ['a forged signature', () => `Bearer ${authority.token(goodClaims(), { key: 'foreign' })}`],
    ['an unknown key', () => `Bearer ${authority.token(goodClaims(), { kid: 'two' })}`],
    ['no signature at all', () => `Bearer ${authority.token(goodClaims(), { alg: 'none' })}`],
    ['an expired token', () => `Bearer ${authority.token({ ...goodClaims(), nbf: past - 600, exp: past })}`],
    ['the wrong audience', () => `Bearer ${authority.token({ ...goodClaims(), aud: 'somebody-else' })}`],
    ['the wrong issuer', () => `Bearer ${authority.token({ ...goodClaims(), iss: 'https://evil.example' })}`],
    [
      'a token for another service',
      () => `Bearer ${authority.token({ ...goodClaims(), serviceurl: 'https://smba.trafficmanager.net/other' })}`,
    ],
  ])('%s gets 401 and no answer', async (_name, authorization) => {
    expect(await call(activity(), authorization())).toEqual({ status: 401 });
    expect(connector.posted).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another tenant', { conversation: { id: 'conv', tenantId: 'other' }, channelData: { tenant: { id: 'other' } } }],
    ['no tenant', { conversation: { id: 'conv' }, channelData: {} }],
    ['two different tenants', { channelData: { tenant: { id: 'other' } } }],
  ])('a good token with %s gets 403 and no answer', async (_name, more) => {
    expect(await call(activity(more), `Bearer ${authority.token(goodClaims())}`)).toEqual({ status: 403 });
    expect(connector.posted).toEqual([]);
  });

  test('a service address that is not of Teams gets no token', async () => {
    const serviceUrl = 'https://evil.example';
    const token = authority.token({ ...goodClaims(), serviceurl: serviceUrl });
    expect(await call(activity({ serviceUrl }), `Bearer ${token}`)).toEqual({ status: 403 });
  });

  test('without an application id the bot refuses to exist', () => {
    expect(() => createBot({ appId: '', tenantId: '', anonymous: false, services, log: quiet })).toThrow(
      'BULKHEAD_BOT_APP_ID',
    );
  });
});

describe('bodies', () => {
  test.each<[string, unknown]>([
    ['no JSON', '{'],
    ['an array', '[]'],
    ['no conversation', { type: 'message' }],
    ['wrong types', { type: 7, conversation: 'x', serviceUrl: 3, from: null }],
  ])('%s is refused with 400 or 401, never 500', async (_name, body) => {
    const { status } = await call(body, `Bearer ${authority.token(goodClaims())}`);
    expect([400, 401]).toContain(status);
  });

  test('a body too large is refused unread', async () => {
    expect(await call('x'.repeat(300_000))).toEqual({ status: 413 });
  });
});

describe('messages', () => {
  const good = () => `Bearer ${authority.token(goodClaims())}`;
  const lastText = (): string => JSON.stringify(connector.posted.at(-1)?.activity.attachments?.[0]?.content.body ?? '');

  test('subscribe keeps where to post, for a channel without its thread', async () => {
    const conversation = { id: '19:abc@thread.tacv2;messageid=17', tenantId: TENANT, conversationType: 'channel' };
    await call(activity({ text: '<at>Bulkhead</at> Subscribe', conversation, entities: [mention] }), good());
    expect(subscribed).toMatchObject([{ conversationId: '19:abc@thread.tacv2', kind: 'channel', tenantId: TENANT }]);
  });

  test('a button does what typing its command does', async () => {
    await call(activity({ text: undefined, value: { verb: 'command', command: 'subscribe' } }), good());
    expect(subscribed).toHaveLength(1);
  });

  test('what is not understood gets help, with the text shown as text', async () => {
    await call(activity({ text: '**frobnicate** [x](http://evil)' }), good());
    expect(lastText()).toContain('**frobnicate**');
    expect(lastText()).not.toContain('"type":"TextBlock"');
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['the Entra object id that Teams tells', {}, 'There is no open alert'],
    ['another object id', { from: { id: 'person', name: 'Kim', aadObjectId: 'kim' } }, 'Only operators may'],
    ['no object id, whatever the sender calls itself', { from: { id: 'person', name: 'Kim' } }, 'Only operators may'],
  ])('an operator is known by %s', async (_name, more, expected) => {
    await call(activity({ text: 'ack a1b2c3d4e5', ...more }), good());
    expect(lastText()).toContain(expected);
  });

  test.each([
    ['msteams', 'person'],
    ['directline', ''],
    [undefined, ''],
  ])('the channel %s tells who writes as “%s”', (channelId, person) => {
    expect(personOf(activitySchema.parse(activity({ channelId })))).toBe(person);
  });

  test.each([
    ['Robin', 'Robin'],
    [undefined, 'somebody'],
    ['  ', 'somebody'],
    ['x'.repeat(4_000), 'x'.repeat(80)],
  ])('the name %s is kept as %s', (name, kept) => {
    expect(nameOf(activitySchema.parse(activity({ from: { id: 'person', name } })))).toBe(kept);
  });

  test('being installed says hello', async () => {
    await call(activity({ type: 'installationUpdate', action: 'add', text: undefined }), good());
    expect(lastText()).toContain('Hello');
  });

  const mention = { type: 'mention', text: '<at>Bulkhead</at>', mentioned: { id: `28:${APP}`, name: 'Bulkhead' } };
});

describe('posting on its own', () => {
  const address = (): ConversationAddress => ({
    conversationId: 'conv',
    serviceUrl: connector.serviceUrl,
    tenantId: TENANT,
    kind: 'personal',
    reference: JSON.stringify({
      channelId: 'msteams',
      serviceUrl: connector.serviceUrl,
      conversation: { id: 'conv;messageid=4', tenantId: TENANT },
      bot: { id: `28:${APP}` },
      user: { id: '29:person' },
    }),
  });

  test('a card arrives and its activity id comes back; an update replaces it', async () => {
    expect(await bot.chat.post(address(), notice('hello'))).toEqual({ status: 'sent', activityId: 'activity-1' });
    expect(connector.posted[0]).toMatchObject({ method: 'POST', activity: { summary: 'hello' } });
    expect(await bot.chat.update(address(), 'activity-1', notice('bye'))).toMatchObject({ status: 'sent' });
    expect(connector.posted[1]).toMatchObject({ method: 'PUT' });
  });

  test.each([
    [403, 'gone'],
    [404, 'gone'],
    [413, 'refused'],
    [503, 'retry'],
  ])('an answer of %i means %s', async (status, outcome) => {
    connector.refusals.push(...Array.from({ length: 8 }, () => ({ status })));
    expect(await bot.chat.post(address(), notice('hello'))).toMatchObject({ status: outcome });
  });

  test.each([
    [429, { 'retry-after': '45' }, { status: 'retry', afterSeconds: 45 }],
    [500, {}, { status: 'retry' }],
  ])('a busy answer of %i is ours to repeat: the library asks once', async (status, headers, outcome) => {
    connector.refusals.push({ status, headers }, { status, headers });
    expect(await bot.chat.post(address(), notice('hello'))).toMatchObject(outcome);
    expect(connector.refusals).toHaveLength(1);
    expect(await bot.chat.update(address(), 'activity-1', notice('hello'))).toMatchObject(outcome);
    expect(connector.refusals).toHaveLength(0);
    expect(connector.posted).toEqual([]);
  });

  test('a conversation somewhere else is never posted to', async () => {
    const outcome = await bot.chat.post({ ...address(), serviceUrl: 'https://evil.example' }, notice('hello'));
    expect(outcome).toMatchObject({ status: 'gone' });
    expect(connector.posted).toEqual([]);
  });
});
