// The HTTP API behind the local host: each address asked by everybody over real HTTP, with the host's keys and with platform authentication.
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { developerPrincipal, LOCAL_TENANT } from '../../infra/local/developer.ts';
import type { Host } from '../../infra/local/host/host.ts';
import { startHost } from '../../infra/local/host/host.ts';
import { routes } from '../../shared/api/index.ts';
import type { App } from '../../shared/app/app.ts';
import { createApp, useApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Tables } from '../../shared/ports.ts';
import { OPERATOR_KEY, personWith } from '../support/callers.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryQueue } from '../support/memory-queue.ts';
import { memoryTables } from '../support/memory-tables.ts';

const READING_KEY = 'the-reading-key';
const KEYS = { functions: [READING_KEY, OPERATOR_KEY], master: 'the-master-key' };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function makeApp(settings: Readonly<Record<string, string>>, tables: Tables): App {
  const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...settings });
  const clock = { now: () => new Date('2026-11-21T10:10:00Z') };
  const parts = { clock, log: quiet, tables, queue: memoryQueue(() => undefined), checkAnswers: true };
  return createApp(config, parts);
}

async function open(
  settings: Readonly<Record<string, string>>,
  more: Partial<Parameters<typeof startHost>[0]>,
  tables = memoryTables(),
) {
  const app = makeApp(settings, tables);
  useApp(app);
  return startHost({
    // Loaded once for all tests; what a function asks for is told anew for each host.
    loadFunctions: async () => (await import('../../functions/api.ts')).registerApi(app.access.platformAuth),
    connectionString: inject('azurite'),
    settings: { BULKHEAD_SCHEDULE: '0 0 0 1 1 *', FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '65536', ...settings },
    hostJson: {},
    port: 0,
    keys: KEYS,
    log: () => undefined,
    timers: false,
    ...more,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Sends a path exactly as it is written. */
const ask = (host: Host, method: string, path: string, headers: Record<string, string> = {}, body = '') =>
  new Promise<Answer>((resolve, reject) => {
    const { hostname, port } = new URL(host.url);
    const sent = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, text }));
    });
    sent.on('error', reject).end(body);
  });

const keyed = (key: string) => ({ 'x-functions-key': key });
const forged = { 'x-ms-client-principal': personWith('Compliance.Operate'), 'x-ms-client-principal-name': 'eve' };
const asked = routes.map(({ name, method, path, access }) => {
  return { name, method, path: `/api/${path.replace(/\{\*?id\}/, 'a1')}`, access };
});
const isIn = (status: number): boolean => ![401, 403].includes(status);

describe('with keys', () => {
  let host: Host;
  beforeAll(async () => {
    host = await open({ BULKHEAD_OPERATOR_KEY: OPERATOR_KEY }, {});
  });
  afterAll(() => host.close());

  test.each<[string, Record<string, string>, boolean, boolean]>([
    ['nobody', {}, false, false],
    ['a wrong key', keyed('x'), false, false],
    ['a forged principal', forged, false, false],
    ['the reading key', keyed(READING_KEY), true, false],
    ['the reading key with a forged principal', { ...forged, ...keyed(READING_KEY) }, true, false],
    ['the operator key', keyed(OPERATOR_KEY), true, true],
  ])('%s', async (_who, headers, reads, operates) => {
    for (const { name, method, path, access } of asked) {
      const { status } = await ask(host, method, path, headers);
      const expected = { anyone: true, read: reads, operate: operates }[access];
      expect([name, status, isIn(status)]).toEqual([name, status, expected]);
    }
  });

  test('the operator key in an address, which ends up in logs, only reads', async () => {
    expect(await ask(host, 'GET', `/api/status?code=${OPERATOR_KEY}`)).toMatchObject({ status: 200 });
    expect(await ask(host, 'POST', `/api/scans?code=${OPERATOR_KEY}`)).toMatchObject({ status: 403 });
  });
});

describe('with platform authentication', () => {
  let host: Host;
  const settings = { WEBSITE_AUTH_ENABLED: 'true', BULKHEAD_API_TENANT_ID: LOCAL_TENANT };
  beforeAll(async () => {
    host = await open(settings, { principal: developerPrincipal() });
  });
  afterAll(() => host.close());

  test.each<[string, Record<string, string>, boolean]>([
    ['nobody', {}, false],
    ['a forged principal', forged, false],
    ['a principal forged in another case', { 'X-MS-CLIENT-PRINCIPAL': developerPrincipal() }, false],
    ['somebody who is known, with a forged principal', { ...forged, ...keyed(READING_KEY) }, true],
  ])('%s', async (_who, headers, may) => {
    for (const { name, method, path, access } of asked) {
      const { status } = await ask(host, method, path, headers);
      expect([name, status, isIn(status)]).toEqual([name, status, may || access === 'anyone']);
    }
  });

  test.each([
    ['this machine', {}, true],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, false],
    ['a page under a name that somebody points at this machine', { host: 'rebound.example' }, false],
  ])('where no key is asked for, %s is whom the platform knows', async (_who, headers, may) => {
    const machine = await open(settings, { principal: developerPrincipal(), keys: undefined });
    for (const { name, method, path, access } of asked) {
      const { status } = await ask(machine, method, path, headers);
      expect([name, status, isIn(status)]).toEqual([name, status, may || access === 'anyone']);
    }
    await machine.close();
  });

  test('who did something is whom the platform knows', async () => {
    const body = JSON.stringify({ matchers: ['rule=npm-*'], endsAt: '2026-12-01', comment: 'moving' });
    const { text } = await ask(host, 'POST', '/api/silences', keyed(READING_KEY), body);
    expect(JSON.parse(text)).toMatchObject({ createdBy: 'developer@localhost' });
  });
});

describe('methods', () => {
  let host: Host;
  beforeAll(async () => {
    host = await open({ BULKHEAD_OPERATOR_KEY: OPERATOR_KEY }, { keys: undefined }, emulatorTables());
  });
  afterAll(() => host.close());

  // Storage itself refuses such keys.
  test.each(['/', '#', '?', '\\', '\0', '\u007f', '%', '..', 'a/b', 'x'.repeat(600), '\u{1f4a5}'])(
    'what is called %j is not there, whatever is asked of it',
    async (id) => {
      const path = encodeURIComponent(id).replaceAll('.', '%2E');
      for (const [method, below] of [
        ['GET', 'silences'],
        ['DELETE', 'silences'],
        ['GET', 'exemptions'],
        ['DELETE', 'exemptions'],
        ['GET', 'scans'],
        ['GET', 'clusters'],
      ] as const) {
        const { status } = await ask(host, method, `/api/${below}/${path}`, keyed(OPERATOR_KEY));
        expect([below, method, status]).toEqual([below, method, 404]);
      }
      const { status } = await ask(host, 'POST', `/api/alerts/${path}/acknowledge`, keyed(OPERATOR_KEY));
      expect(status).toBe(404);
    },
  );

  test('HEAD answers like GET, without a body', async () => {
    for (const { path, method } of asked) {
      if (method !== 'GET') continue;
      const [head, get] = [await ask(host, 'HEAD', path), await ask(host, 'GET', path)];
      expect([path, head.status, head.headers['etag'], head.text]).toEqual([path, get.status, get.headers['etag'], '']);
    }
  });

  test.each([
    ['/api/clusters', 'GET, HEAD, OPTIONS'],
    ['/api/clusters/a/b', 'GET, HEAD, OPTIONS'],
    ['/api/scans', 'GET, HEAD, POST, OPTIONS'],
    ['/api/silences/a1', 'GET, HEAD, DELETE, OPTIONS'],
    ['/api/alerts/a1/acknowledge', 'POST, OPTIONS'],
    ['/api/health', 'GET, HEAD, OPTIONS'],
  ])('%s takes %s, says so, and refuses others', async (path, allow) => {
    expect(await ask(host, 'OPTIONS', path)).toMatchObject({ status: 204, headers: { allow }, text: '' });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      if (allow.includes(method)) continue;
      const answer = await ask(host, method, path);
      expect(answer).toMatchObject({ status: 405, headers: { allow, 'x-ms-error-code': 'MethodNotAllowed' } });
    }
  });

  test('every answer of the API says that it is data, whatever it is', async () => {
    for (const [method, path] of [
      ['GET', '/api/status'],
      ['GET', '/api/silences/none'],
      ['POST', '/api/silences'],
      ['PUT', '/api/status'],
      ['OPTIONS', '/api/status'],
    ] as const)
      expect((await ask(host, method, path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
        'strict-transport-security': expect.stringMatching(/^max-age=\d{8}/) as string,
        'cache-control': expect.stringMatching(/^(no-store|private, no-cache)$/) as string,
      });
  });

  test('a body that says that it is larger than the host takes is not read', async () => {
    const headers = { 'content-length': '99000000' };
    const got = new Promise<number | undefined>((resolve, reject) => {
      const { hostname, port } = new URL(host.url);
      const sent = httpRequest({ hostname, port, method: 'POST', path: '/api/silences', headers }, (answer) => {
        resolve(answer.resume().statusCode);
        sent.destroy();
      });
      sent.on('error', reject).flushHeaders();
    });
    expect(await got).toBe(413);
  });

  test.each(['http://', '//', '/%', '/api/%ff', '/api/clusters/%00', `/api/clusters/${'x'.repeat(10_000)}`])(
    'the address %s is answered, and not with 500',
    async (path) => expect((await ask(host, 'GET', path)).status).toBeLessThan(500),
  );
});
