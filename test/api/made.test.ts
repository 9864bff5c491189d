// Silences and exemptions over HTTP: made, found where they are said to be, ended.
import { describe, expect, test } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { ask, makeServices } from '../support/api.ts';
import { ROBIN } from '../support/callers.ts';

const now = () => new Date('2026-11-21T10:10:00Z');
const clean = () => makeServices({ alerts: memoryAlerts({ now }) });

describe.each([
  {
    what: 'silence',
    listed: 'silences',
    asked: { matchers: ['rule=npm-*', 'cluster!=shop'], endsAt: '2026-11-22T00:00:00+01:00', comment: 'moving' },
    shown: {
      matchers: ['rule=npm-*', 'cluster!=shop'],
      startsAt: '2026-11-21T10:10:00.000Z',
      endsAt: '2026-11-21T23:00:00.000Z',
      comment: 'moving',
    },
    code: 'SilenceNotFound',
  },
  {
    what: 'exemption',
    listed: 'exemptions',
    asked: {
      cluster: ' shop*\n',
      rule: 'npm-*',
      subject: 'cluster',
      owner: 'ann ',
      reason: 'a lab',
      expires: '2026-12-31',
    },
    shown: {
      cluster: 'shop*',
      rule: 'npm-*',
      subject: 'cluster',
      owner: 'ann',
      reason: 'a lab',
      expires: '2026-12-31T23:59:59.999Z',
      createdAt: '2026-11-21T10:10:00.000Z',
      active: true,
    },
    code: 'ExemptionNotFound',
  },
])('$what', ({ what, listed, asked, shown, code }) => {
  const make = async (services: ReturnType<typeof clean>) => {
    const response = await ask(`${what}-create`, '', { services, body: asked });
    return { response, id: String(response.body['id']) };
  };

  test('is made with 201 and a Location that answers with it', async () => {
    const services = clean();
    const { response, id } = await make(services);
    expect(response).toMatchObject({
      status: 201,
      headers: { location: `https://bulkhead.example/api/${listed}/${id}` },
      body: { ...shown, createdBy: ROBIN },
    });
    expect((await ask(what, '', { services, params: { id } })).body).toEqual(response.body);
    expect((await ask(listed, '', { services })).body).toEqual({ value: [response.body], count: 1 });
  });

  test('is listed in pages', async () => {
    const services = clean();
    await make(services);
    await make(services);
    const { body } = await ask(listed, '?maxpagesize=1&code=secret', { services });
    expect(body.value).toHaveLength(1);
    expect(body['nextLink']).toBe(`https://bulkhead.example/api/${listed}?maxpagesize=1&skip=1`);
  });

  test('is ended with 204 and no body', async () => {
    const services = clean();
    const { id } = await make(services);
    const response = await ask(`${what}-end`, '', { services, params: { id } });
    expect(response).toMatchObject({ status: 204, body: undefined });
  });

  test('that is not there is 404', async () => {
    for (const name of [what, `${what}-end`])
      expect(await ask(name, '', { params: { id: 'nope' } })).toMatchObject({
        status: 404,
        headers: { 'x-ms-error-code': code },
        body: { error: { code, target: 'id' } },
      });
  });
});

test('an exemption that was ended stays as evidence, inactive, with who ended it', async () => {
  const services = clean();
  const asked = { cluster: '*', rule: 'npm-ipv6', owner: 'ann', reason: 'a lab', expires: '2026-12-31' };
  const id = String((await ask('exemption-create', '', { services, body: asked })).body['id']);
  await ask('exemption-end', '', { services, params: { id } });
  expect((await ask('exemption', '', { services, params: { id } })).body).toMatchObject({
    active: false,
    expires: now().toISOString(),
    ended: { by: ROBIN, insteadOf: '2026-12-31T23:59:59.999Z' },
  });
});

test('who did it is handed on as the platform says', async () => {
  const said: string[] = [];
  const alerts: AlertService = {
    ...memoryAlerts({ now }),
    unsilence: async (id, by) => (said.push(`${id} ${by}`), 'ended'),
    unexempt: async (id, by) => (said.push(`${id} ${by}`), 'ended'),
  };
  for (const name of ['silence-end', 'exemption-end'])
    await ask(name, '', { services: makeServices({ alerts }), params: { id: name } });
  expect(said).toEqual([`silence-end ${ROBIN}`, `exemption-end ${ROBIN}`]);
});
