// How the alerts are stored: however many there are and whatever one cluster brings, a change is all or nothing, writes only what it
// changes, and costs nobody else an alert.
import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Alert } from '../../shared/alerts/alert.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import type { Tables } from '../../shared/ports.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import {
  CARD,
  NOTIFICATION,
  OLD_PART,
  SHARD,
  alertRows,
  cardRow,
  headRow,
  oldPartRow,
} from '../../shared/telling/alert-rows.ts';
import { subscribe } from '../../shared/telling/destinations.ts';
import type { DispatchContext } from '../../shared/telling/dispatch.ts';
import { act, dispatch, tend } from '../../shared/telling/dispatch.ts';
import { purgeParts, readState } from '../../shared/telling/state-store.ts';
import { tagsIn } from '../../shared/telling/tags.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';

const now = new Date('2026-11-21T10:00:00Z');
const names = Array.from({ length: 300 }, (_, i) => `cluster-${i}`);
/** As much as Azure allows: 50 tags of 512 and 256 characters (Use tags to organize your Azure resources, learn.microsoft.com). */
const maximalTags = () =>
  Object.fromEntries(
    Array.from({ length: 50 }, () => [randomBytes(256).toString('hex'), randomBytes(128).toString('hex')]),
  );

let tables: Tables;
let fleet: Fleet;
let errors: string[];

const context = (over: Partial<DispatchContext> = {}): DispatchContext => ({
  tables,
  queue: { send: async () => undefined },
  clock: { now: () => now },
  log: { info: () => undefined, warn: () => undefined, error: (message) => void errors.push(message) },
  routing: async () => defaultRouting,
  fleet: async () => fleet,
  overdue: async () => undefined,
  catalogue: '1',
  ...over,
});

const failureOf = (name: string, subject: string, scanId: string, more: Partial<DriftEvent> = {}): DriftEvent => {
  const { id: clusterId, subscriptionId, resourceGroup, tags } = fleet.clusters.find((one) => one.name === name)!;
  return {
    id: `${scanId}|${clusterId}|${subject}`,
    kind: 'new-failure',
    rule: 'default-deny-ingress',
    subject: `namespace/${subject}`,
    scanId,
    at: now.toISOString(),
    subscriptionId,
    clusterId,
    clusterName: name,
    resourceGroup,
    tags,
    severity: 'low',
    title: `${subject} is open`,
    detail: '',
    ...more,
  };
};
const close = (scanId: string, events: readonly DriftEvent[], over: Partial<DispatchContext> = {}): Promise<void> =>
  dispatch(context(over), scanId, { events, remove: async () => undefined }, fleet);
const stored = async (): Promise<readonly Alert[]> => (await readState(tables.Alerts)).state.alerts;
const rowKeys = async (prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { rowKey } of alertRows(tables.Alerts, prefix)) keys.push(rowKey);
  return keys;
};
/** More rows than one transaction holds. */
const large = (scanId: string): DriftEvent[] =>
  names.flatMap((name) => ['a', 'b'].map((subject) => failureOf(name, subject, scanId)));

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('in %s', (_name, makeTables) => {
  beforeEach(async () => {
    tables = makeTables();
    errors = [];
    fleet = fleetOf(names.map((name) => fleetCluster(name)));
    const address = { conversationId: 'T', serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' } as const;
    await subscribe(tables.Chat, { address, by: 'Robin' }, now);
  });

  test('a cluster with maximal tags and many failures keeps nobody from being told', async () => {
    fleet = fleetOf([fleetCluster('tagged', { tags: maximalTags() }), fleetCluster('other')]);
    await close('s1', [
      ...Array.from({ length: 200 }, (_, i) => failureOf('tagged', `bare-${i}`, 's1')),
      failureOf('other', 'shop', 's1'),
    ]);
    expect(await stored()).toHaveLength(201);
    expect(await rowKeys(NOTIFICATION)).toHaveLength(1);
  });

  test('a change that no transaction holds is stored whole', async () => {
    await close('s1', large('s1'));
    expect(await stored()).toHaveLength(600);
    await close('s2', [failureOf('cluster-3', 'b', 's2', { kind: 'resolved' })]);
    const resolved = (await stored()).filter(({ status }) => status === 'resolved');
    expect(resolved.map(({ event }) => [event.clusterName, event.subject])).toEqual([['cluster-3', 'namespace/b']]);
    expect((await rowKeys(SHARD)).length).toBe((await readState(tables.Alerts)).rows.length);
    expect((await rowKeys(SHARD)).length).toBeGreaterThan(100);
  });
});

describe('a change', () => {
  beforeEach(async () => {
    tables = memoryTables();
    errors = [];
    fleet = fleetOf(names.map((name) => fleetCluster(name)));
    const address = { conversationId: 'T', serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' } as const;
    await subscribe(tables.Chat, { address, by: 'Robin' }, now);
  });

  /** What a step asks of the alerts' table. */
  async function callsOf(step: (ctx: DispatchContext) => Promise<void>): Promise<string[]> {
    const calls: string[] = [];
    const through = tablesThrough((what, run) => {
      calls.push(what.split('/')[0]!);
      return run();
    }, tables);
    const ctx = context({ tables: through });
    await tend(ctx);
    calls.length = 0;
    await step(ctx);
    return calls.filter((what) => what.startsWith('Alerts'));
  }

  test('where nothing has changed, only the head and the silences are read and nothing is written', async () => {
    await close('s1', large('s1'));
    await tend(context());
    expect(await callsOf(tend)).toEqual(['Alerts.page silence', 'Alerts.get alerts'].toReversed());
  });

  test('of one alert writes one row of alerts, in one transaction with the card', async () => {
    await close('s1', large('s1'));
    await tend(context());
    const before = new Set(await rowKeys(SHARD));
    const [alert] = await stored();
    const calls = await callsOf((ctx) =>
      act(ctx, [(alerts) => alerts.map((one) => (one.id === alert!.id ? { ...one, scanId: 'another' } : one))]),
    );
    expect(calls.filter((what) => what.includes('transact'))).toHaveLength(1);
    const after = await rowKeys(SHARD);
    expect(after.filter((key) => !before.has(key))).toHaveLength(1);
    expect(after).toHaveLength(before.size);
  });

  test('that dies at any call is there wholly or not at all, and is told once when it is repeated', async () => {
    const first = [failureOf('cluster-1', 'first', 's1')];
    const events = large('s2');
    for (let dies = 1, done = false; !done; dies++) {
      tables = memoryTables();
      const address = { conversationId: 'T', serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '' } as const;
      await subscribe(tables.Chat, { address, by: 'Robin' }, now);
      await close('s1', first);
      for (const when of ['before', 'after'] as const) {
        let left = dies;
        const dying = tablesThrough(async (_what, run) => {
          if (--left < 0 || (left === 0 && when === 'before')) throw new Error('died');
          const answer = await run();
          if (left === 0) throw new Error('died');
          return answer;
        }, tables);
        done = await close('s2', events, { tables: dying }).then(
          () => true,
          () => false,
        );
        expect([1, 601]).toContain((await stored()).length);
      }
      await close('s2', events);
      expect(await stored()).toHaveLength(601);
      expect(await rowKeys(NOTIFICATION)).toHaveLength(2);
      await purgeParts(tables.Alerts);
      expect((await rowKeys(SHARD)).toSorted()).toEqual([...(await readState(tables.Alerts)).rows].toSorted());
    }
  });

  test('that is being written is left alone by the purge', async () => {
    await close('s1', [failureOf('cluster-1', 'first', 's1')]);
    const { revision } = await readState(tables.Alerts);
    const row = { partitionKey: 'alerts', rowKey: `${SHARD}00~${String(revision + 1).padStart(10, '0')}~hash` };
    await tables.Alerts.insert(row);
    await purgeParts(tables.Alerts);
    expect(await rowKeys(SHARD)).toContain(row.rowKey);
    await close('s2', [failureOf('cluster-2', 'second', 's2')]);
    await purgeParts(tables.Alerts);
    expect(await rowKeys(SHARD)).not.toContain(row.rowKey);
  });

  test('is read whole while others change it', async () => {
    await close('s1', large('s1'));
    let scan = 1;
    let changes = 3;
    const reader = tablesThrough(async (what, run) => {
      const answer = await run();
      // Between the head and its rows, every row is replaced.
      if (what === 'Alerts.get alerts/state' && changes-- > 0)
        await close(
          `s${++scan}`,
          names.map((name) => failureOf(name, 'more', `s${scan}`)),
        );
      return answer;
    }, tables);
    const { state } = await readState(reader.Alerts, { log: context().log });
    expect([scan, state.alerts.length]).toEqual([4, 900]);
    expect(
      new Set(state.alerts.filter(({ event }) => event.subject === 'namespace/more').map(({ scanId }) => scanId)),
    ).toEqual(new Set(['s4']));
    expect(errors).toEqual([]);
  });

  test('tags come from the fleet, as they are now; those of a cluster that left are kept until it was told', async () => {
    fleet = fleetOf([fleetCluster('shop', { tags: { team: 'web' } })]);
    await close('s1', [failureOf('shop', 'a', 's1')]);
    const tagged = fleetOf([fleetCluster('shop', { tags: { team: 'data' } })]);
    const read = async (given: Fleet) =>
      (await readState(tables.Alerts, { tagsOf: tagsIn(given) })).state.alerts.map(({ event }) => event.tags);
    expect(await read(tagged)).toEqual([{ team: 'data' }]);
    const left = failureOf('shop', 'b', 's2', { kind: 'cluster-gone', tags: { team: 'web', long: 'x'.repeat(5_000) } });
    fleet = fleetOf([]);
    const quiet = { ...defaultRouting.route, quiet: [{ days: ['sat'], from: 0, to: 1440, zone: 'UTC' }] } as const;
    await close('s2', [left], { routing: async () => ({ ...defaultRouting, route: quiet }) });
    const waiting = (await stored()).filter(({ event }) => event.kind === 'cluster-gone');
    expect(waiting.map(({ event }) => event.tags)).toEqual([{ team: 'web' }]);
  });

  test('a row that cannot be read costs the alerts that stand in it, and is logged', async () => {
    await close(
      's1',
      names.map((name) => failureOf(name, 'a', 's1')),
    );
    const [key] = await rowKeys(SHARD);
    const lost = (await readState(tables.Alerts)).parts.find((part) => part.key === key)!.alerts.length;
    await tables.Alerts.upsert({ partitionKey: 'alerts', rowKey: key!, schema: 1, body0: new Uint8Array([1, 2, 3]) });
    const afresh = tablesThrough((_what, run) => run(), tables);
    await close('s2', [failureOf('cluster-1', 'b', 's2')], { tables: afresh });
    expect(errors).toEqual(['alerts cannot be read']);
    expect(await stored()).toHaveLength(names.length + 1 - lost);
  });

  test('alerts of older versions are read once and stored anew, with the ids that they have now', async () => {
    const event = failureOf('cluster-1', 'a', 's1');
    const head = { seq: 7, processed: ['abc'], failures: [], dropped: 0, parts: 2 };
    const alert = { id: '0123456789', type: 'state', status: 'firing', event, since: event.at, seen: 0 } as const;
    const old = { ...alert, scanId: 's1', turns: [], flapping: false, owed: [], told: {} };
    const other = { ...old, event: failureOf('cluster-2', 'a', 's1') };
    const keys = (rowKey: string) => ({ partitionKey: 'alerts', rowKey });
    await tables.Alerts.insert({ ...keys('state'), ...headRow.write({ head }) });
    await tables.Alerts.insert({ ...keys(`${OLD_PART}000`), ...oldPartRow.write({ alerts: [old] }) });
    await tables.Alerts.insert({ ...keys(`${OLD_PART}001`), ...oldPartRow.write({ alerts: [other] }) });
    await close('s2', [failureOf('cluster-1', 'a', 's2', { kind: 'resolved' })]);
    expect(await rowKeys(OLD_PART)).toEqual([]);
    const now = (await stored()).map(({ status, event: { clusterName } }) => `${clusterName} ${status}`);
    expect(now.toSorted()).toEqual(['cluster-1 resolved', 'cluster-2 firing']);
  });
});

test('as many cards as a step may bring, of as many alerts with as long texts as there may be, fit its transaction', async () => {
  tables = memoryTables();
  fleet = fleetOf(names.slice(0, 60).map((name) => fleetCluster(name)));
  const address = { conversationId: 'T', serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' } as const;
  await subscribe(tables.Chat, { address, by: 'Robin' }, now);
  const text = (): string => randomBytes(6_000).toString('base64');
  const long = (scanId: string) =>
    fleet.clusters.flatMap(({ name }) =>
      Array.from({ length: 12 }, (_, i) =>
        failureOf(name, `${i} ${text()}`, scanId, {
          title: text(),
          detail: text(),
          remediation: text().slice(0, 4_000),
        }),
      ),
    );
  const route = { ...defaultRouting.route, groupBy: ['cluster' as const] };
  const routing = { ...defaultRouting, storm: { share: 1, clusters: 1_000 }, route };
  await close('s1', long('s1'), { routing: async () => routing });
  expect(await rowKeys(NOTIFICATION)).toHaveLength(60);
  const items = [];
  for await (const row of alertRows(tables.Alerts, CARD)) {
    const { card } = cardRow.read(row);
    if (card.kind !== 'digest') items.push(card.items.length + card.more);
  }
  expect(new Set(items)).toEqual(new Set([12]));
});
