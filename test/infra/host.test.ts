// The local Functions host, with Microsoft's own library above it and real queues below.
import { request as httpRequest } from 'node:http';
import type { InvocationContext } from '@azure/functions';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { InvocationResponse } from '../../infra/local/host/core.ts';
import type { Host } from '../../infra/local/host/host.ts';
import { startHost } from '../../infra/local/host/host.ts';
import { startTimers } from '../../infra/local/host/timers.ts';

/** Only against hanging: a busy machine may take long. */
const PATIENCE_MS = 60_000;
const KEYS = { functions: ['the-function-key', 'another-function-key'], master: 'the-master-key' };
const run = `t${Date.now().toString(36)}`;
const queueName = (name: string): string => `${run}-${name}`;
const received: { readonly name: string; readonly message: unknown; readonly dequeueCount: number }[] = [];
const logged: string[] = [];
let timerRuns = 0;
let host: Host;
let queues: QueueServiceClient;

async function loadFunctions(): Promise<void> {
  const { app } = await import('@azure/functions');
  app.http('echo', {
    methods: ['GET', 'POST'],
    authLevel: 'anonymous',
    route: 'echo/{word}',
    handler: async (request) => ({
      status: 201,
      jsonBody: {
        word: request.params['word'],
        query: Object.fromEntries(request.query),
        text: await request.text(),
        header: request.headers.get('x-test'),
      },
    }),
  });
  app.http('literal', { authLevel: 'anonymous', route: 'echo/literal', handler: () => ({ body: 'literal' }) });
  app.http('rest', {
    authLevel: 'anonymous',
    route: 'files/{*path}',
    handler: ({ params }) => ({ body: params['path']! }),
  });
  app.http('nothing', { authLevel: 'anonymous', handler: () => Promise.resolve(undefined as unknown as object) });
  app.http('throws', {
    authLevel: 'anonymous',
    handler: () => {
      throw new Error('the inner reason');
    },
  });
  app.http('guarded', { authLevel: 'function', handler: () => ({ body: 'in' }) });
  app.http('ruled', { authLevel: 'admin', handler: () => ({ body: 'in' }) });
  const record = (name: string) => (message: unknown, context: InvocationContext) => {
    received.push({ name, message, dequeueCount: Number(context.triggerMetadata?.['dequeueCount']) });
    if (name === 'fails') throw new Error('never works');
  };
  app.storageQueue('works', {
    queueName: queueName('works'),
    connection: 'AzureWebJobsStorage',
    handler: record('works'),
  });
  app.storageQueue('fails', {
    queueName: queueName('fails'),
    connection: 'AzureWebJobsStorage',
    handler: record('fails'),
  });
  app.timer('daily', { schedule: '%DAILY%', handler: () => void timerRuns++ });
}

beforeAll(async () => {
  const connectionString = inject('azurite');
  queues = QueueServiceClient.fromConnectionString(connectionString);
  host = await startHost({
    loadFunctions,
    connectionString,
    settings: { DAILY: '0 0 0 1 1 *' },
    hostJson: { extensions: { queues: { maxDequeueCount: 3 } } },
    port: 0,
    keys: KEYS,
    log: (level, text) => logged.push(`${level} ${text}`),
    timers: true,
  });
});
afterAll(() => host.close());

async function send(name: string, text: string): Promise<void> {
  const queue = queues.getQueueClient(queueName(name));
  await queue.createIfNotExists();
  await queue.sendMessage(Buffer.from(text).toString('base64'));
}
const of = (name: string) => received.filter((entry) => entry.name === name);

test('a request reaches its handler with route, query, headers and body, and its answer comes back', async () => {
  const answer = await fetch(`${host.url}/api/echo/hello?a=1&a=2&b=`, {
    method: 'POST',
    headers: { 'x-test': 'yes' },
    body: 'text',
  });
  expect(answer.status).toBe(201);
  expect(await answer.json()).toEqual({ word: 'hello', query: { a: '1,2', b: '' }, text: 'text', header: 'yes' });
});

test.each([
  ['a literal route before a parameter', 'GET', '/api/echo/literal', 200, 'literal'],
  ['a route in any case', 'GET', '/API/Echo/LITERAL', 200, 'literal'],
  ['the rest of a path', 'GET', '/api/files/a/b/c.txt', 200, 'a/b/c.txt'],
  ['a handler that returns nothing', 'GET', '/api/nothing', 200, ''],
  ['a handler that throws, without a word', 'GET', '/api/throws', 500, ''],
  ['no route', 'GET', '/api/other', 404, ''],
  ['no method', 'DELETE', '/api/echo/x', 404, ''],
  ['outside the prefix', 'GET', '/echo/x', 404, ''],
])('%s: %s %s is %i', async (_what, method, path, status, body) => {
  const answer = await fetch(`${host.url}${path}`, { method });
  expect(answer.status).toBe(status);
  expect(await answer.text()).toBe(body);
});

test('what a handler threw is logged', async () => {
  await fetch(`${host.url}/api/throws`);
  expect(logged.join('\n')).toContain('the inner reason');
});

test.each([
  ['guarded', undefined, 401],
  ['guarded', 'wrong', 401],
  ['guarded', KEYS.functions[0], 200],
  ['guarded', KEYS.functions[1], 200],
  ['guarded', KEYS.master, 200],
  ['ruled', KEYS.functions[0], 401],
  ['ruled', KEYS.master, 200],
])('%s with key %s answers %i, in the header and in the query', async (name, key, status) => {
  const headers: Record<string, string> = key === undefined ? {} : { 'x-functions-key': key };
  expect((await fetch(`${host.url}/api/${name}`, { headers })).status).toBe(status);
  expect((await fetch(`${host.url}/api/${name}?code=${key ?? ''}`)).status).toBe(status);
});

test('a queue message reaches its handler parsed, once', async () => {
  await send('works', JSON.stringify({ n: 1 }));
  await vi.waitFor(
    () => expect(of('works')).toEqual([{ name: 'works', message: { n: 1 }, dequeueCount: 1 }]),
    PATIENCE_MS,
  );
  await vi.waitFor(async () => {
    const { approximateMessagesCount } = await queues.getQueueClient(queueName('works')).getProperties();
    expect(approximateMessagesCount).toBe(0);
  }, PATIENCE_MS);
  expect(of('works')).toHaveLength(1);
});

test('a message that always fails is tried as often as host.json says, then stands in the poison queue', async () => {
  await send('fails', 'hopeless');
  const poison = queues.getQueueClient(`${queueName('fails')}-poison`);
  await vi.waitFor(async () => {
    const { peekedMessageItems } = await poison.peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString())).toEqual([
      'hopeless',
    ]);
  }, PATIENCE_MS);
  expect(of('fails').map(({ dequeueCount }) => dequeueCount)).toEqual([1, 2, 3]);
});

test('a timer runs when it is told to by the master key only', async () => {
  const path = `${host.url}/admin/functions/daily`;
  const headers = { 'x-functions-key': KEYS.master };
  expect((await fetch(path, { method: 'POST' })).status).toBe(401);
  expect((await fetch(path, { method: 'POST', headers: { 'x-functions-key': KEYS.functions[0]! } })).status).toBe(401);
  expect(timerRuns).toBe(0);
  expect((await fetch(path, { method: 'POST', headers })).status).toBe(202);
  expect(timerRuns).toBe(1);
  expect((await fetch(`${host.url}/admin/functions/none`, { method: 'POST', headers })).status).toBe(404);
});

test('a timer that runs is not started again, and who asked for it waits for that run', async () => {
  const trigger = { name: 'timer', type: 'timerTrigger', direction: 'in', schedule: '0 0 0 1 1 *' };
  const registered = { name: 'daily', bindings: { timer: trigger }, callback: () => undefined };
  const slow = Promise.withResolvers<InvocationResponse>();
  const invoke = vi.fn<() => Promise<InvocationResponse>>(() => slow.promise);
  const core = { functions: new Map([['daily', registered]]), invoke, hook: () => Promise.resolve() };
  const timers = startTimers(
    core,
    (text) => text,
    () => undefined,
  );
  const both = [timers.run('daily'), timers.run('daily')];
  slow.resolve({});
  expect(await Promise.all(both)).toEqual([true, true]);
  expect(invoke).toHaveBeenCalledTimes(1);
  await timers.run('daily');
  expect(invoke).toHaveBeenCalledTimes(2);
  timers.stop();
});

test.each([
  ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 401],
  ['a name that somebody points at this machine', { host: 'rebound.example' }, 401],
  ['this machine by number', {}, 200],
  ['this machine by name', { host: 'localhost:7071' }, 200],
])('without keys, %s gets %s: %i', async (_what, headers, status) => {
  const open = await startHost({
    loadFunctions: () => Promise.resolve(),
    connectionString: inject('azurite'),
    settings: { DAILY: '0 0 0 1 1 *' },
    hostJson: {},
    port: 0,
    keys: undefined,
    log: () => undefined,
    timers: false,
  });
  const got = await new Promise<number | undefined>((resolve, reject) => {
    httpRequest(`${open.url}/api/guarded`, { headers }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end();
  });
  await open.close();
  expect(got).toBe(status);
});

test('a schedule that names a setting which is not set stops the start and names it', async () => {
  await expect(
    startHost({
      loadFunctions: () => Promise.resolve(),
      connectionString: inject('azurite'),
      settings: {},
      hostJson: {},
      port: 0,
      keys: undefined,
      log: () => undefined,
      timers: false,
    }),
  ).rejects.toThrow('DAILY');
});
