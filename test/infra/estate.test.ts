// The shipped estate, read and judged by the real product: what it promises to show is there.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulatedCredential } from '../../infra/local/azure/credential.ts';
import type { SimulatedEstate } from '../../infra/local/azure/estate-files.ts';
import { estateFromFiles } from '../../infra/local/azure/estate-files.ts';
import { loopbackHttpClient } from '../../infra/local/azure/http-client.ts';
import type { SimulatedAzure } from '../../infra/local/azure/server.ts';
import { startSimulation } from '../../infra/local/simulation.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import { readConfig } from '../../shared/app/config.ts';
import { createKubernetesReader } from '../../shared/estate/kubernetes/reader.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { defaultLimits } from '../../shared/estate/retry.ts';
import type { InCluster, InClusterRead } from '../../shared/model/in-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import type { ClusterReader } from '../../shared/ports.ts';
import { rules } from '../../shared/rules/index.ts';
import { memoryRations } from '../support/rations.ts';

const { excludedNamespaces } = readConfig({ AzureWebJobsStorage: 'UseDevelopmentStorage=true' });
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const warnings: string[] = [];
let dir: string;
let estate: SimulatedEstate;
let azure: SimulatedAzure;
let reader: ClusterReader;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'estate-'));
  cpSync(fileURLToPath(new URL('../../infra/local/estate', import.meta.url)), dir, { recursive: true });
  const warn = (sentence: string): void => void warnings.push(sentence);
  estate = estateFromFiles(dir, warn);
  azure = await startSimulation({ estateDir: dir, warn, pageSize: 4 });
  reader = createKubernetesReader({
    endpoint: azure.endpoint,
    httpClient: loopbackHttpClient(),
    credential: simulatedCredential(),
    allowLocalAccounts: false,
    runCommand: false,
    armLimits: defaultLimits,
    log: silent,
    rations: memoryRations(),
    clock: { now: () => new Date() },
  });
});
afterAll(async () => {
  await azure.close();
  rmSync(dir, { recursive: true });
});

interface Audited {
  readonly inCluster: InCluster;
  readonly result: Result;
}

async function audit(name: string): Promise<Audited> {
  const all = estate.subscriptions().flatMap(({ id }) => estate.clusters(id));
  const listed = parseCluster(all.find(({ body }) => String(body['name']).toLowerCase() === name)!.body);
  if (!('cluster' in listed)) throw new Error(listed.problem);
  const { cluster } = listed;
  const inCluster = await reader.read(cluster, { scanId: 'test' }, new AbortController().signal);
  return { inCluster, result: auditCluster({ cluster, inCluster, now: new Date('2026-11-21'), excludedNamespaces }) };
}

const insideOf = ({ inCluster }: Audited): InClusterRead['objects'] => (inCluster as InClusterRead).objects;
const failing = ({ result }: Audited, rule: string): readonly string[] =>
  result.findings.filter((f) => f.rule === rule && f.verdict === 'fail').map(({ subject }) => subject);

const readable = [
  'catalog-prod',
  'checkout-prod',
  'checkout-staging',
  'mainframe-bridge',
  'pos-prod',
  'routing-prod',
  'search-prod',
  'search-staging',
  'shop-prod',
  'shop-staging',
  'telemetry-prod',
  'tracking-prod',
  'warehouse-prod',
];

const closed = [
  ['feature-lab', 'stopped'],
  ['vault-prod', 'private'],
  ['reports', 'ip-restricted'],
  ['edge-pilot', 'forbidden'],
  ['intranet', 'no-entra'],
] as const;

test.each(closed)('%s cannot be read: %s', async (name, reason) => {
  expect((await audit(name)).inCluster).toMatchObject({ status: 'unknown', reason });
});

test.each(readable)('%s is read, and every object of it is understood', async (name) => {
  expect((await audit(name)).inCluster).toMatchObject({ status: 'read', objects: { problems: [] } });
});

test('no cluster is missing above, and no file is broken', () => {
  const names = estate
    .subscriptions()
    .flatMap(({ id, unreadable }) =>
      unreadable ? [] : estate.clusters(id).map(({ body }) => String(body['name']).toLowerCase()),
    );
  expect(names.toSorted()).toEqual([...readable, ...closed.map(([name]) => name)].toSorted());
  expect(warnings).toEqual([]);
});

test('every in-cluster rule fails somewhere in the estate', async () => {
  const audited = await Promise.all(readable.map(audit));
  const failed = new Set(
    audited.flatMap(({ result }) => result.findings.filter((f) => f.verdict === 'fail').map(({ rule }) => rule)),
  );
  const missing = rules.filter((rule) => rule.plane === 'in-cluster' && !failed.has(rule.id)).map(({ id }) => id);
  expect(missing).toEqual([]);
});

test('the shop has the size of a real one and mostly good policies', async () => {
  const shop = await audit('shop-prod');
  const { namespaces, pods, policies } = insideOf(shop);
  const own = namespaces.filter(({ name }) => !excludedNamespaces.includes(name));
  const workloads = new Set(
    pods
      .filter(({ namespace }) => own.some(({ name }) => name === namespace))
      .map(({ namespace, owner }) => `${namespace}/${owner.kind}/${owner.name}`),
  );
  expect(own.length).toBeGreaterThanOrEqual(12);
  expect(workloads.size).toBeGreaterThanOrEqual(40);
  expect(policies.length).toBeGreaterThan(50);
  expect(shop.result.exposure).toBeLessThan(0.1);
});

test.each([
  ['shop-prod', 'namespace-has-policy', ['namespace/sandbox']],
  ['shop-prod', 'no-pod-ip', ['policy/analytics/allow-batch-nodes[NetworkPolicy]']],
  ['shop-prod', 'default-deny-ingress', ['namespace/reviews', 'namespace/sandbox']],
  ['search-staging', 'cilium-end-port', ['policy/search/search-engine-transport[NetworkPolicy]']],
  ['pos-prod', 'npm-windows-constructs', ['policy/tills/receipt-printer[NetworkPolicy]']],
  ['pos-prod', 'npm-load-balancer-bypass', ['service/tills/till-gateway']],
  ['shop-staging', 'npm-ipblock-count', ['policy/storefront/allow-testers[NetworkPolicy]']],
  ['routing-prod', 'engine-running', ['cluster']],
  ['checkout-staging', 'policy-enforced', ['cluster']],
  ['catalog-prod', 'policy-enforced', ['cluster']],
])('%s fails %s on exactly what its files say', async (name, rule, subjects) => {
  expect(failing(await audit(name), rule).toSorted()).toEqual(subjects);
});

test('deleting a file of policies opens its namespace in the next audit', async () => {
  expect(failing(await audit('shop-prod'), 'namespace-has-policy')).not.toContain('namespace/cart');
  const file = join(dir, 'retail-production/shop-prod/cart/policies.yaml');
  const before = readFileSync(file, 'utf8');
  rmSync(file);
  expect(failing(await audit('shop-prod'), 'namespace-has-policy')).toContain('namespace/cart');
  writeFileSync(file, before);
  expect(failing(await audit('shop-prod'), 'namespace-has-policy')).not.toContain('namespace/cart');
});
