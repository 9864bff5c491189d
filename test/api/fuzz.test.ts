// Any request whatever: none gives 500, every answer is JSON (or the metrics' text) within its bound, and says how it may be used.
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { errorSchema, problemSchema } from '../../shared/api/errors.ts';
import { routes } from '../../shared/api/index.ts';
import { MAX_PAGE_BYTES } from '../../shared/api/paging.ts';
import type { App } from '../../shared/app/app.ts';
import { ask } from '../support/api.ts';
import { OPERATOR_KEY, keyAccess, personWith, platformAccess } from '../support/callers.ts';
import { runs } from '../support/runs.ts';
import { scannedApp } from '../support/scanned-app.ts';

let app: App;
beforeAll(async () => {
  app = await scannedApp();
});

/** What is more than a word to somebody: to a path, a query, a store, an object, a parser of dates or of numbers. */
const words = [
  '/ // \\ # ? % %2F %00 \0 .. ../.. . * \' " <script> \n \u202e \ud800',
  '__proto__ constructor toString hasOwnProperty null undefined true [] {} NaN -1 1e9 0x10 1 1000 999999999 1,2 $filter',
  '2026-11-21 2026-11-21T10:30Z 2026-11-21T10:10:00Z 9999-12-31 0000-01-01 275760-09-13 20261121T1030Z m-20261121T100000000Z-a',
  'shop shop/history shop/reach gone lab twin team team:web fail high cilium',
].flatMap((line) => line.split(' '));
const awkward = fc.oneof(
  fc.constantFrom('', ...words, "' or 1 eq 1", 'x'.repeat(2_000), 'ä'.repeat(700), '💥'.repeat(300)),
  fc.string({ maxLength: 30, unit: 'binary' }),
);
const names = [...new Set(routes.flatMap(({ query }) => Object.keys(query.shape)))];
const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names, 'api-version', 'code'), awkward), awkward), {
  maxLength: 4,
});
const properties = [...new Set(routes.flatMap(({ body }) => Object.keys(body.shape)))];
const body = fc.oneof(
  awkward,
  fc.json(),
  fc.dictionary(
    fc.oneof(fc.constantFrom(...properties), awkward),
    fc.oneof(awkward, fc.array(awkward), fc.jsonValue()),
  ),
  fc.constant('['.repeat(16_000)),
  fc.constant('x'.repeat(20_000)),
);
const headerNames = [
  'accept',
  'if-none-match',
  'if-match',
  'content-type',
  'x-functions-key',
  'x-ms-client-principal',
  'sec-fetch-site',
  'host',
];
const headerValue = fc.oneof(
  fc.constantFrom(
    'application/problem+json',
    '*',
    'W/"x"',
    '"',
    ',,',
    'cross-site',
    'text/html',
    'x'.repeat(4_000),
    OPERATOR_KEY,
  ),
  fc.string({ maxLength: 30, unit: 'grapheme-ascii' }),
);
const headers = fc.dictionary(fc.constantFrom(...headerNames), headerValue, { noNullPrototype: true });
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'get',
  '__proto__',
  'constructor',
  '',
);

const request = fc.record({
  name: fc.constantFrom(...routes.map(({ name }) => name)),
  method: fc.option(method, { nil: undefined, freq: 5 }),
  access: fc.constantFrom(platformAccess, platformAccess, keyAccess),
  params: fc.record({
    id: fc.oneof(
      awkward,
      fc.tuple(awkward, awkward).map((parts) => parts.join('/')),
    ),
  }),
  headers: fc.oneof(fc.constant({}), headers),
  query,
  body,
});

test('no request whatever ends in 500, or in what is not declared', async () => {
  await fc.assert(
    fc.asyncProperty(request, async ({ name, query: pairs, method: other, ...asked }) => {
      const search = pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
      const more = other === undefined ? {} : { method: other };
      const {
        status,
        headers: sent = {},
        body: answer,
      } = await ask(name, search, { services: app.api, ...asked, ...more });
      const text = answer === undefined ? '' : typeof answer === 'string' ? answer : JSON.stringify(answer);
      expect(status === 503 ? name : status).toSatisfy((got) => got === 'health' || Number(got) < 500);
      expect(Buffer.byteLength(text)).toBeLessThan(2 * MAX_PAGE_BYTES);
      expect(sent).toMatchObject({ 'x-content-type-options': 'nosniff' });
      // What is sent as a header must be one.
      expect(() => new Headers(sent)).not.toThrow();
      const isProblem = sent['content-type'] === 'application/problem+json';
      const isWell = status < 400 || text === '' || name === 'health';
      const schema = isProblem ? problemSchema : errorSchema;
      expect(isWell || schema.safeParse(answer).success).toBe(true);
    }),
    { numRuns: runs(3_000) },
  );
});

test('whoever may not operate changes nothing, whatever they send', async () => {
  const writes = routes.filter(({ access }) => access === 'operate').map(({ name }) => name);
  const before = async () =>
    JSON.stringify([await app.api.alerts.silences(), await app.api.alerts.exemptions(), await app.api.scans(9)]);
  const first = await before();
  const reader = { 'x-ms-client-principal': personWith('Compliance.Read') };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...writes), awkward, body, async (name, id, given) => {
      const answer = await ask(name, '', { services: app.api, params: { id }, body: given, headers: reader });
      expect(answer.status).toBe(403);
    }),
    { numRuns: runs(500) },
  );
  expect(await before()).toBe(first);
});
