// Alerts over HTTP: listed, filtered, acknowledged.
import { describe, expect, test } from 'vitest';
import { alertEvent, alertView } from '../support/alerts.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { ask, makeServices } from '../support/api.ts';
import { ROBIN } from '../support/callers.ts';
import { SUBSCRIPTION } from '../support/fleet.ts';

const now = () => new Date('2026-11-21T10:10:00Z');
const ack = { by: 'robin', at: '2026-11-21T10:05:00.000Z' };
const services = () =>
  makeServices({
    alerts: memoryAlerts({
      now,
      alerts: [
        alertView({ id: 'a000000001', told: { secretkey: { card: 'c1', as: 'firing' } }, owed: ['otherkey'] }),
        alertView({ id: 'a000000002', status: 'pending', event: alertEvent({ severity: 'low', rule: 'npm-ipv6' }) }),
        alertView({
          id: 'a000000003',
          ack,
          event: alertEvent({ clusterName: 'Pay', clusterId: '/pay', subscriptionId: 'other' }),
        }),
      ],
      routingProblems: ['routes[0].match: there is no field colour.'],
    }),
  });
const ids = (body: { value: readonly unknown[] }) => body.value.map((item) => (item as { id: string }).id.at(-1));

describe('the list', () => {
  test.each<[string, string[]]>([
    ['', ['1', '2', '3']],
    ['?status=pending', ['2']],
    ['?status=firing', ['1', '3']],
    ['?severity=low', ['2']],
    ['?cluster=SHOP', ['1', '2']],
    ['?cluster=/PAY', ['3']],
    ['?rule=npm-ipv6', ['2']],
    [`?subscription=${SUBSCRIPTION.toUpperCase()}`, ['1', '2']],
    ['?acknowledged=true', ['3']],
    ['?acknowledged=false', ['1', '2']],
    ['?status=firing&acknowledged=false', ['1']],
    ['?maxpagesize=2&skip=1', ['2', '3']],
  ])('%s', async (query, expected) => {
    expect(ids((await ask('alerts', query, { services: services() })).body)).toEqual(expected);
  });

  test('says what is wrong with the routing, who acknowledged, and not where alerts are told', async () => {
    const { body } = await ask('alerts', '', { services: services() });
    expect(body).toMatchObject({ routingProblems: ['routes[0].match: there is no field colour.'] });
    expect(body.value[2]).toMatchObject({ acknowledgement: ack, event: { clusterName: 'Pay' }, suppressedBy: [] });
    expect(JSON.stringify(body)).not.toMatch(/secretkey|otherkey|"c1"/);
  });

  test('links to its next page', async () => {
    const { body } = await ask('alerts', '?maxpagesize=2&code=secret', { services: services() });
    expect(body['nextLink']).toBe('https://bulkhead.example/api/alerts?maxpagesize=2&skip=2');
  });

  test.each([
    ['?status=resolved', 'InvalidQueryParameterValue', 'status'],
    ['?severity=urgent', 'InvalidQueryParameterValue', 'severity'],
    ['?acknowledged=yes', 'InvalidQueryParameterValue', 'acknowledged'],
    ['?maxpagesize=0', 'InvalidQueryParameterValue', 'maxpagesize'],
    ['?owner=me', 'UnknownQueryParameter', 'owner'],
  ])('%s is 400 %s', async (query, code, target) => {
    expect(await ask('alerts', query)).toMatchObject({ status: 400, body: { error: { code, target } } });
  });
});

describe('an acknowledgement', () => {
  test('is kept with who and what they said, told apart from one that was there, and taken back', async () => {
    const at = { services: services(), params: { id: 'a000000001' } };
    const body = { comment: 'on it' };
    expect(await ask('alert-acknowledge', '', { ...at, body })).toMatchObject({
      status: 200,
      body: { id: 'a000000001', outcome: 'acknowledged' },
    });
    expect((await ask('alert-acknowledge', '', { ...at, body })).body).toMatchObject({ outcome: 'already' });
    const listed = (await ask('alerts', '?acknowledged=true', at)).body;
    expect(listed.value[0]).toMatchObject({
      acknowledgement: { by: ROBIN, comment: 'on it', at: now().toISOString() },
    });
    expect((await ask('alert-unacknowledge', '', at)).body).toMatchObject({ outcome: 'unacknowledged' });
    expect((await ask('alert-unacknowledge', '', at)).body).toMatchObject({ outcome: 'not-acknowledged' });
  });

  test.each(['alert-acknowledge', 'alert-unacknowledge'])('%s of an alert that is not there is 404', async (name) => {
    const asked = { services: services(), params: { id: 'nope' }, body: name === 'alert-acknowledge' ? {} : '' };
    expect(await ask(name, '', asked)).toMatchObject({
      status: 404,
      headers: { 'x-ms-error-code': 'AlertNotFound' },
      body: { error: { code: 'AlertNotFound', target: 'id' } },
    });
  });
});
