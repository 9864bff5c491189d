// Rows as the first schema wrote them, kept as data: whatever is changed since, each of them is still read; and as the next may write them, by a release that is newer than this one.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { StoredRow, TableName, Tables } from '../../shared/ports.ts';
import { readDriftLog } from '../../shared/store/drift-log.ts';
import { listExemptions } from '../../shared/store/exemptions.ts';
import { listIndexed, listSubscriptions } from '../../shared/store/fleet-index.ts';
import { readFleet, readTrend } from '../../shared/store/fleet-snapshots.ts';
import { readAsOf, readDrift, readLatest, readOutbox } from '../../shared/store/results.ts';
import { claimPurge, listScans, readCurrent } from '../../shared/store/scans.ts';
import { listWork } from '../../shared/store/work.ts';
import { NOTIFICATION, alertRows, toWaiting } from '../../shared/telling/alert-rows.ts';
import { readCard, readPosted } from '../../shared/telling/card-store.ts';
import { listDestinations } from '../../shared/telling/destinations.ts';
import { nextFree } from '../../shared/telling/rate.ts';
import { listSilences } from '../../shared/telling/silences.ts';
import { alertId } from '../../shared/alerts/lifecycle.ts';
import { readState } from '../../shared/telling/state-store.ts';
import { memoryTables } from '../support/memory-tables.ts';

const kept = JSON.parse(
  readFileSync(new URL('rows-of-schema-1.json', import.meta.url), 'utf8'),
  (_key, value: unknown) =>
    value !== null && typeof value === 'object' && 'base64' in value
      ? Uint8Array.from(Buffer.from(String(value.base64), 'base64'))
      : value,
) as Readonly<Record<TableName, readonly StoredRow[]>>;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const at = '2026-11-21T10:00:00.000Z';
const now = new Date(at);
const scanId = '20261121T1000Z';
const event = { id: 'e', kind: 'new-failure', scanId, at, title: 'Prüfung 検査' };
const stored = { scanId, at: now, changedScanId: scanId, since: now, result: { clusterId: 'c', verdict: 'fail' } };
const cluster = { id: 'c', key: 'k', name: 'shop', subscriptionId: 'sub', verdict: 'fail' };
const entry = { cluster: '*', rule: 'r', owner: 'ann', reason: 'a lab', createdBy: 'bob', createdAt: at };
const expires = '2027-01-01T00:00:00.000Z';

/** What the next version may do: see WRITTEN_SCHEMA. */
const byTheNext = (row: StoredRow): StoredRow => ({ ...row, schema: 2, addedLater: 'nobody here knows what' });

async function tablesOf(change: (row: StoredRow) => StoredRow): Promise<Tables> {
  const tables = memoryTables();
  for (const [name, table] of Object.entries(tables))
    for (const row of kept[name as TableName]) await table.insert(change(row));
  return tables;
}

describe.each([
  ['as they were released', await tablesOf((row) => row)],
  ['as the next version may write them', await tablesOf(byTheNext)],
] as const)('%s', (_when, tables) => {
  test('scans and the day of the purge', async () => {
    const scan = { id: scanId, at, by: 'schedule', state: 'open', skipped: 0 };
    expect(await readCurrent(tables.Scans)).toMatchObject(scan);
    expect(await listScans(tables.Scans, 9)).toMatchObject([scan]);
    expect(await claimPurge(tables.Scans, '2026-11-21')).toBe(false);
  });

  test('work', async () => {
    expect(await all(listWork(tables.Work, scanId, 'subscriptions'))).toEqual([
      {
        partition: scanId,
        key: 'sub',
        message: { kind: 'subscription' },
        sentAt: now,
        tries: 2,
        state: 'failed',
        problem: 'it failed',
      },
    ]);
    expect(await all(listWork(tables.Work, scanId, 'clusters'))).toEqual([
      { partition: `${scanId}~sub`, key: 'k', message: { id: 'c' }, sentAt: now, tries: 1, state: 'pending' },
    ]);
  });

  test('results, history, drift and outbox', async () => {
    expect(await readLatest(tables.Results, 'k')).toMatchObject(stored);
    expect(await readAsOf(tables.Results, 'k', now)).toEqual(stored);
    expect(await all(readDrift(tables.Results, 'k'))).toEqual([event]);
    expect(await readOutbox(tables.Results, 'k')).toEqual([{ key: 'k', rowKey: `o~${scanId}`, events: [event] }]);
  });

  test('the fleet: its index, its snapshots, one of which refers to the other, and the log of its drift', async () => {
    const subscription = { id: 'sub', name: 'Shop', readable: true, since: at };
    expect(await all(listIndexed(tables.Fleet))).toEqual([{ cluster, scanId, outbox: true, gone: false }]);
    expect(await all(listSubscriptions(tables.Fleet))).toEqual([
      { subscription, scanId, outbox: false },
      { subscription: { ...subscription, id: 'sub2' }, scanId, outbox: false, firstReadScanId: scanId },
    ]);
    expect(await readFleet(tables.Fleet)).toMatchObject({ scanId: '20261121T1030Z', clusters: [cluster] });
    const trend = await all(readTrend(tables.Fleet, now, new Date('2026-11-22')));
    expect(trend.map((head) => head.scanId)).toEqual(['20261121T1030Z', scanId]);
    expect(await all(readDriftLog(tables.Fleet, now, now))).toEqual([event]);
  });

  test('exemptions and silences', async () => {
    expect(await listExemptions(tables.Alerts)).toEqual([
      { ...entry, id: 'e1', expires },
      { ...entry, id: 'e2', expires: at, ended: { by: 'robin', insteadOf: expires } },
    ]);
    expect(await listSilences(tables.Alerts, now)).toMatchObject([
      { id: 's1', matchers: ['cluster=*'], endsAt: expires },
    ]);
  });

  test('alerts, cards and notifications', async () => {
    // It has the id that later versions give it, by which they find it.
    const { state } = await readState(tables.Alerts);
    expect(state).toMatchObject({ seq: 1, alerts: [{ status: 'firing', told: { team: { card: 'card1' } } }] });
    expect(state.alerts.map(({ id }) => id)).toEqual(state.alerts.map(({ event }) => alertId(event)));
    expect(await readCard(tables.Alerts, 'card1')).toMatchObject({ card: { id: 'card1', kind: 'alerts' }, version: 1 });
    expect(await readPosted(tables.Alerts, 'card1')).toMatchObject({ activityId: 'act', version: 1 });
    const waiting = { card: 'card1', destination: 'team', mode: 'post', scanId, dueAt: now };
    expect((await all(alertRows(tables.Alerts, NOTIFICATION))).map(toWaiting)).toEqual([
      { ...waiting, seq: 1, attempts: 0 },
      { ...waiting, seq: 2, attempts: 3, busy: 2, busySince: now },
    ]);
  });

  test('destinations and how fast they are posted to', async () => {
    const destination = { since: at, address: { kind: 'channel', tenantId: 't' } };
    expect(await listDestinations(tables.Chat)).toMatchObject([
      { ...destination, key: 'gone', by: 'Kim', failed: 'removed' },
      { ...destination, key: 'team', by: 'Robin', name: 'ops' },
    ]);
    expect(await nextFree(tables.Chat, 'team', now.getTime())).toBe(now.getTime());
  });
});
