// Health as the app wires it: what is known of the last scan and of the one that runs.
import { expect, test } from 'vitest';
import { createApp } from '../../shared/app/app.ts';
import { readConfig } from '../../shared/app/config.ts';
import type { Tables } from '../../shared/ports.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import { insertFleet, readFleet } from '../../shared/store/fleet-snapshots.ts';
import { toNotificationRow } from '../../shared/telling/alert-rows.ts';
import { listDestinations, markFailed, subscribe } from '../../shared/telling/destinations.ts';
import { setAside } from '../../shared/telling/set-aside.ts';
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

test('it says that cards could not be posted', async () => {
  const { tables } = await scannedApp();
  for (const card of ['a', 'b'])
    await setAside(tables.Alerts, { card, destination: 'T', why: 'Teams answered 413' }, at(0));
  const reason = '2 cards could not be posted within the last day and never will be: the log says why.';
  expect((await healthOf(tables, at(1)).health()).reasons).toContain(reason);
});

test('when storage cannot be read it is failing, and tells nothing of the error', async () => {
  const tables = memoryTables();
  const broken = { ...tables, Scans: { ...tables.Scans, get: () => Promise.reject(new Error('AccountKey=hunter2')) } };
  const message = 'Storage cannot be read; the log has the error.';
  expect(await healthOf(broken, scannedAt).health()).toEqual({ status: 'failing', message });
});

test('scans that close and look at nothing are an outage, and some clusters that nobody looks at are a reason', async () => {
  const { tables } = await scannedApp();
  const fleet = (await readFleet(tables.Fleet))!;
  const since = (clusters: number): Fleet => ({
    ...fleet,
    scanId: '20261121T1200Z',
    at: '2026-11-21T12:00:00.000Z',
    closedAt: '2026-11-21T12:10:00.000Z',
    clusters: fleet.clusters.map((line, i) => (i < clusters ? { ...line, lastScanId: '20261121T1030Z' } : line)),
  });
  expect(await insertFleet(tables.Fleet, since(1))).toBe('inserted');
  const noon = new Date('2026-11-21T12:20:00Z');
  expect(await healthOf(tables, noon).health()).toMatchObject({
    status: 'ok',
    reasons: expect.arrayContaining([
      `1 of ${fleet.clusters.length} clusters was not looked at in the last 60 minutes.`,
    ]) as string[],
  });
  const blind = { ...since(fleet.clusters.length), scanId: '20261121T1230Z', at: '2026-11-21T12:30:00.000Z' };
  expect(await insertFleet(tables.Fleet, { ...blind, closedAt: '2026-11-21T12:40:00.000Z' })).toBe('inserted');
  expect(await healthOf(tables, new Date('2026-11-21T12:41:00Z')).health()).toMatchObject({
    status: 'overdue',
    message: 'The watch has stopped: scans close, and none has looked at any cluster for 60 minutes.',
  });
});

test('cards that nobody gets are a reason', async () => {
  const { tables } = await scannedApp();
  const waiting = { card: 'c', destination: 'd', mode: 'post', scanId: 's', seq: 7 } as const;
  await tables.Alerts.upsert(toNotificationRow(waiting, at(0)));
  const reasons = async (minutes: number) => (await healthOf(tables, at(minutes)).health()).reasons;
  expect(await reasons(15)).toBeUndefined();
  expect(await reasons(16)).toEqual(['1 card could not be posted for more than 15 minutes.']);
});
