// The API as the app wires it: what is made over HTTP is what the alerts and the next audit go by.
import { expect, test } from 'vitest';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import { ask } from '../support/api.ts';
import { ROBIN } from '../support/callers.ts';
import { memoryTables } from '../support/memory-tables.ts';

const now = new Date('2026-11-21T10:10:00Z');
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

function makeApp(settings: Readonly<Record<string, string>> = {}) {
  const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...settings });
  const queue = { send: async () => undefined };
  return createApp(config, { clock: { now: () => now }, log: quiet, tables: memoryTables(), queue });
}

test('an exemption that is made over HTTP is heeded by the next audit, and no longer when it is ended', async () => {
  const app = makeApp();
  const body = { cluster: 'shop', rule: 'npm-*', owner: 'ann', reason: 'a lab', expires: '2026-12-31' };
  const made = await ask('exemption-create', '', { services: app.api, body });
  expect(made).toMatchObject({ status: 201, body: { id: expect.stringMatching(/^[0-9a-f]{10}$/) as string } });
  expect(await app.scan.exemptions('one')).toMatchObject([{ cluster: 'shop', createdBy: ROBIN }]);
  const params = { id: String(made.body['id']).toUpperCase() };
  expect(await ask('exemption-end', '', { services: app.api, params })).toMatchObject({
    status: 204,
  });
  expect(await app.scan.exemptions('two')).toMatchObject([{ expires: now.toISOString(), ended: { by: ROBIN } }]);
});

test('a silence that is made over HTTP is listed until it is ended, and then kept as evidence; a wrong one says what is wrong', async () => {
  const app = makeApp();
  const body = { matchers: ['rule=npm-*'], endsAt: '2026-11-22', comment: 'moving' };
  const { headers } = await ask('silence-create', '', { services: app.api, body });
  const id = headers!['location']!.split('/').at(-1)!;
  expect((await ask('silences', '', { services: app.api })).body.value).toMatchObject([{ id, createdBy: ROBIN }]);
  expect(await ask('silence-end', '', { services: app.api, params: { id } })).toMatchObject({
    status: 204,
  });
  expect((await ask('silences', '', { services: app.api })).body.value).toEqual([]);
  const evidence = { id, createdBy: ROBIN, endsAt: now.toISOString(), ended: { by: ROBIN } };
  expect((await ask('silences', '?ended=true', { services: app.api })).body.value).toMatchObject([evidence]);
  expect((await ask('silence', '', { services: app.api, params: { id } })).body).toMatchObject(evidence);
  const wrong = { ...body, endsAt: '2026-11-20' };
  expect(await ask('silence-create', '', { services: app.api, body: wrong })).toMatchObject({
    status: 400,
    body: { error: { code: 'InvalidSilence', target: 'endsAt' } },
  });
});

test('no exemption is made for longer than the settings allow', async () => {
  const app = makeApp({ BULKHEAD_EXEMPTION_MAX_DAYS: '30' });
  const make = (expires: string) => {
    const body = { cluster: 'shop', rule: 'npm-*', owner: 'ann', reason: 'a lab', expires };
    return ask('exemption-create', '', { services: app.api, body });
  };
  expect(await make('2026-12-20')).toMatchObject({ status: 201 });
  expect(await make('2026-12-22')).toMatchObject({
    status: 400,
    body: { error: { code: 'InvalidExemption', target: 'expires' } },
  });
});

test('before the first scan there are no alerts, and metrics say what is known', async () => {
  const app = makeApp();
  expect((await ask('alerts', '', { services: app.api })).body).toEqual({
    value: [],
    routingProblems: [],
    routingProblemsCount: 0,
  });
  const { text } = await ask('metrics', '', { services: app.api });
  expect(text).toContain('\nbulkhead_scan_overdue 0\n');
  expect(text).not.toMatch(/^bulkhead_last_scan_timestamp_seconds \d/m);
});
