// People act at once, in several processes: all of them succeed, and what waits in a process is written together.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import type { DriftEvent } from '../../shared/model/result.ts';
import type { Tables } from '../../shared/ports.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import { createTables } from '../../shared/store/azure-tables.ts';
import { combining } from '../../shared/telling/combine.ts';
import { createAlertService } from '../../shared/telling/create-alert-service.ts';
import { subscribe } from '../../shared/telling/destinations.ts';
import type { DispatchContext } from '../../shared/telling/dispatch.ts';
import { dispatch } from '../../shared/telling/dispatch.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';

let now = new Date('2026-11-21T10:00:00Z');
const fleet = fleetOf(Array.from({ length: 150 }, (_, i) => fleetCluster(`c${i}`, { verdict: 'fail' })));
const events = fleet.clusters.map(({ id, name, subscriptionId, resourceGroup, tags }): DriftEvent => ({
  id,
  kind: 'new-failure',
  rule: 'engine-enabled',
  subject: 'cluster',
  scanId: 's1',
  at: now.toISOString(),
  subscriptionId,
  clusterId: id,
  clusterName: name,
  resourceGroup,
  tags,
  severity: 'high',
  title: `${name} has no engine`,
  detail: '',
}));
const contextOf = (tables: Tables): DispatchContext => ({
  tables,
  queue: { send: async () => undefined },
  clock: { now: () => now },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  routing: async () => defaultRouting,
  fleet: async () => fleet,
  overdue: async () => undefined,
  catalogue: '1',
});
const serviceOf = (tables: Tables) =>
  createAlertService({
    dispatch: contextOf(tables),
    nonce: randomUUID,
    exemptionMaxDays: 365,
    ruleIds: [],
    routingProblems: async () => [],
  });
async function tellAll(tables: Tables): Promise<void> {
  const address = { conversationId: 'T', serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' } as const;
  await subscribe(tables.Chat, { address, by: 'Robin' }, now);
  await dispatch(contextOf(tables), 's1', { events, remove: async () => undefined }, fleet);
  now = new Date(now.getTime() + 60_000);
}

describe('what is asked for at once', () => {
  test('is done together with what came while something ran, in its order, each once', async () => {
    const runs: (readonly number[])[] = [];
    const ask = combining<number>(async (asked) => {
      runs.push(asked);
      await Promise.resolve();
    });
    const first = ask(1);
    const second = ask(2);
    await first;
    await Promise.all([second, ask(3), ask(4)]);
    expect(runs).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('fails together, and what comes later does not', async () => {
    let works = false;
    const ask = combining<number>(() => (works ? Promise.resolve() : Promise.reject(new Error('storage is away'))));
    const failed = await Promise.allSettled([ask(1), ask(2)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    works = true;
    await expect(ask(3)).resolves.toBeUndefined();
  });
});

test('three processes in each of which fifty people acknowledge at once serve all of them', async () => {
  const target = { connectionString: inject('azurite') };
  const prefix = `t${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  const processes = Array.from({ length: 3 }, () => createTables({ target, prefix, timeoutMs: 60_000 }));
  await tellAll(processes[0]!);
  const services = processes.map(serviceOf);
  const ids = (await services[0]!.alerts()).map(({ id }) => id);
  const answers = await Promise.all(
    services.flatMap((service, process) =>
      ids.slice(process * 50, (process + 1) * 50).map((id) => service.acknowledge(id, `Robin ${process}`)),
    ),
  );
  expect(answers).toEqual(ids.map(() => 'acknowledged'));
  const by = (await services[2]!.alerts()).map(({ ack }) => ack?.by);
  expect(Object.entries(Object.groupBy(by, (who) => who ?? 'nobody')).map(([who, all]) => [who, all?.length])).toEqual(
    expect.arrayContaining([0, 1, 2].map((process) => [`Robin ${process}`, 50])),
  );
});

describe('in one process', () => {
  test('fifty acknowledgements are written as one change', async () => {
    const stored = memoryTables();
    await tellAll(stored);
    const calls: string[] = [];
    const service = serviceOf(
      tablesThrough((what, run) => {
        calls.push(what);
        return run();
      }, stored),
    );
    const ids = (await service.alerts()).slice(0, 50).map(({ id }) => id);
    expect(new Set(await Promise.all(ids.map((id) => service.acknowledge(id, 'Robin'))))).toEqual(
      new Set(['acknowledged']),
    );
    // Rows of fifty shards, what they replace, and the head do not fit into one.
    expect(calls.filter((what) => what.startsWith('Alerts.transact')).length).toBeLessThanOrEqual(3);
  });

  test('two people who acknowledge the same alert at once are told who was first', async () => {
    const tables = memoryTables();
    await tellAll(tables);
    const service = serviceOf(tables);
    const [alert] = await service.alerts();
    const answers = await Promise.all(['Robin', 'Kim'].map((who) => service.acknowledge(alert!.id, who)));
    expect(answers).toEqual(['acknowledged', 'already']);
  });

  test('an id that nobody knows is looked for only where it could be', async () => {
    const stored = memoryTables();
    await tellAll(stored);
    let results = 0;
    const service = serviceOf(
      tablesThrough((what, run) => {
        if (what.startsWith('Results')) results++;
        return run();
      }, stored),
    );
    for (const id of ['000000000000', 'ffffffffffff', 'nothing', ''])
      expect(await service.acknowledge(id, 'Robin')).toBe('unknown');
    expect(results).toBeLessThan(10);
  });
});
