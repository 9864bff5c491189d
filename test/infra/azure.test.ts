// The simulated ARM as a person or another tool meets it: its errors, its controls, and files edited while it runs.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { SIMULATED_KUBERNETES_TOKEN, SIMULATED_TOKEN } from '../../infra/local/azure/credential.ts';
import type { SimulatedAzure } from '../../infra/local/azure/server.ts';
import { startSimulation } from '../../infra/local/simulation.ts';
import { parseKubeconfig } from '../../shared/estate/kubernetes/kubeconfig.ts';

const warnings: string[] = [];
let dir: string;
let azure: SimulatedAzure;
let base: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'estate-'));
  cpSync(fileURLToPath(new URL('../../infra/local/estate', import.meta.url)), dir, { recursive: true });
  azure = await startSimulation({ estateDir: dir, pageSize: 2, warn: (sentence) => warnings.push(sentence) });
  base = azure.endpoint.replace('https', 'http');
});
beforeEach(() => {
  azure.faults.clear();
  warnings.length = 0;
});
afterAll(async () => {
  await azure.close();
  rmSync(dir, { recursive: true });
});

const RETAIL = '/subscriptions/6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
const CLUSTERS = `${RETAIL}/providers/Microsoft.ContainerService/managedClusters`;
const SHOP = `${RETAIL}/resourceGroups/rg-shop/providers/Microsoft.ContainerService/managedClusters/shop-prod`;

interface ArmInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly error?: { readonly code: string; readonly message: string };
    readonly value?: readonly { readonly name?: string }[];
    readonly nextLink?: string;
    readonly kubeconfigs?: readonly { readonly value: string }[];
    readonly properties?: { readonly kubernetesVersion?: string };
  };
}

async function arm(path: string, init: ArmInit = {}, version = '?api-version=2026-06-01'): Promise<Answer> {
  const headers = { authorization: `Bearer ${SIMULATED_TOKEN}`, ...init.headers };
  const answer = await fetch(`${base}${path}${version}`, { ...init, headers });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : {},
  };
}

test.each([
  ['no token', SHOP, { headers: { authorization: '' } }, 401, 'AuthenticationFailed'],
  ['a token for API servers', SHOP, bearer(SIMULATED_KUBERNETES_TOKEN), 401, 'AuthenticationFailed'],
  ['a cluster that is not there', SHOP.replace('shop-prod', 'none'), {}, 404, 'ResourceNotFound'],
  ['a subscription that is not there', '/subscriptions/none/x', {}, 404, 'SubscriptionNotFound'],
  ['an unreadable subscription', CLUSTERS.replace('7a01', '7a05'), {}, 403, 'AuthorizationFailed'],
])('%s is an error in the words of ARM', async (_what, path, init, status, code) => {
  const answer = await arm(path, init);
  expect(answer).toMatchObject({ status, body: { error: { code } } });
  expect(answer.headers.get('x-ms-request-id')).toMatch(/^[\da-f-]{36}$/);
});

function bearer(token: string): ArmInit {
  return { headers: { authorization: `Bearer ${token}` } };
}

test('a request without api-version is refused', async () => {
  expect(await arm(SHOP, {}, '')).toMatchObject({
    status: 400,
    body: { error: { code: 'MissingApiVersionParameter' } },
  });
});

test('the credentials of a cluster lead to its API server', async () => {
  const { body } = await arm(`${SHOP}/listClusterUserCredential`, { method: 'POST' });
  const { server, ca } = parseKubeconfig(Buffer.from(body.kubeconfigs![0]!.value, 'base64').toString());
  expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(ca).toContain('BEGIN CERTIFICATE');
});

test('an edited cluster is served at once; a broken one keeps its last good version and is named', async () => {
  const file = join(dir, 'retail-production/shop-prod.json');
  const text = readFileSync(file, 'utf8');
  expect((await arm(SHOP)).body.properties!.kubernetesVersion).toBe('1.34');
  writeFileSync(file, text.replace('"kubernetesVersion": "1.34"', '"kubernetesVersion": "1.35"'));
  expect((await arm(SHOP)).body.properties!.kubernetesVersion).toBe('1.35');
  writeFileSync(file, `${text.slice(0, 400)} oops`);
  expect((await arm(SHOP)).body.properties!.kubernetesVersion).toBe('1.35');
  expect(warnings).toEqual([expect.stringMatching(/shop-prod\.json .*position \d+.*last good version/)]);
  writeFileSync(file, text);
  expect((await arm(SHOP)).body.properties!.kubernetesVersion).toBe('1.34');
});

test('a deleted cluster is gone, and its file brings it back', async () => {
  const file = join(dir, 'retail-production/shop-prod.json');
  const text = readFileSync(file, 'utf8');
  rmSync(file);
  expect((await arm(SHOP)).status).toBe(404);
  writeFileSync(file, text);
  expect((await arm(SHOP)).status).toBe(200);
});

const faults = (method: string, body?: string): Promise<Response> =>
  fetch(`${base}/_faults`, { method, ...(body === undefined ? {} : { body }) });

test('faults are set and cleared over HTTP, for as many requests as asked', async () => {
  const fault = { path: '/managedClusters/shop-prod', kind: 'status', status: 503, retryAfter: 7, times: 2 };
  expect((await faults('POST', JSON.stringify(fault))).status).toBe(204);
  const failed = await arm(SHOP);
  expect(failed).toMatchObject({ status: 503, body: { error: { code: 'SimulatedFault' } } });
  expect(failed.headers.get('retry-after')).toBe('7');
  expect((await arm(CLUSTERS)).status).toBe(200);
  expect((await arm(SHOP)).status).toBe(503);
  expect((await arm(SHOP)).status).toBe(200);
  await faults('POST', JSON.stringify(fault));
  await faults('DELETE');
  expect((await arm(SHOP)).status).toBe(200);
});

test.each([
  ['not JSON', '{oops'],
  ['no fault', '{"kind":"earthquake"}'],
])('a fault that is %s is refused with the reason', async (_what, body) => {
  const answer = await faults('POST', body);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/BadFault/);
});
