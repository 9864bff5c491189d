// Hundreds of clusters in one subscription and region: Azure lets one call a second through about all of them together, and all are read.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { simulatedAccess } from '../../infra/local/azure/access.ts';
import type { SimulatedEstate } from '../../infra/local/azure/estate-files.ts';
import { generatedEstate } from '../../infra/local/azure/generated-estate.ts';
import type { SimulatedAzure } from '../../infra/local/azure/server.ts';
import { startSimulatedAzure } from '../../infra/local/azure/server.ts';
import { createAzureEstate } from '../../shared/estate/azure-estate.ts';
import { createAccess } from '../../shared/estate/kubernetes/access.ts';
import { defaultLimits } from '../../shared/estate/retry.ts';
import { UnreadableError } from '../../shared/model/estate.ts';
import type { Result } from '../../shared/model/result.ts';
import type { ClusterReader, Tables } from '../../shared/ports.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { listIndexed } from '../../shared/store/fleet-index.ts';
import { listAnswered, createRations } from '../../shared/store/rations.ts';
import { readLatest } from '../../shared/store/results.ts';
import type { FleetOfWorkers } from '../support/fleet-of-workers.ts';
import { createFleetOfWorkers } from '../support/fleet-of-workers.ts';
import { memoryTables } from '../support/memory-tables.ts';

const MINUTE = 60_000;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Waiting would be for real: whatever Azure refuses for its number is given up at once, and seen. */
const impatient = { ...defaultLimits, maxRetries: 0 };
const kubeconfig = JSON.stringify({
  contexts: [{ name: 'c', context: { cluster: 'c' } }],
  clusters: [{ name: 'c', cluster: { server: 'https://api.example:443' } }],
});

const subscription = generatedEstate(1, 0).subscriptions()[0]!.id;
const clock = { now: 0 };
let azure: SimulatedAzure;
let tables: Tables;
beforeEach(() => {
  clock.now = Date.parse('2026-11-21T10:00:00Z');
  tables = memoryTables();
});
afterEach(() => azure.close());

async function startAzure(estate: SimulatedEstate): Promise<void> {
  azure = await startSimulatedAzure({
    estate,
    pageSize: 100,
    kubeconfig: async () => kubeconfig,
    now: () => clock.now,
  });
}

/** Asks for the address as the real reader does; what is inside is the same everywhere. */
function startReader(arm: ReturnType<typeof target>): ClusterReader {
  const now = { now: () => new Date(clock.now) };
  const rations = createRations(tables.Fleet, now.now);
  const access = createAccess({ ...arm, clock: now, rations, allowLocalAccounts: false, maxClusters: 9, maxWaitMs: 0 });
  return {
    needsAddress: () => true,
    read: async (cluster, { addressTurn = false }, signal) => {
      try {
        await access.apiServer(cluster, addressTurn, signal);
        return { status: 'read', objects: parseObjects([]).objects, forbiddenKinds: [] };
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        return { status: 'unknown', reason: error.reason, message: error.message, remedy: error.remedy };
      }
    },
  };
}

function target() {
  const { armEndpoint: endpoint = '', credential, httpClient } = simulatedAccess(azure.endpoint);
  return { endpoint, credential: credential!, httpClient: httpClient!, limits: impatient, log: quiet };
}

const workers = (diesAfter?: number): FleetOfWorkers =>
  createFleetOfWorkers({
    tables,
    clock,
    workers: 4,
    ...(diesAfter === undefined ? {} : { diesAfter }),
    start: () => ({
      estate: createAzureEstate({ ...target(), allow: [], deny: [], managementGroups: [], managedNamespaces: true }),
      reader: startReader(target()),
    }),
  });

async function results(): Promise<(Result & { namespacesAt?: Date })[]> {
  const found = [];
  for await (const { cluster } of listIndexed(tables.Fleet, subscription)) {
    const { result, namespacesAt } = (await readLatest(tables.Results, cluster.key))!;
    found.push({ ...result, ...(namespacesAt ? { namespacesAt } : {}) });
  }
  return found;
}
const unreadIn = (all: readonly Result[]): number =>
  all.filter(({ findings }) => findings.some(({ verdict, reason }) => verdict === 'unknown' && reason === 'transient'))
    .length;

test('all of 500 are read within the deadline by four processes, some of which die, and Azure refuses nothing', async () => {
  const CLUSTERS = 500;
  await startAzure(generatedEstate(1, CLUSTERS));
  const started = clock.now;
  const scan = await workers(20).scan();
  const took = (clock.now - started) / MINUTE;
  const all = await results();
  expect({ outcome: scan.outcome, clusters: all.length, unread: unreadIn(all) }).toEqual({
    outcome: 'complete',
    clusters: CLUSTERS,
    unread: 0,
  });
  expect(took).toBeLessThan(25);
  expect(Object.fromEntries(azure.requests)).toEqual({
    'list-clusters': CLUSTERS / 100,
    listclusterusercredential: CLUSTERS,
    managednamespaces: CLUSTERS,
  });
});

test('the next scans ask for no address again, take minutes, and get round to the managed namespaces of all', async () => {
  const CLUSTERS = 200;
  await startAzure(generatedEstate(1, CLUSTERS));
  await workers().scan();
  const ages: number[] = [];
  for (let round = 0; round < 2; round++) {
    clock.now = Math.ceil(clock.now / (30 * MINUTE)) * 30 * MINUTE;
    const started = clock.now;
    await workers().scan();
    expect(clock.now - started).toBeLessThan(4 * MINUTE);
    const all = await results();
    expect(unreadIn(all)).toBe(0);
    ages.push(...all.flatMap(({ namespacesAt }) => (namespacesAt ? [started - namespacesAt.getTime()] : [])));
  }
  expect(azure.requests.get('listclusterusercredential')).toBe(CLUSTERS);
  expect(azure.requests.get('throttled')).toBeUndefined();
  expect(azure.requests.get('managednamespaces')).toBeGreaterThan(2 * CLUSTERS);
  expect(Math.max(...ages)).toBeLessThan(61 * MINUTE);
});

test('what was remembered of a cluster that is no more is forgotten', async () => {
  const estate = generatedEstate(1, 3);
  await startAzure(estate);
  await workers().scan();
  await azure.close();
  await startAzure({ ...estate, clusters: (id) => estate.clusters(id).slice(1) });
  for (let round = 0; round < 2; round++) {
    clock.now += 30 * MINUTE;
    await workers().scan();
  }
  const keys = new Set<string>();
  for await (const { key } of listAnswered(tables.Fleet, subscription)) keys.add(key);
  expect(keys.size).toBe(2);
});
