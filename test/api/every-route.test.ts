// Every route, asked after two real scans: what it answers is what it declares, with every status that it declares.
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errorSchema, problemSchema } from '../../shared/api/errors.ts';
import { routes } from '../../shared/api/index.ts';
import { route } from '../../shared/api/route.ts';
import { serve } from '../../shared/api/serve.ts';
import { verdicts } from '../../shared/model/verdict.ts';
import type { App } from '../../shared/app/app.ts';
import type { Asked } from '../support/api.ts';
import { ask, makeServices } from '../support/api.ts';
import { ROBIN, personWith, platformAccess } from '../support/callers.ts';
import { scannedApp } from '../support/scanned-app.ts';

let app: App;
beforeAll(async () => {
  app = await scannedApp();
});

/** Route and status of every answer that was checked. */
const answered = new Set<string>();

/** Asks the scanned app; ask throws when a route answers what it does not declare. */
async function real(name: string, query = '', asked: Asked = {}) {
  const response = await ask(name, query, { services: app.api, ...asked });
  if (response.status < 400 || name === 'health') answered.add(`${name} ${response.status}`);
  return response;
}

const at = (id: string) => ({ params: { id } });

describe('what is read', () => {
  test.each<[string, string, string?]>([
    ['status', ''],
    ['status', '?asOf=2026-11-21T10:10:00Z'],
    ['status', '?asOf=2026-11-01'],
    ['health', ''],
    ['clusters', ''],
    ['clusters', '?maxpagesize=2'],
    ['clusters', '?asOf=2026-11-21T10:10:00Z'],
    ...['shop', 'lab', 'busy', 'private'].map((name): [string, string, string] => ['cluster', '', name]),
    ['cluster', '', 'shop/history'],
    ['cluster', '', 'shop/reach'],
    ['cluster', '', 'gone/history'],
    ['cluster', '?asOf=2026-11-21T10:10:00Z', 'gone'],
    ['scans', ''],
    ['scan', '', '20261121T1030Z'],
    ['drift', ''],
    ['drift', '?kind=cluster-gone'],
    ['trend', ''],
    ['rules', ''],
    ['alerts', ''],
    ['metrics', ''],
  ])('%s%s %s', async (name, query, id = '') => {
    expect(await real(name, query, at(id))).toMatchObject({ status: 200 });
  });

  test('the scans saw what makes an answer long: findings of every verdict, a reach, changes, alerts', async () => {
    const results = ['shop', 'lab', 'private'].map(async (id) => (await real('cluster', '', at(id))).body);
    const findings = JSON.stringify(await Promise.all(results));
    for (const verdict of verdicts) expect(findings).toContain(`"verdict":"${verdict}"`);
    expect((await real('cluster', '', at('shop/reach'))).body['workloads']).toHaveLength(2);
    const kinds = (await real('drift')).body.value as unknown as { kind: string }[];
    expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['new-failure', 'reach-changed', 'cluster-gone']));
    expect((await real('alerts')).body.value).not.toEqual([]);
  });

  test('a cluster that is gone has a history, up to its end, and no present', async () => {
    const { body } = await real('cluster', '', at('gone/history'));
    expect(body.value).toMatchObject([
      { name: 'gone', gone: true, scan: '20261121T1030Z' },
      { name: 'gone', scan: '20261121T1000Z' },
    ]);
    const then = await real('cluster', '?asOf=2026-11-21T10:10:00Z', at('gone/history'));
    expect(then.body.value).toHaveLength(1);
    for (const [query, id] of [
      ['', 'gone'],
      ['', 'gone/reach'],
      ['?asOf=2026-11-21T09:00:00Z', 'gone/history'],
      ['', 'never/history'],
    ] as const)
      expect(await real('cluster', query, at(id))).toMatchObject({ status: 404 });
  });

  test('health that is not well answers with 503', async () => {
    const services = makeServices({ health: async () => ({ status: 'overdue', message: 'No scan since noon.' }) });
    expect(await real('health', '', { services })).toMatchObject({ status: 503 });
  });
});

test('what is made is found, listed and ended', async () => {
  const { id: alert } = (await real('alerts')).body.value[0] as unknown as { id: string };
  for (const comment of [{ comment: 'on it' }, {}])
    await real('alert-acknowledge', '', { ...at(alert), body: comment });
  expect((await real('alerts', '?acknowledged=true')).body.value).toHaveLength(1);
  for (let twice = 0; twice < 2; twice++) await real('alert-unacknowledge', '', at(alert));
  const silence = { matchers: ['severity=high'], endsAt: '2026-11-22', comment: 'moving' };
  const exemption = { cluster: 'shop', rule: 'no-*', owner: 'ann', reason: 'a lab', expires: '2026-12-31' };
  for (const [what, body] of [
    ['silence', silence],
    ['exemption', exemption],
  ] as const) {
    const id = String((await real(`${what}-create`, '', { body })).body['id']);
    expect(await real(what, '', at(id))).toMatchObject({ status: 200 });
    expect((await real(`${what}s`)).body.value).toHaveLength(1);
    expect(await real('alerts')).toMatchObject({ status: 200 });
    expect(await real(`${what}-end`, '', at(id))).toMatchObject({ status: 204 });
    await real(`${what}s`);
    expect(await real(what, '', at(id))).toMatchObject({ status: 200 });
  }
  expect((await real('silences', '?ended=true')).body.value).toMatchObject([{ ended: { by: ROBIN } }]);
  const started = String((await real('scan-start')).body['id']);
  for (const query of ['scan', 'scans', 'health']) await real(query, '', at(started));
});

test('every status that a route declares was answered', () => {
  const declared = routes.flatMap(({ name, responses }) => Object.keys(responses).map((status) => `${name} ${status}`));
  expect([...answered].toSorted()).toEqual(declared.toSorted());
});

test('every error has the one shape, or that of problem+json for who asks for it', async () => {
  for (const { name } of routes) {
    const { body } = await real(name, '?colour=red');
    expect(errorSchema.parse(body)).toEqual(body);
    const problem = await real(name, '?colour=red', { headers: { accept: 'application/problem+json' } });
    expect(problemSchema.parse(problem.body)).toEqual(problem.body);
  }
});

test('what routes take and answer can be written as JSON Schema', () => {
  for (const { query, body, responses } of routes) {
    for (const taken of [query, body]) expect(z.toJSONSchema(taken, { io: 'input' })).toMatchObject({ type: 'object' });
    const { 204: _nothing, ...bodies } = responses;
    for (const answer of Object.values(bodies)) expect(() => z.toJSONSchema(answer)).not.toThrow();
  }
});

describe('an answer that is not what its route declares', () => {
  const request = {
    method: 'GET',
    id: '',
    query: new URLSearchParams(),
    headers: new Headers({ 'x-ms-client-principal': personWith('Compliance.Read') }),
    url: new URL('https://b/'),
    body: async () => '',
  };
  const answering = (status: number, body: object) => {
    const about = { name: 'odd', method: 'GET', path: 'odd', access: 'read', summary: 'Odd.' } as const;
    const declared = route({
      ...about,
      responses: { 200: z.strictObject({ a: z.string() }) },
      handle: async () => ({ status: 200, body: { a: '' } }),
    });
    return { path: 'odd', routes: [{ ...declared, answer: async () => ({ status, body }) }] };
  };
  const errors: unknown[] = [];
  const log = {
    info: () => undefined,
    warn: () => undefined,
    error: (_message: string, fields?: Readonly<Record<string, unknown>>) => errors.push(String(fields?.['error'])),
  };
  const services = makeServices();

  test.each<[string, number, object, RegExp]>([
    ['a property of another type', 200, { a: 1 }, /odd answers 200 .*expected string/s],
    ['a property too many', 200, { a: '', secret: '' }, /Unrecognized key.*secret/s],
    ['another status', 202, { a: '' }, /odd answers 202, which it does not declare/],
  ])('(%s) is an error while one develops, and passes otherwise', async (_what, status, body, message) => {
    const odd = answering(status, body);
    errors.length = 0;
    expect(await serve(odd, request, { services, access: platformAccess, log, checkAnswers: true })).toMatchObject({
      status: 500,
    });
    expect(errors).toEqual([expect.stringMatching(message)]);
    expect(await serve(odd, request, { services, access: platformAccess, log, checkAnswers: false })).toMatchObject({
      status,
      body,
    });
  });
});
