// The simulated API servers, asked over TLS as a client of the real ones asks.
import { mkdtempSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { simulatedCredential, SIMULATED_TOKEN } from '../../infra/local/azure/credential.ts';
import type { SimulatedEstate } from '../../infra/local/azure/estate-files.ts';
import { estateFromFiles } from '../../infra/local/azure/estate-files.ts';
import { createFaults } from '../../infra/local/azure/faults.ts';
import { createManifestReader } from '../../infra/local/kubernetes/manifests.ts';
import type { SimulatedKubernetes } from '../../infra/local/kubernetes/server.ts';
import { startSimulatedKubernetes } from '../../infra/local/kubernetes/server.ts';
import { parseKubeconfig } from '../../shared/estate/kubernetes/kubeconfig.ts';

const SUBSCRIPTION = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';
const warnings: string[] = [];
const faults = createFaults();
let dir: string;
let estate: SimulatedEstate;
let kubernetes: SimulatedKubernetes;
const agents: Agent[] = [];

/** A cluster of 3 Linux nodes, with whatever the test needs on top. */
function writeCluster(name: string, properties: object = {}, simulator: object = {}): void {
  const body = {
    id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/${name}`,
    name,
    simulator,
    properties: {
      powerState: { code: 'Running' },
      aadProfile: { managed: true },
      currentKubernetesVersion: '1.34.2',
      agentPoolProfiles: [{ name: 'main', count: 3, osType: 'Linux', mode: 'System' }],
      networkProfile: { networkPlugin: 'azure', podCidrs: ['10.244.0.0/16'] },
      ...properties,
    },
  };
  writeFileSync(join(dir, 'sub', `${name}.json`), JSON.stringify(body));
}

let edits = 0;
function writeManifest(cluster: string, file: string, text: string): void {
  const path = join(dir, 'sub', cluster, file);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  // Two edits within the clock's grain are still two edits.
  const at = new Date(2026, 0, 1, 0, 0, edits++);
  utimesSync(path, at, at);
}

interface Got {
  readonly status: number;
  readonly body: {
    readonly items?: readonly Item[];
    readonly metadata?: { readonly continue?: string; readonly remainingItemCount?: number };
    readonly reason?: string;
    readonly message?: string;
    readonly groups?: readonly { readonly name: string }[];
  };
  readonly text: string;
  readonly encoding: string | undefined;
}
interface Item {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
  readonly spec?: { readonly nodeName?: string };
  readonly status?: Readonly<Record<string, unknown>>;
}

const AKS_SCOPE = '6dae42f8-4368-4678-94ff-3960e28e3630/.default';

async function apiServer(name: string): Promise<{ server: string; ca: string; local?: unknown }> {
  const cluster = estate.clusters(SUBSCRIPTION).find((found) => found.body['name'] === name)!;
  return parseKubeconfig(await kubernetes.kubeconfig(cluster)) as { server: string; ca: string; local?: unknown };
}

async function get(name: string, path: string, headers: Record<string, string> = {}): Promise<Got> {
  const { server, ca } = await apiServer(name);
  const agent = new Agent({ connect: { ca } });
  agents.push(agent);
  const { token } = (await simulatedCredential().getToken(AKS_SCOPE))!;
  const answer = await request(`${server}${path}`, {
    dispatcher: agent,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const encoding = answer.headers['content-encoding'] as string | undefined;
  const text = await answer.body.text();
  const isJson = encoding === undefined && String(answer.headers['content-type']).startsWith('application/json');
  return { status: answer.statusCode, body: isJson ? (JSON.parse(text) as Got['body']) : {}, text, encoding };
}

const names = ({ body }: Got): readonly string[] => body.items!.map(({ metadata }) => metadata.name);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'estate-'));
  mkdirSync(join(dir, 'sub'));
  writeFileSync(
    join(dir, 'subscriptions.json'),
    JSON.stringify([{ subscriptionId: SUBSCRIPTION, simulator: { folder: 'sub' } }]),
  );
  estate = estateFromFiles(dir, (sentence) => warnings.push(sentence));
  const manifests = createManifestReader((sentence) => warnings.push(sentence));
  kubernetes = await startSimulatedKubernetes({ estate, manifests, faults });
});
beforeEach(() => {
  faults.clear();
  warnings.length = 0;
});
afterAll(async () => {
  for (const agent of agents) await agent.destroy();
  await kubernetes.close();
  rmSync(dir, { recursive: true });
});

const deployment = (name: string, replicas: number, extra = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: main, image: example.org/${name} }]${extra} }
`;

test('a client without the authority of the kubeconfig refuses the connection', async () => {
  writeCluster('tls');
  const { server } = await apiServer('tls');
  const agent = new Agent();
  agents.push(agent);
  await expect(request(`${server}/version`, { dispatcher: agent })).rejects.toThrow(/verify/i);
});

test.each([
  ['no token', {}],
  ['a token for ARM', { authorization: `Bearer ${SIMULATED_TOKEN}` }],
])('%s is answered 401', async (_what, headers) => {
  writeCluster('auth');
  expect(await get('auth', '/api/v1/pods', { authorization: '', ...headers })).toMatchObject({
    status: 401,
    body: { reason: 'Unauthorized' },
  });
});

test('a Deployment stands as a ReplicaSet and its pods, on nodes, with addresses of the pod range', async () => {
  writeCluster('run');
  writeManifest('run', 'shop/web.yaml', deployment('web', 3));
  const [set] = (await get('run', '/apis/apps/v1/namespaces/shop/replicasets')).body.items!;
  const pods = (await get('run', '/api/v1/namespaces/shop/pods')).body.items!;
  expect(pods).toHaveLength(3);
  const addresses = new Set(pods.map((pod) => pod.status!['podIP']));
  expect(addresses.size).toBe(3);
  for (const pod of pods) {
    expect(pod.metadata.ownerReferences).toMatchObject([{ kind: 'ReplicaSet', name: set!.metadata.name }]);
    expect(pod.metadata.labels).toMatchObject({ app: 'web', 'pod-template-hash': set!.metadata.name.slice(4) });
    expect(pod.status!['podIP']).toMatch(/^10\.244\./);
    expect(pod.spec!.nodeName).toMatch(/^aks-main-/);
    expect(pod.status!['phase']).toBe('Running');
  }
  expect(set!.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'web' }]);
});

test('pods keep names and addresses when another workload comes', async () => {
  writeCluster('stable');
  writeManifest('stable', 'web.yaml', deployment('web', 3));
  const before = (await get('stable', '/api/v1/namespaces/shop/pods')).body.items!;
  writeManifest('stable', 'api.yaml', deployment('api', 5));
  const after = (await get('stable', '/api/v1/namespaces/shop/pods')).body.items!;
  expect(after).toHaveLength(8);
  expect(after).toEqual(expect.arrayContaining([...before]));
});

test.each([
  ['StatefulSet', 'replicas: 2', 2, 'Running'],
  ['DaemonSet', '', 3, 'Running'],
  ['Job', '', 1, 'Succeeded'],
])('a %s makes its pods', async (kind, spec, count, phase) => {
  const name = `kind-${kind.toLowerCase()}`;
  writeCluster(name);
  const group = kind === 'Job' ? 'batch/v1' : 'apps/v1';
  writeManifest(
    name,
    'it.yaml',
    `{apiVersion: ${group}, kind: ${kind}, metadata: {name: it, namespace: a}, spec: {${spec ? `${spec}, ` : ''}template: {spec: {containers: []}}}}`,
  );
  const pods = (await get(name, '/api/v1/namespaces/a/pods')).body.items!;
  expect(pods.map((pod) => pod.status!['phase'])).toEqual(Array.from({ length: count }, () => phase));
  expect(pods[0]!.metadata.ownerReferences).toMatchObject([{ kind, name: 'it' }]);
});

test('a host-network pod has the address of its node', async () => {
  writeCluster('host');
  writeManifest('host', 'agent.yaml', deployment('agent', 1, ', hostNetwork: true'));
  const [pod] = (await get('host', '/api/v1/namespaces/shop/pods')).body.items!;
  expect(pod!.status!['podIP']).toBe(pod!.status!['hostIP']);
});

test('the engine of the ARM body runs on every node, and a manifest can make it unready', async () => {
  writeCluster('engine', { networkProfile: { networkPolicy: 'Azure' } });
  const status = async () => {
    const sets = (await get('engine', '/apis/apps/v1/namespaces/kube-system/daemonsets')).body.items!;
    return sets.find((set) => set.metadata.name === 'azure-npm')!.status;
  };
  expect(await status()).toMatchObject({ desiredNumberScheduled: 3, numberReady: 3 });
  writeManifest(
    'engine',
    'npm.yaml',
    '{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: azure-npm, namespace: kube-system}, spec: {}, status: {numberReady: 1}}',
  );
  expect(await status()).toMatchObject({ desiredNumberScheduled: 3, numberReady: 1 });
});

test.each([
  ['cilium', '/apis/cilium.io/v2/ciliumnetworkpolicies', 200],
  ['cilium', '/apis/crd.projectcalico.org/v1/globalnetworkpolicies', 404],
  ['calico', '/apis/crd.projectcalico.org/v1/globalnetworkpolicies', 200],
  ['calico', '/apis/projectcalico.org/v3/globalnetworkpolicies', 404],
  ['azure', '/apis/cilium.io/v2/ciliumnetworkpolicies', 404],
  ['none', '/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies', 404],
])('with engine %s, %s answers %i', async (engine, path, status) => {
  writeCluster(`crd-${engine}`, { networkProfile: { networkPolicy: engine } });
  expect((await get(`crd-${engine}`, path)).status).toBe(status);
});

test('objects of a definition bring the definition, and Calico shows its own in both places', async () => {
  writeCluster('brought');
  writeManifest(
    'brought',
    'left.yaml',
    `
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: deny}, spec: {}}
---
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: tenants}, spec: {}}
`,
  );
  for (const place of ['projectcalico.org/v3', 'crd.projectcalico.org/v1']) {
    const found = await get('brought', `/apis/${place}/globalnetworkpolicies`);
    expect(names(found)).toEqual(['deny']);
    expect(found.body.items![0]).toMatchObject({ apiVersion: place, kind: 'GlobalNetworkPolicy' });
  }
  expect(names(await get('brought', '/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies'))).toEqual([
    'tenants',
  ]);
  const groups = (await get('brought', '/apis')).body.groups!.map(({ name }) => name);
  expect(groups).toEqual(expect.arrayContaining(['apps', 'projectcalico.org', 'policy.networking.k8s.io']));
  expect(groups).not.toContain('cilium.io');
});

test('pages join to the whole list without doubles, whatever their size', async () => {
  writeCluster('pages');
  writeManifest('pages', 'web.yaml', deployment('web', 10));
  const whole = names(await get('pages', '/api/v1/pods'));
  for (const limit of [1, 3, 100]) {
    const seen: string[] = [];
    let token: string | undefined = '';
    while (token !== undefined) {
      const page: Got = await get('pages', `/api/v1/pods?limit=${limit}&continue=${token}`);
      seen.push(...names(page));
      expect(page.body.metadata!.remainingItemCount ?? 0).toBe(whole.length - seen.length);
      token = page.body.metadata!.continue;
    }
    expect(seen).toEqual(whole);
  }
});

test('an expired continuation is 410 when the fault says so', async () => {
  writeCluster('gone');
  const first = await get('gone', '/api/v1/pods?limit=1');
  faults.add({ kind: 'status', status: 410, path: '/gone/api/v1/pods?limit=1&continue=' });
  const path = `/api/v1/pods?limit=1&continue=${first.body.metadata!.continue}`;
  expect((await get('gone', path)).status).toBe(410);
  expect((await get('gone', path)).status).toBe(200);
});

test.each([
  ['pods', '/api/v1/pods', 403],
  ['pods', '/apis/cilium.io/v2/ciliumnetworkpolicies', 200],
  ['*.cilium.io', '/apis/cilium.io/v2/ciliumnetworkpolicies', 403],
  ['*.cilium.io', '/api/v1/pods', 200],
  ['*', '/api/v1/namespaces', 403],
  ['pods', '/api/v1/nodes', 403],
  ['pods', '/api/v1/secrets', 403],
])('with %s forbidden, %s answers %i', async (entry, path, status) => {
  const name = `rbac-${entry.replaceAll(/\W/g, '') || 'all'}`;
  writeCluster(name, { networkProfile: { networkPolicy: 'cilium' } }, { forbidden: [entry] });
  const got = await get(name, path);
  expect(got.status).toBe(status);
  expect(got.body.reason).toBe(status === 403 ? 'Forbidden' : undefined);
});

test('metadata alone, phases and labels can be asked for', async () => {
  writeCluster('select');
  writeManifest('select', 'web.yaml', `${deployment('web', 2)}---${deployment('api', 1)}`);
  const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
  const slim = await get('select', '/api/v1/namespaces/shop/pods', { accept });
  expect(slim.body.items).toHaveLength(3);
  expect(slim.body.items!.every((item) => item.spec === undefined)).toBe(true);
  const count = async (query: string): Promise<number> =>
    (await get('select', `/api/v1/namespaces/shop/pods?${query}`)).body.items!.length;
  expect(await count('labelSelector=app%3Dweb')).toBe(2);
  expect(await count('fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed')).toBe(3);
  expect(await count('fieldSelector=status.phase%3DSucceeded')).toBe(0);
  expect((await get('select', '/api/v1/pods?fieldSelector=spec.image%3Dx')).status).toBe(400);
});

test('a long answer is compressed for who takes it', async () => {
  writeCluster('long');
  writeManifest('long', 'web.yaml', deployment('web', 300));
  expect((await get('long', '/api/v1/pods', { 'accept-encoding': 'gzip' })).encoding).toBe('gzip');
  expect((await get('long', '/api/v1/pods')).encoding).toBeUndefined();
});

test.each([
  ['stopped', { powerState: { code: 'Stopped' } }, {}],
  ['private', { apiServerAccessProfile: { enablePrivateCluster: true } }, {}],
  ['behind a firewall', {}, { unreachable: true }],
])('a cluster that is %s refuses connections', async (what, properties, simulator) => {
  const name = `closed-${what.replaceAll(' ', '-')}`;
  writeCluster(name, properties, simulator);
  await expect(get(name, '/version')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a cluster without Entra hands out an account of its own, which is the only one it takes', async () => {
  writeCluster('plain', { aadProfile: undefined });
  const { local } = (await apiServer('plain')) as { local?: { token: string } };
  expect((await get('plain', '/api/v1/namespaces')).status).toBe(401);
  const headers = { authorization: `Bearer ${local!.token}` };
  expect((await get('plain', '/api/v1/namespaces', headers)).status).toBe(200);
});

test('a broken manifest is told with its place, and its last good version is served', async () => {
  writeCluster('broken');
  writeManifest('broken', 'web.yaml', deployment('web', 2));
  expect(names(await get('broken', '/api/v1/namespaces/shop/pods'))).toHaveLength(2);
  writeManifest('broken', 'web.yaml', 'kind: [\n');
  expect(names(await get('broken', '/api/v1/namespaces/shop/pods'))).toHaveLength(2);
  expect(warnings).toEqual([expect.stringMatching(/broken\/web\.yaml:\d+:\d+ .*last good version/)]);
});

test('an edited, an added and a deleted manifest are seen by the next request', async () => {
  writeCluster('edit');
  writeManifest('edit', 'a.yaml', deployment('web', 1));
  const count = async (): Promise<number> => names(await get('edit', '/api/v1/namespaces/shop/pods')).length;
  expect(await count()).toBe(1);
  writeManifest('edit', 'a.yaml', deployment('web', 4));
  expect(await count()).toBe(4);
  writeManifest('edit', 'deep/b.yml', deployment('api', 2));
  expect(await count()).toBe(6);
  rmSync(join(dir, 'sub/edit/a.yaml'));
  expect(await count()).toBe(2);
});
