// Health as the app wires it: what is known of the last scan and of the one that runs.
import { expect, test } from 'vitest';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Tables } from '../../shared/ports.ts';
import { listDestinations, markFailed, subscribe } from '../../shared/telling/destinations.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { scannedApp, scannedAt } from '../support/scanned-app.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const config = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' });

const healthOf = (tables: Tables, now: Date) =>
  createApp(config, { clock: { now: () => now }, log: quiet, tables, queue: { send: async () => undefined } }).api;

const at = (minutes: number) => new Date(scannedAt.getTime() + minutes * 60_000);

test('before the first scan has closed it is starting, and says which scan runs', async () => {
  const api = healthOf(memoryTables(), scannedAt);
  expect(await api.health()).toEqual({ status: 'starting', message: 'No scan has finished yet.' });
  const { scan } = await api.openScan('robin');
  const { id, openedAt, deadline } = scan;
  expect(await api.health()).toMatchObject({ status: 'starting', running: { id, openedAt, deadline } });
});

test('it is well for two periods after a close, then overdue', async () => {
  const { tables } = await scannedApp();
  const lastScan = { id: '20261121T1030Z', at: '2026-11-21T10:30:00.000Z', outcome: 'partial' };
  const well = { status: 'ok', message: 'Scans are running as scheduled.', lastScan };
  expect(await healthOf(tables, at(0)).health()).toEqual(well);
  expect(await healthOf(tables, at(49)).health()).toEqual(well);
  const message = 'Scans have stopped: the last one finished 60 minutes ago, and one is due every 30 minutes.';
  expect(await healthOf(tables, at(51)).health()).toEqual({ status: 'overdue', message, lastScan });
});

test('it counts the conversations that cannot be posted to, and names none', async () => {
  const { tables } = await scannedApp();
  const address = {
    conversationId: 'c',
    serviceUrl: 'https://s',
    tenantId: 't',
    kind: 'channel',
    reference: '{}',
  } as const;
  await subscribe(tables.Chat, { address, by: 'Robin', name: 'oncall' }, at(0));
  const [team] = await listDestinations(tables.Chat);
  await markFailed(tables.Chat, team!, 'Teams answered 403', at(0));
  const api = healthOf(tables, at(1));
  expect(await api.health()).toMatchObject({ status: 'ok', failedDestinations: 1 });
  const failed = { name: 'oncall', kind: 'channel', by: 'Robin', failed: 'Teams answered 403' };
  expect(await api.alerts.failedDestinations()).toEqual([{ ...failed, triedAt: at(0).toISOString() }]);
});

test('when storage cannot be read it is failing, and tells nothing of the error', async () => {
  const tables = memoryTables();
  const broken = { ...tables, Scans: { ...tables.Scans, get: () => Promise.reject(new Error('AccountKey=hunter2')) } };
  const message = 'Storage cannot be read; the log has the error.';
  expect(await healthOf(broken, scannedAt).health()).toEqual({ status: 'failing', message });
});
