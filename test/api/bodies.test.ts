// Bodies of requests: whatever is wrong with one is refused by the name of the thing, and nothing is done.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { routes } from '../../shared/api/index.ts';
import { alertView } from '../support/alerts.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { ask, makeServices } from '../support/api.ts';
import { runs } from '../support/runs.ts';

const now = () => new Date('2026-11-21T10:10:00Z');
const silence = { matchers: ['rule=npm-*'], endsAt: '2026-11-22T00:00:00Z', comment: 'moving' };
const exemption = {
  cluster: 'shop',
  rule: 'engine-enabled',
  owner: 'ann',
  reason: 'a lab',
  expires: '2026-12-31',
};
const without = (body: object, name: string) =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));

const INVALID = 'InvalidPropertyValue';

describe('a bad body is 400', () => {
  test.each<[string, unknown, string, string]>([
    ['alert-acknowledge', '{', 'InvalidRequestBody', 'body'],
    ['alert-acknowledge', '[]', 'InvalidRequestBody', 'body'],
    ['alert-acknowledge', 'null', 'InvalidRequestBody', 'body'],
    ['alert-acknowledge', '"comment"', 'InvalidRequestBody', 'body'],
    ['alert-acknowledge', { by: 'eve' }, 'UnknownProperty', 'by'],
    ['alert-acknowledge', { comment: 7 }, INVALID, 'comment'],
    ['alert-acknowledge', { comment: ' ' }, INVALID, 'comment'],
    ['alert-acknowledge', { comment: 'x'.repeat(501) }, INVALID, 'comment'],
    ['alert-acknowledge', { until: 'spring' }, 'UnknownProperty', 'until'],
    ['alert-acknowledge', '{"comment":"on it","__proto__":{}}', 'UnknownProperty', '__proto__'],
    ['alert-acknowledge', '{"comment":"on it","constructor":1}', 'UnknownProperty', 'constructor'],
    ['alert-unacknowledge', { by: 'eve' }, 'InvalidRequestBody', 'body'],
    ['alert-unacknowledge', { comment: 'done' }, 'InvalidRequestBody', 'body'],
    ['scan-start', { all: true }, 'InvalidRequestBody', 'body'],
    ['scan-start', '{', 'InvalidRequestBody', 'body'],
    ['silence-create', '', INVALID, 'matchers'],
    ['silence-create', { ...silence, by: 'eve' }, 'UnknownProperty', 'by'],
    ['silence-create', without(silence, 'comment'), INVALID, 'comment'],
    ['silence-create', without(silence, 'endsAt'), INVALID, 'endsAt'],
    ['silence-create', without(silence, 'matchers'), INVALID, 'matchers'],
    ['silence-create', { ...silence, matchers: 'rule=x' }, INVALID, 'matchers'],
    ['silence-create', { ...silence, matchers: ['rule=x', 7] }, INVALID, 'matchers.1'],
    ['silence-create', { ...silence, matchers: [] }, 'InvalidSilence', 'body'],
    ['silence-create', { ...silence, endsAt: 'tomorrow' }, INVALID, 'endsAt'],
    ['silence-create', { ...silence, startsAt: 1 }, INVALID, 'startsAt'],
    ['silence-create', { ...silence, createdBy: 'eve' }, 'UnknownProperty', 'createdBy'],
    ['silence-end', { by: 'eve' }, 'InvalidRequestBody', 'body'],
    ['exemption-create', without(exemption, 'cluster'), INVALID, 'cluster'],
    ['exemption-create', without(exemption, 'rule'), INVALID, 'rule'],
    ['exemption-create', without(exemption, 'owner'), INVALID, 'owner'],
    ['exemption-create', without(exemption, 'reason'), INVALID, 'reason'],
    ['exemption-create', without(exemption, 'expires'), INVALID, 'expires'],
    ['exemption-create', { ...exemption, by: 'eve' }, 'UnknownProperty', 'by'],
    ['exemption-create', { ...exemption, createdBy: 'eve' }, 'UnknownProperty', 'createdBy'],
    ['exemption-create', { ...exemption, subject: null }, INVALID, 'subject'],
    ['exemption-create', { ...exemption, expires: '2026-02-30' }, INVALID, 'expires'],
    ['exemption-create', { ...exemption, id: 'mine' }, 'UnknownProperty', 'id'],
    ['exemption-create', { ...exemption, rule: 'nope' }, 'InvalidExemption', 'rule'],
    ['exemption-create', { ...exemption, owner: '' }, 'InvalidExemption', 'owner'],
    ['exemption-create', { ...exemption, reason: 'x'.repeat(1001) }, 'InvalidExemption', 'reason'],
    ['exemption-create', { ...exemption, expires: '2026-11-20' }, 'InvalidExemption', 'expires'],
    ['exemption-create', { ...exemption, expires: '2036-11-20' }, 'InvalidExemption', 'expires'],
    ['exemption-end', { by: 'eve' }, 'InvalidRequestBody', 'body'],
  ])('%s %j: %s', async (name, body, code, target) => {
    const alerts = memoryAlerts({ now, alerts: [alertView({ id: 'a1' })] });
    const services = makeServices({ alerts });
    expect(await ask(name, '', { services, params: { id: 'a1' }, body })).toMatchObject({
      status: 400,
      headers: { 'x-ms-error-code': code },
      body: { error: { code, target } },
    });
    expect(await alerts.exemptions()).toEqual([]);
    expect(await alerts.silences()).toEqual([]);
    expect((await alerts.alerts())[0]).not.toHaveProperty('ack');
  });
});

test('every problem of a body is a detail with its name', async () => {
  const { body } = await ask('exemption-create', '', { body: { rule: 7 } });
  const details = (body.error as unknown as { details: { target: string; message: string }[] }).details;
  expect(details.map(({ target, message }) => `${target} ${message}`)).toEqual([
    'cluster is missing',
    'rule must be text',
    'owner is missing',
    'reason is missing',
    expect.stringMatching(/^expires must be a date like/) as string,
  ]);
});

test('every problem of an exemption is a detail', async () => {
  const { body } = await ask('exemption-create', '', { body: { ...exemption, owner: '', rule: 'nope' } });
  expect(body.error).toMatchObject({
    message: 'owner: It names no owner. rule: There is no rule nope.',
    target: 'owner',
    details: [{ target: 'owner' }, { target: 'rule', message: 'rule: There is no rule nope.' }],
  });
});

test('a body of more than 16 KB is 413, whatever it holds', async () => {
  const long = { comment: 'ä'.repeat(8 * 1024) };
  expect(await ask('alert-acknowledge', '', { body: long })).toMatchObject({
    status: 413,
    body: { error: { code: 'RequestBodyTooLarge' } },
  });
});

test('no body whatever ends in a 500', async () => {
  const taking = routes.filter((route) => route.method !== 'GET').map((route) => route.name);
  const property = fc.constantFrom('by', 'comment', 'matchers', 'endsAt', 'cluster', 'rule', 'expires', 'toString');
  const body = fc.oneof(fc.string(), fc.json(), fc.dictionary(property, fc.jsonValue()));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...taking), body, async (name, given) => {
      expect((await ask(name, '', { params: { id: 'x' }, body: given })).status).toBeLessThan(500);
    }),
    { numRuns: runs(500) },
  );
});
