// The HTTP API's routes on services in memory: good requests, bad requests, and none that ends in 500.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routes } from '../../shared/api/index.ts';
import type { Health } from '../../shared/api/api-services.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import { apiFleet, apiScan, ask, makeServices } from '../support/api.ts';
import { runs } from '../support/runs.ts';

const names = (response: { body: { value: { name: string }[] } }): string[] =>
  response.body.value.map((item) => item.name);

describe('clusters', () => {
  test.each<[string, string[]]>([
    ['', ['shop', 'Pay', 'twin', 'twin']],
    ['?verdict=fail', ['shop']],
    ['?engine=none&severity=high', ['shop']],
    ['?rule=engine-enabled', ['shop']],
    ['?tag=team', ['shop']],
    ['?tag=team:web', ['shop']],
    ['?tag=team:other', []],
    ['?tag=TEAM:web', ['shop']],
    ['?tag=constructor', []],
    ['?tag=__proto__', []],
    ['?tag=toString:', []],
    ['?name=PA', ['Pay']],
    ['?resourceGroup=B', ['twin']],
    ['?top=1', ['shop']],
    ['?skip=3', ['twin']],
  ])('%s', async (query, expected) => {
    expect(names(await ask('clusters', query))).toEqual(expected);
  });

  test('pages link to each other, absolutely and without the key, and the last has no link', async () => {
    const seen: string[] = [];
    let query = '?maxpagesize=3&code=secret&verdict=pass';
    for (;;) {
      const page = await ask('clusters', query);
      seen.push(...names(page));
      const next = page.body['nextLink'] as string | undefined;
      if (next === undefined) break;
      expect(next).toMatch(/^https:\/\/bulkhead\.example\/api\/clusters\?/);
      expect(next).not.toContain('secret');
      query = new URL(next).search;
    }
    expect(seen).toEqual(['twin', 'twin']);
    const first = await ask('clusters', '?maxpagesize=1&top=2');
    const second = await ask('clusters', new URL(first.body['nextLink'] as unknown as string).search);
    expect([...names(first), ...names(second)]).toEqual(['shop', 'Pay']);
    expect(second.body).not.toHaveProperty('nextLink');
  });

  test('an unchanged fleet answers 304 to who has it', async () => {
    const first = await ask('clusters');
    const again = await ask('clusters', '', { headers: { 'if-none-match': first.headers!['etag']! } });
    expect(again).toMatchObject({ status: 304 });
    expect(again.body).toBeUndefined();
    expect((await ask('clusters', '?verdict=fail')).headers!['etag']).not.toBe(first.headers!['etag']);
  });
});

describe('days', () => {
  test.each([
    ['?from=2026-11-20&to=2026-11-20', 'UTC', '2026-11-20T00:00:00.000Z', '2026-11-20T23:59:59.999Z'],
    ['?from=2026-11-20&to=2026-11-20', 'Europe/Berlin', '2026-11-19T23:00:00.000Z', '2026-11-20T22:59:59.999Z'],
    ['?from=2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z', '2026-11-21T10:10:00.000Z'],
    ['', 'UTC', '2026-11-14T10:10:00.000Z', '2026-11-21T10:10:00.000Z'],
  ])('drift%s in %s is of %s to %s', async (query, zone, from, to) => {
    expect((await ask('drift', query, { services: makeServices({ zone }) })).body).toMatchObject({ from, to });
  });
});

describe('bad requests', () => {
  test.each([
    ['clusters', '?colour=red', 'UnknownQueryParameter', 'colour'],
    ['clusters', '?verdict=red', 'InvalidQueryParameterValue', 'verdict'],
    ['clusters', '?maxpagesize=0', 'InvalidQueryParameterValue', 'maxpagesize'],
    ['clusters', '?maxpagesize=ten', 'InvalidQueryParameterValue', 'maxpagesize'],
    ['clusters', '?top=1&top=2', 'RepeatedQueryParameter', 'top'],
    ['status', '?asOf=yesterday', 'InvalidQueryParameterValue', 'asOf'],
    ['status', '?api-version=2020-01-01', 'UnsupportedApiVersionValue', 'api-version'],
    ['drift', '?kind=nothing', 'InvalidQueryParameterValue', 'kind'],
  ])('%s%s is 400 %s', async (name, query, code, target) => {
    const response = await ask(name, query);
    expect(response).toMatchObject({
      status: 400,
      headers: { 'x-ms-error-code': code },
      body: { error: { code, target } },
    });
  });

  test('a moment that is not one is told what one looks like', async () => {
    for (const asOf of ['yesterday', '2026-02-30', '2026-11-21T10:30', '7'])
      expect((await ask('status', `?asOf=${asOf}`)).body.error).toMatchObject({
        message: 'asOf: must be a date like 2026-12-01 or a moment like 2026-12-01T10:30Z or 2026-12-01T10:30+01:00',
      });
  });

  test('a range that ends before it begins is refused', async () => {
    expect((await ask('drift', '?from=2026-11-22&to=2026-11-21')).body.error).toMatchObject({
      code: 'InvalidQueryParameterValue',
      target: 'from',
      message: 'from: is 2026-11-22T00:00:00.000Z, which is after to, 2026-11-21T23:59:59.999Z',
    });
  });

  test('an error is problem+json for who asks for that', async () => {
    const response = await ask('clusters', '?colour=red', { headers: { accept: 'application/problem+json' } });
    expect(response).toMatchObject({ body: { status: 400, title: 'UnknownQueryParameter' } });
  });

  test('a cluster is found by key, ARM id and unique name; else 404 or 409 with the candidates', async () => {
    const [shop] = apiFleet.clusters;
    for (const id of [shop!.key, shop!.id, shop!.id.slice(1).toUpperCase(), 'SHOP'])
      expect(await ask('cluster', '', { params: { id } })).toMatchObject({
        body: { error: { code: 'ClusterNotAudited' } },
      });
    expect(await ask('cluster', '', { params: { id: 'nope' } })).toMatchObject({ status: 404 });
    const twins = await ask('cluster', '', { params: { id: 'twin' } });
    expect(twins).toMatchObject({ status: 409, body: { error: { details: [{}, {}] } } });
  });

  test('an error inside is a 500 that tells nothing but where to look', async () => {
    const services = makeServices({ fleet: () => Promise.reject(new Error('AccountKey=hunter2')) });
    const response = await ask('clusters', '', { services });
    expect(response.status).toBe(500);
    expect(JSON.stringify(response.body)).not.toContain('hunter2');
  });

  test('no query whatever ends in a 500', async () => {
    const text = fc.string({ maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes.map((r) => r.name)), text, text, async (name, key, value) => {
        const query = new URLSearchParams({ [key]: value }).toString();
        expect((await ask(name, `?${query}`)).status).toBeLessThan(500);
      }),
      { numRuns: runs(300) },
    );
  });
});

describe('scans', () => {
  test('starting one answers 202 with where to follow it', async () => {
    const response = await ask('scan-start');
    expect(response).toMatchObject({
      status: 202,
      headers: { 'operation-location': `https://bulkhead.example/api/scans/${apiScan.id}` },
      body: { status: 'NotStarted', created: true },
    });
  });

  test('a body is refused, an unknown scan is 404', async () => {
    expect(await ask('scan-start', '', { body: '{"all":true}' })).toMatchObject({ status: 400 });
    expect(await ask('scan', '', { params: { id: 'nope' } })).toMatchObject({ status: 404 });
  });
});

test.each<[Health['status'], number]>([
  ['ok', 200],
  ['starting', 200],
  ['overdue', 503],
  ['failing', 503],
])('health %s is %i', async (status, code) => {
  expect(
    (await ask('health', '', { services: makeServices({ health: async () => ({ status, message: '' }) }) })).status,
  ).toBe(code);
});

test('before the first scan everything answers, and says so', async () => {
  const services = makeServices({ fleet: async (): Promise<Fleet | undefined> => undefined });
  expect(await ask('status', '', { services })).toMatchObject({ status: 200, body: { scan: null } });
  expect(await ask('clusters', '', { services })).toMatchObject({ status: 200, body: { value: [] } });
});
