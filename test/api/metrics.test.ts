// Metrics in the text format of Prometheus, byte for byte where it matters.
import { expect, test } from 'vitest';
import type { HttpRequest } from '@azure/functions';
import { installCore } from '../../infra/local/host/core.ts';
import { addressesOf } from '../../shared/api/address.ts';
import { routes } from '../../shared/api/index.ts';
import type { ApiServices, Health } from '../../shared/api/api-services.ts';
import { alertView } from '../support/alerts.ts';
import { memoryAlerts } from '../support/alert-service.ts';
import { apiFleet, ask, makeServices } from '../support/api.ts';
import { keyAccess } from '../support/callers.ts';

const now = () => new Date('2026-11-21T10:10:00Z');

async function samples(services: ApiServices): Promise<Record<string, number>> {
  const { text } = await ask('metrics', '', { services });
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

async function fullServices(): Promise<ApiServices> {
  const alerts = memoryAlerts({
    now,
    alerts: [
      alertView({ id: 'a1' }),
      alertView({ id: 'a2', ack: { by: 'robin', at: '2026-11-21T10:00:00.000Z' } }),
      alertView({ id: 'a3', status: 'pending' }),
    ],
  });
  const [matchers, comment] = [['rule=x'], 'c'];
  await alerts.silence({ matchers, comment, endsAt: new Date('2026-11-22T00:00:00Z') }, 'robin');
  await alerts.silence(
    { matchers, comment, startsAt: new Date('2026-11-22T00:00:00Z'), endsAt: new Date('2026-11-23T00:00:00Z') },
    'robin',
  );
  const failed = { kind: 'channel', by: 'Robin', failed: 'Teams answered 403' } as const;
  return makeServices({ alerts: { ...alerts, failedDestinations: async () => [failed] } });
}

test('every number is there, each with its labels', async () => {
  expect(await samples(await fullServices())).toEqual({
    bulkhead_last_scan_timestamp_seconds: Date.parse('2026-11-21T10:01:00Z') / 1000,
    bulkhead_scan_overdue: 0,
    'bulkhead_clusters{verdict="pass"}': 2,
    'bulkhead_clusters{verdict="fail"}': 1,
    'bulkhead_clusters{verdict="notApplicable"}': 0,
    'bulkhead_clusters{verdict="unknown"}': 1,
    'bulkhead_clusters{verdict="exempt"}': 0,
    'bulkhead_clusters_failing{severity="high"}': 1,
    'bulkhead_clusters_failing{severity="medium"}': 0,
    'bulkhead_clusters_failing{severity="low"}': 0,
    'bulkhead_clusters_failing{severity="info"}': 0,
    bulkhead_subscriptions_unreadable: 0,
    'bulkhead_alerts{status="pending",acknowledged="false"}': 1,
    'bulkhead_alerts{status="pending",acknowledged="true"}': 0,
    'bulkhead_alerts{status="firing",acknowledged="false"}': 1,
    'bulkhead_alerts{status="firing",acknowledged="true"}': 1,
    bulkhead_destinations_failed: 1,
    bulkhead_silences_active: 1,
  });
});

test('before the first scan what is not known has no sample', async () => {
  const found = await samples(makeServices({ fleet: async () => undefined }));
  expect(Object.keys(found).filter((name) => /last_scan|clusters|subscriptions/.test(name))).toEqual([]);
  expect(found).toMatchObject({ bulkhead_scan_overdue: 0, bulkhead_silences_active: 0 });
});

test.each<[Health['status'], number]>([
  ['ok', 0],
  ['starting', 0],
  ['overdue', 1],
])('health %s is overdue %i', async (status, overdue) => {
  const services = makeServices({ health: async () => ({ status, message: '' }) });
  expect(await samples(services)).toMatchObject({ bulkhead_scan_overdue: overdue });
});

test('a cluster that was not audited is unknown, and not among the failing', async () => {
  const clusters = apiFleet.clusters.map((cluster) => ({ ...cluster, verdict: 'unknown' as const }));
  const found = await samples(makeServices({ fleet: async () => ({ ...apiFleet, clusters }) }));
  expect(found['bulkhead_clusters_failing{severity="high"}']).toBe(0);
});

test('asking twice answers the same: nothing adds up between questions', async () => {
  const services = await fullServices();
  expect(await samples(services)).toEqual(await samples(services));
});

test('leaves through the door as text of its type, with help and type before the samples', async () => {
  const address = addressesOf(routes).find(({ path }) => path === 'metrics')!;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const api = await fullServices();
  const request = {
    method: 'GET',
    url: 'https://b.example/api/metrics',
    params: {},
    query: new URLSearchParams(),
    headers: new Headers(),
    body: null,
  };
  installCore(() => undefined);
  const { apiHandler } = await import('../../functions/api.ts');
  const response = await apiHandler(address, () => ({
    api,
    access: keyAccess,
    log,
    nudge: () => undefined,
    checkAnswers: true,
  }))(request as unknown as HttpRequest);
  expect(response).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  });
  expect(response).not.toHaveProperty('jsonBody');
  expect(response.body).toMatch(
    /^# HELP bulkhead_last_scan_timestamp_seconds When .*\n# TYPE bulkhead_last_scan_timestamp_seconds gauge\nbulkhead_last/,
  );
  expect(response.body).toMatch(/[^\n]\n$/);
});
