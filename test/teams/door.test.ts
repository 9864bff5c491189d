// The bot's door: which tokens open it, what of a body is read, and how many may wait.
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Log } from '../../shared/ports.ts';
import type { Bot } from '../../shared/teams/bot.ts';
import { createBot } from '../../shared/teams/bot.ts';
import { sampled } from '../support/runs.ts';
import type { Teams } from '../support/teams.ts';
import { TENANT, bodyOf, startTeams } from '../support/teams.ts';

/** A bot of its own: the identity library keeps the tokens of each for the whole process. */
const BOT = '7d3c1f80-2222-4222-8222-0123456789ab';

let teams: Teams;
let bot: Bot;
const log = { info: vi.fn<Log['info']>(), warn: vi.fn<Log['warn']>(), error: vi.fn<Log['error']>() };

beforeAll(async () => {
  teams = await startTeams(undefined, BOT);
  bot = createBot({ ...teams.botOptions, log });
});
afterAll(() => teams.close());
beforeEach(() => {
  teams.connector.posted.length = 0;
  for (const level of Object.values(log)) level.mockClear();
});

type Claims = Readonly<Record<string, unknown>>;
const past = Math.floor(Date.now() / 1000) - 7_200;
const bearer = (claims: Claims = {}, options?: Parameters<Teams['authority']['token']>[1]): string =>
  `Bearer ${teams.authority.token({ ...teams.claims(), ...claims }, options)}`;
const call = (activity: Claims, authorization: string | undefined, at = bot) =>
  at.handle({ authorization, body: bodyOf(JSON.stringify(activity)) });

describe('tokens', () => {
  test('a good token of the own tenant is answered', async () => {
    expect(await call(teams.activity(), bearer())).toEqual({ status: 200 });
    expect(teams.connector.posted).toHaveLength(1);
  });

  test.each<[string, () => string | undefined]>([
    ['no token', () => undefined],
    ['an empty header', () => ''],
    ['something that is not a token', () => 'Bearer garbage'],
    ['another scheme', () => 'Basic dXNlcjpwYXNz'],
    ['two tokens', () => `${bearer()} ${bearer()}`],
    ['a forged signature', () => bearer({}, { key: 'foreign' })],
    ['an unknown key', () => bearer({}, { kid: 'two' })],
    ['a key named like a member of every object', () => bearer({}, { kid: 'constructor' })],
    ['no signature at all', () => bearer({}, { alg: 'none' })],
    ['another algorithm of the same key', () => bearer({}, { alg: 'RS512' })],
    ['a secret in the place of a key', () => bearer({}, { alg: 'HS256' })],
    [
      'a key of its own',
      () => bearer({}, { key: 'foreign', header: { jwk: { kty: 'RSA' }, jku: 'https://evil.example' } }),
    ],
    ['an extension that must be understood', () => bearer({}, { header: { crit: ['exp'] } })],
    ['an expired token', () => bearer({ nbf: past - 600, exp: past })],
    ['a token of tomorrow', () => bearer({ nbf: past + 90_000, exp: past + 93_600 })],
    ['a token that never ends', () => bearer({ exp: undefined })],
    ['an end that is not a number', () => bearer({ exp: 'never' })],
    ['the wrong audience', () => bearer({ aud: 'somebody-else' })],
    ['no audience', () => bearer({ aud: undefined })],
    ['the wrong issuer', () => bearer({ iss: 'https://evil.example' })],
    ['no issuer', () => bearer({ iss: undefined })],
    [
      'a tenant of Entra that issues tokens for the bot',
      () => bearer({ iss: `https://sts.windows.net/${TENANT}/`, tid: TENANT, ver: '1.0', appid: BOT }),
    ],
    [
      'the same with a token of the second version',
      () => bearer({ iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, tid: TENANT, ver: '2.0', azp: BOT }),
    ],
    [
      'a bot that calls another',
      () => bearer({ iss: 'https://api.botframework.com', ver: '1.0', appid: 'other', aud: 'other' }),
    ],
    ['a token for another service', () => bearer({ serviceurl: 'https://smba.trafficmanager.net/other' })],
    ['a token for no service', () => bearer({ serviceurl: undefined })],
    ['a token for a list of services', () => bearer({ serviceurl: [teams.connector.serviceUrl] })],
    ['a token that is too long', () => bearer({ more: 'x'.repeat(9_000) })],
  ])('%s gets 401, one short line in the log, and no answer', async (_name, authorization) => {
    const console = vi.spyOn(globalThis.console, 'error');
    expect(await call(teams.activity(), authorization())).toEqual({ status: 401 });
    expect(teams.connector.posted).toEqual([]);
    expect(console).not.toHaveBeenCalled();
    expect(log.warn.mock.calls).toEqual([['chat request refused', { status: 401, why: expect.any(String) as string }]]);
    expect(JSON.stringify(log.warn.mock.calls).length).toBeLessThan(160);
  });

  test.each(['directline', 'webchat', 'emulator', 'AseChannel', 'MSTEAMS', undefined])(
    'a good token does not open the channel %s',
    async (channelId) => {
      expect(await call(teams.activity({ channelId }), bearer())).toEqual({ status: 401 });
    },
  );

  test.each([
    ['for other channels', ['directline', 'webchat']],
    ['for none', []],
    ['without a word about channels', undefined],
  ])('a key that is published %s signs nothing', async (_name, endorsements) => {
    const { published } = teams.authority;
    const [good] = published.keys;
    onTestFinished(() => void (published.keys = [good!]));
    published.keys = [{ ...good, kid: 'other', endorsements }, good!];
    const fresh = createBot({ ...teams.botOptions, log });
    expect(await call(teams.activity(), bearer({}, { kid: 'other' }), fresh)).toEqual({ status: 401 });
    expect(await call(teams.activity(), bearer(), fresh)).toEqual({ status: 200 });
  });

  test('clocks may differ by five minutes', async () => {
    const now = Math.floor(Date.now() / 1000);
    expect(await call(teams.activity(), bearer({ nbf: now + 280, exp: now + 3_600 }))).toEqual({ status: 200 });
    expect(await call(teams.activity(), bearer({ nbf: now - 3_600, exp: now - 280 }))).toEqual({ status: 200 });
    expect(await call(teams.activity(), bearer({ nbf: now - 3_600, exp: now - 320 }))).toEqual({ status: 401 });
  });

  test.each<[string, Claims]>([
    ['another tenant', { conversation: { id: 'conv', tenantId: 'other' }, channelData: { tenant: { id: 'other' } } }],
    ['no tenant', { conversation: { id: 'conv' }, channelData: {} }],
    ['two different tenants', { channelData: { tenant: { id: 'other' } } }],
  ])('a good token with %s gets 403 and no answer', async (_name, more) => {
    expect(await call(teams.activity(more), bearer())).toEqual({ status: 403 });
    expect(teams.connector.posted).toEqual([]);
  });

  test('a service address that is not of Teams gets no token', async () => {
    const serviceUrl = 'https://evil.example';
    expect(await call(teams.activity({ serviceUrl }), bearer({ serviceurl: serviceUrl }))).toEqual({ status: 403 });
  });

  test('without an application id the bot refuses to exist', () => {
    expect(() => createBot({ ...teams.botOptions, appId: '' })).toThrow('BULKHEAD_BOT_APP_ID');
  });

  test('while the keys cannot be read, everybody is asked to come back', async () => {
    teams.authority.published.status = 503;
    onTestFinished(() => void (teams.authority.published.status = 200));
    const fresh = createBot({ ...teams.botOptions, log });
    expect(await call(teams.activity(), bearer(), fresh)).toEqual({ status: 503, retryAfter: 5 });
    expect(log.error.mock.calls.map(([message]) => message)).toEqual(['chat tokens cannot be checked']);
  });
});

describe('a crowd', () => {
  test('no more than 32 wait for their tokens to be checked; the others are asked to come back', async () => {
    const fresh = createBot({ ...teams.botOptions, log });
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(teams.activity(), bearer(), fresh)));
    expect(answers.filter(({ status }) => status === 503)).toEqual(
      Array.from({ length: 8 }, () => ({ status: 503, retryAfter: 5 })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(32);
    expect(await call(teams.activity(), bearer(), fresh)).toEqual({ status: 200 });
  });
});

describe('bodies', () => {
  /** @returns a body, and how much of it was read */
  function watched(declared: string | null) {
    const asked = { chunks: 0 };
    const bytes = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(++asked.chunks && 100_000)) },
      { highWaterMark: 0 },
    );
    return { asked, body: { declared, bytes } };
  }

  test('one that declares too much is refused unread, whoever sends it', async () => {
    const { asked, body } = watched('99000000');
    expect(await bot.handle({ authorization: bearer(), body })).toEqual({ status: 413 });
    expect(await bot.handle({ authorization: undefined, body })).toEqual({ status: 413 });
    expect(asked.chunks).toBe(0);
  });

  test('one that goes on too long is left', async () => {
    const { asked, body } = watched(null);
    expect(await bot.handle({ authorization: bearer(), body })).toEqual({ status: 413 });
    expect(asked.chunks).toBe(3);
  });

  test('nothing is read of what comes without a good token', async () => {
    const { asked, body } = watched(null);
    expect(await bot.handle({ authorization: bearer({}, { key: 'foreign' }), body })).toEqual({ status: 401 });
    expect(asked.chunks).toBe(0);
  });

  test.each<[string, string]>([
    ['a body that is not JSON', '{'],
    ['no body', ''],
    ['null', 'null'],
    ['an array', '[]'],
    ['no conversation', JSON.stringify({ type: 'message' })],
    ['wrong types', JSON.stringify({ type: 7, conversation: 'x', serviceUrl: 3, from: null })],
    ['arrays to a depth of 100,000', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('%s is refused with 400', async (_name, text) => {
    expect(await bot.handle({ authorization: bearer(), body: bodyOf(text) })).toEqual({ status: 400 });
  });
});

describe('activities that Teams never sends', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  /** In the place of each part of an activity, as it is written in the body. */
  const odd = [
    'null',
    '7',
    '""',
    '[]',
    '{}',
    '[{}]',
    'true',
    `"${'x'.repeat(100_000)}"`,
    deep,
    '{"__proto__":{"polluted":1}}',
  ];
  const parts = (
    'type id replyToId serviceUrl channelId from recipient conversation locale localTimezone channelData deliveryMode text entities ' +
    'value action membersAdded membersRemoved name timestamp attachments relatesTo __proto__ constructor callerId textFormat'
  ).split(' ');
  const types = [
    'message',
    'installationUpdate',
    'conversationUpdate',
    'messageReaction',
    'typing',
    'trace',
    'nonsense',
  ];
  const cases = types.flatMap((type) => parts.flatMap((part) => odd.map((value) => [type, part, value] as const)));

  const sent = async (text: string) => bot.handle({ authorization: bearer(), body: bodyOf(text) });
  /** Written by hand: an object cannot carry every one of these. */
  const bodyWith = (type: string, part: string, value: string): string => {
    const { [part]: _replaced, ...rest } = teams.activity({ type });
    return `${JSON.stringify(rest).slice(0, -1)},${JSON.stringify(part)}:${value}}`;
  };

  test('are answered or refused, and none ends in an error or in every object', async () => {
    for (const [type, part, value] of sampled(cases)) {
      const { status } = await sent(bodyWith(type, part, value));
      expect([200, 400, 401, 403], `${type} ${part} ${value.slice(0, 40)}`).toContain(status);
    }
    expect(log.error).not.toHaveBeenCalled();
    expect({}).not.toHaveProperty('polluted');
    for (const { activity } of teams.connector.posted) expect(JSON.stringify(activity).length).toBeLessThan(28_000);
  });

  test('an invocation that nobody offers is not implemented', async () => {
    expect(await call(teams.activity({ type: 'invoke', name: 'composeExtension/query' }), bearer())).toEqual({
      status: 501,
    });
  });

  test('mentions in any number and shape cost nothing', async () => {
    const entities = Array.from({ length: 2_000 }, () => ({
      type: 'mention',
      text: 'a',
      mentioned: { id: `28:${BOT}` },
    }));
    expect(await call(teams.activity({ text: 'a'.repeat(30_000), entities }), bearer())).toEqual({ status: 200 });
    expect(await call(teams.activity({ entities: [{ type: 'mention' }, null, 7] }), bearer())).toEqual({ status: 200 });
  });
});
