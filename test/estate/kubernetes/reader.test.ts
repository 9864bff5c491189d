// The ClusterReader port against an API server over TLS: what is read, and each way in which it is not.
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loopbackHttpClient } from '../../../infra/local/azure/http-client.ts';
import type { KubernetesReaderOptions, ReaderLimits } from '../../../shared/estate/kubernetes/reader.ts';
import { createKubernetesReader, defaultReaderLimits } from '../../../shared/estate/kubernetes/reader.ts';
import { sectionsOf } from '../../../shared/estate/kubernetes/run-command-script.ts';
import { AKS_SCOPE } from '../../../shared/estate/kubernetes/access.ts';
import type { Cluster } from '../../../shared/model/cluster.ts';
import type { InCluster, InClusterRead } from '../../../shared/model/in-cluster.ts';
import type { ApiAddress, Rations } from '../../../shared/ports.ts';
import { sampleCluster } from '../../support/estate.ts';
import type { Authority, FakeApiServer } from './api-server.ts';
import { TOKEN, createAuthority, kubeconfig, send, startApiServer } from './api-server.ts';
import type { FakeArm } from './fake-arm.ts';
import { startFakeArm } from './fake-arm.ts';
import { memoryRations } from '../../support/rations.ts';

let authority: Authority;
let api: FakeApiServer;
let arm: FakeArm;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  [api, arm] = await Promise.all([startApiServer(authority), startFakeArm()]);
  arm.kubeconfig = kubeconfig(api.url, authority.cert);
});
afterEach(() => Promise.all([api.close(), arm.close()]));

const never = new AbortController().signal;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** Only a test that waits for an end of patience shortens it: a busy machine is slow at everything. */
const PATIENCE_MS = 60_000;
const retries = {
  timeoutMs: PATIENCE_MS,
  maxRetries: 2,
  baseDelayMs: 1,
  maxDelayMs: 100,
  maxTotalMs: PATIENCE_MS,
  random: (): number => 0.5,
};
const limits: ReaderLimits = {
  ...defaultReaderLimits,
  connection: { ...retries, connectTimeoutMs: PATIENCE_MS, maxResponseBytes: 1_000_000 },
  totalMs: PATIENCE_MS,
};
/** Whoever may reach it, nothing keeps this reader out. */
const shop = sampleCluster('6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01', 'shop', { authorizedIpRanges: [] });

const open = (more: Partial<KubernetesReaderOptions> = {}) =>
  createKubernetesReader({
    credential: { getToken: async () => ({ token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    endpoint: arm.endpoint,
    httpClient: loopbackHttpClient(),
    allowLocalAccounts: false,
    runCommand: false,
    armLimits: retries,
    limits,
    log: quiet,
    rations: memoryRations(),
    clock: { now: () => new Date() },
    ...more,
  });
const read = (more: Partial<Cluster> = {}, options: Partial<KubernetesReaderOptions> = {}): Promise<InCluster> =>
  open(options).read({ ...shop, ...more }, { scanId: 's' }, never);
const objectsOf = (found: InCluster): InClusterRead['objects'] => {
  if (found.status !== 'read') throw new Error(`${found.reason}: ${found.message}`);
  return found.objects;
};

const meta = (name: string, namespace?: string, more: object = {}) => ({
  metadata: { name, ...(namespace ? { namespace } : {}), ...more },
});
const pod = (name: string, phase = 'Running', more: object = {}) => ({
  ...meta(name, 'web', { labels: { app: 'web' }, managedFields: [{ manager: 'kubelet' }], ...more }),
  spec: { containers: [{ image: 'nginx', ports: [{ name: 'http', containerPort: 80 }] }] },
  status: { phase, podIP: '10.244.0.7', podIPs: [{ ip: '10.244.0.7' }] },
});

describe('a cluster that can be read', () => {
  test('gives namespaces, pods, services, policies and engines', async () => {
    api.lists.set('/api/v1/namespaces', [meta('web', undefined, { labels: { team: 'a' } })]);
    api.lists.set('/api/v1/pods', [
      pod('web-5d9c7b-x1', 'Running', {
        labels: { app: 'web', 'pod-template-hash': '5d9c7b' },
        ownerReferences: [{ kind: 'ReplicaSet', name: 'web-5d9c7b', controller: true }],
      }),
    ]);
    api.lists.set('/api/v1/services', [
      {
        ...meta('web', 'web'),
        spec: { type: 'LoadBalancer', selector: { app: 'web' }, externalTrafficPolicy: 'Local' },
      },
    ]);
    api.lists.set('/apis/apps/v1/daemonsets', [
      {
        ...meta('cilium', 'kube-system'),
        spec: { template: { spec: {} } },
        status: { desiredNumberScheduled: 3, numberReady: 2 },
      },
    ]);
    api.lists.set('/apis/networking.k8s.io/v1/networkpolicies', [
      {
        ...meta('deny', 'web', { annotations: { a: 'b', 'bulkhead.io/exempt': 'c' } }),
        spec: { podSelector: {}, policyTypes: ['Ingress'] },
      },
    ]);
    const found = await read();
    expect(objectsOf(found)).toMatchObject({
      namespaces: [{ name: 'web', labels: { team: 'a', 'kubernetes.io/metadata.name': 'web' }, annotations: {} }],
      pods: [
        {
          namespace: 'web',
          name: 'web-5d9c7b-x1',
          labels: { app: 'web', 'pod-template-hash': '5d9c7b' },
          owner: { kind: 'Deployment', name: 'web' },
          replicas: 1,
          ips: ['10.244.0.7'],
          hostNetwork: false,
          finished: false,
          ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
        },
      ],
      services: [
        {
          namespace: 'web',
          name: 'web',
          type: 'LoadBalancer',
          selector: { app: 'web' },
          externalTrafficPolicy: 'Local',
        },
      ],
      daemonSets: [{ namespace: 'kube-system', name: 'cilium', desired: 3, ready: 2 }],
      policies: [
        {
          kind: 'NetworkPolicy',
          namespace: 'web',
          name: 'deny',
          selector: [],
          ingress: [],
          egress: undefined,
          annotations: { 'bulkhead.io/exempt': 'c' },
        },
      ],
      adminPolicies: [],
      foreignPolicies: [],
      problems: [],
      notes: [],
    });
    expect(found).toMatchObject({ forbiddenKinds: [] });
  });

  test('is read page by page', async () => {
    api.lists.set(
      '/api/v1/pods',
      Array.from({ length: 4_801 }, (_, i) => pod(`p-${i}`)),
    );
    expect(objectsOf(await read()).pods).toHaveLength(4_801);
    expect(api.requests.filter((path) => path.startsWith('/api/v1/pods?') && path.includes('continue'))).toHaveLength(
      2,
    );
  });

  test('is asked for its next page while one is still on its way', async () => {
    const pods = Array.from({ length: 1_001 }, (_, i) => pod(`p-${i}`));
    api.lists.set('/api/v1/pods', pods);
    const isSecond = Promise.withResolvers<void>();
    let page = 0;
    api.intercept = (_request, url, response) => {
      if (url.pathname !== '/api/v1/pods' || ++page > 2) return false;
      if (page === 2) isSecond.resolve();
      const metadata = page === 1 ? { continue: '1.500' } : { continue: '1.1000' };
      const items = pods.slice((page - 1) * 500, page * 500).map((item) => JSON.stringify(item));
      response.write(`{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`);
      // The first page ends only when the second is asked for.
      void isSecond.promise.then(() => response.end(`${items.join(',')}]}`));
      return true;
    };
    expect(objectsOf(await read()).pods.map(({ name }) => name)).toEqual(pods.map(({ metadata }) => metadata.name));
  });

  test('is read in smaller pages where its objects are too large for one answer', async () => {
    api.lists.set(
      '/api/v1/pods',
      Array.from({ length: 60 }, (_, i) => pod(`p-${i}`)),
    );
    const connection = { ...limits.connection, maxResponseBytes: 2_000 };
    expect(objectsOf(await read({}, { limits: { ...limits, connection } })).pods).toHaveLength(60);
    const pages = api.requests.flatMap((path) => /^\/api\/v1\/pods\?limit=(\d+)/.exec(path)?.[1] ?? []);
    expect([...new Set(pages)]).toEqual(['2000', '30', '15']);
  });

  test('may have nothing of a kind, which a real server says as null', async () => {
    api.intercept = (request, _url, response) => {
      if (!String(request.headers.accept).includes('PartialObjectMetadataList')) return false;
      const list = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: {}, items: null };
      send(request, response, 200, list);
      return true;
    };
    expect(objectsOf(await read()).pods).toEqual([]);
  });

  test('has finished pods too, and they are no endpoints', async () => {
    api.lists.set('/api/v1/pods', [pod('a'), pod('b', 'Succeeded'), pod('c', 'Failed')]);
    const { pods } = objectsOf(await read());
    expect(pods.map(({ name, finished, ports }) => [name, finished, ports.length])).toEqual([
      ['a', false, 1],
      ['b', true, 0],
      ['c', true, 0],
    ]);
  });

  test('has its nodes, which say where pods run; where they may not be read, their names say it', async () => {
    const labels = { 'kubernetes.io/os': 'windows' };
    api.lists.set('/api/v1/nodes', [meta('n', undefined, { labels }), meta('akswin000000', undefined, { labels })]);
    const on = (name: string, nodeName: string) => ({ ...pod(name), spec: { containers: [], nodeName } });
    api.lists.set('/api/v1/pods', [on('a', 'n'), on('b', 'akswin000000')]);
    const platforms = async () => objectsOf(await read()).pods.map(({ platform }) => platform);
    expect(await platforms()).toEqual(['windows', 'windows']);
    api.forbidden.add('/api/v1/nodes');
    expect(await platforms()).toEqual([undefined, 'windows']);
    expect(await read()).toMatchObject({ status: 'read', forbiddenKinds: [] });
  });

  test('every run of a CronJob is the same workload', async () => {
    const ownedBy = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });
    api.lists.set('/apis/batch/v1/jobs', [meta('night-29061200', 'web', ownedBy('CronJob', 'night'))]);
    api.lists.set('/api/v1/pods', [pod('night-29061200-abcde', 'Succeeded', ownedBy('Job', 'night-29061200'))]);
    expect(objectsOf(await read()).pods.map((p) => p.owner)).toEqual([{ kind: 'CronJob', name: 'night' }]);
  });

  test('a policy that cannot be understood is a problem of its own', async () => {
    const path = '/apis/networking.k8s.io/v1/networkpolicies';
    api.lists.set(path, [{ ...meta('bad', 'web'), spec: { podSelector: {}, policyTypes: ['Sideways'] } }]);
    expect(objectsOf(await read()).problems).toMatchObject([{ path: 'spec.policyTypes[0]' }]);
  });

  test('asks for its address once, and for one token', async () => {
    const scopes: unknown[] = [];
    const reader = open({
      credential: {
        getToken: async (scope) => {
          if (scope === AKS_SCOPE) scopes.push(scope);
          return { token: TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 };
        },
      },
    });
    for (let scan = 0; scan < 3; scan++) objectsOf(await reader.read(shop, { scanId: 's' }, never));
    expect(arm.calls).toEqual(['listClusterUserCredential']);
    expect(scopes).toHaveLength(1);
  });
});

describe('policies of other makers', () => {
  const serve = (group: string, version: string, resource: string, kind: string, name: string): void => {
    api.groups = { ...api.groups, [group]: [...(api.groups?.[group] ?? []), version] };
    api.lists.set(`/apis/${group}/${version}/${resource}`, [{ ...meta(name, 'web'), kind, spec: {} }]);
  };

  test('of Cilium and Calico are read where they are served', async () => {
    serve('cilium.io', 'v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy', 'c');
    serve('cilium.io', 'v2', 'ciliumclusterwidenetworkpolicies', 'CiliumClusterwideNetworkPolicy', 'cc');
    serve('crd.projectcalico.org', 'v1', 'globalnetworkpolicies', 'GlobalNetworkPolicy', 'g');
    expect(objectsOf(await read()).foreignPolicies).toMatchObject([
      { kind: 'CiliumNetworkPolicy', namespace: 'web', name: 'c', family: 'cilium' },
      { kind: 'CiliumClusterwideNetworkPolicy', namespace: '', name: 'cc', family: 'cilium' },
      { kind: 'GlobalNetworkPolicy', namespace: '', name: 'g', family: 'calico' },
    ]);
  });

  test('of Calico are read once though they are served twice, and from its definitions when its API server is down', async () => {
    serve('projectcalico.org', 'v3', 'networkpolicies', 'NetworkPolicy', 'p');
    serve('crd.projectcalico.org', 'v1', 'networkpolicies', 'NetworkPolicy', 'p');
    expect(objectsOf(await read()).foreignPolicies).toHaveLength(1);
    for (const resource of ['globalnetworkpolicies', 'tiers', 'networksets', 'globalnetworksets'])
      api.lists.set(`/apis/crd.projectcalico.org/v1/${resource}`, []);
    api.intercept = (request, url, response) => {
      if (!url.pathname.startsWith('/apis/projectcalico.org/')) return false;
      send(request, response, 503, { kind: 'Status', message: 'service unavailable' });
      return true;
    };
    expect(objectsOf(await read()).foreignPolicies).toHaveLength(1);
  });

  test('of Calico are read in both groups: during a migration one of them is empty, or holds what the other lacks', async () => {
    const names = async () => objectsOf(await read()).foreignPolicies.map(({ group, name }) => `${group}/${name}`);
    serve('projectcalico.org', 'v3', 'networkpolicies', 'NetworkPolicy', 'p');
    serve('crd.projectcalico.org', 'v1', 'networkpolicies', 'NetworkPolicy', 'default.p');
    const [newer, older] = [
      '/apis/projectcalico.org/v3/networkpolicies',
      '/apis/crd.projectcalico.org/v1/networkpolicies',
    ];
    expect(await names()).toEqual(['projectcalico.org/p']);
    const kept = api.lists.get(newer)!;
    api.lists.set(newer, []);
    expect(await names()).toEqual(['crd.projectcalico.org/default.p']);
    api.lists.set(newer, kept).set(older, []);
    expect(await names()).toEqual(['projectcalico.org/p']);
    api.lists.set(older, [{ ...meta('default.q', 'web'), kind: 'NetworkPolicy', spec: {} }]);
    expect(await names()).toEqual(['projectcalico.org/p', 'crd.projectcalico.org/default.q']);
  });

  test.each(['projectcalico.org/v3', 'crd.projectcalico.org/v1'])(
    'of Calico are told when %s may not be listed, though the other group was read',
    async (forbidden) => {
      serve('projectcalico.org', 'v3', 'networkpolicies', 'NetworkPolicy', 'p');
      serve('crd.projectcalico.org', 'v1', 'networkpolicies', 'NetworkPolicy', 'q');
      api.forbidden.add(`/apis/${forbidden}/networkpolicies`);
      const found = await read();
      expect(found).toMatchObject({ forbiddenKinds: [`networkpolicies.${forbidden.split('/')[0]}`] });
      expect(objectsOf(found).foreignPolicies).toHaveLength(1);
    },
  );

  test('of Calico that cannot be read are no empty list: the cluster is asked again', async () => {
    serve('projectcalico.org', 'v3', 'networkpolicies', 'NetworkPolicy', 'p');
    serve('crd.projectcalico.org', 'v1', 'networkpolicies', 'NetworkPolicy', 'q');
    api.intercept = (request, url, response) => {
      if (!url.pathname.startsWith('/apis/crd.projectcalico.org/')) return false;
      send(request, response, 503, { kind: 'Status', message: 'service unavailable' });
      return true;
    };
    expect(await read()).toMatchObject({ status: 'unknown', reason: 'transient' });
  });

  test('that are forbidden are told by name, and the rest is read', async () => {
    serve('cilium.io', 'v2', 'ciliumnetworkpolicies', 'CiliumNetworkPolicy', 'c');
    api.forbidden.add('/apis/cilium.io/v2/ciliumnetworkpolicies');
    const found = await read();
    expect(found).toMatchObject({ status: 'read', forbiddenKinds: ['ciliumnetworkpolicies.cilium.io'] });
  });

  test('are judged without what only adds detail, which is named when it may not be listed', async () => {
    api.groups = undefined;
    const hints = ['ingresses', 'httproutes', 'serviceaccounts', 'rolebindings', 'endpointslices'];
    api.intercept = (request, url, response) => {
      if (!hints.some((resource) => url.pathname.endsWith(`/${resource}`))) return false;
      send(request, response, 403, { kind: 'Status', message: 'forbidden' });
      return true;
    };
    expect(await read()).toMatchObject({
      status: 'read',
      forbiddenKinds: [],
      unreadHints: [
        'ingresses.networking.k8s.io',
        'httproutes.gateway.networking.k8s.io',
        'serviceaccounts',
        'rolebindings.rbac.authorization.k8s.io',
        'endpointslices.discovery.k8s.io',
      ],
    });
  });

  test('that nobody installed are none, even where asking for them is forbidden', async () => {
    for (const path of ['cilium.io/v2/ciliumnetworkpolicies', 'crd.projectcalico.org/v1/tiers'])
      api.forbidden.add(`/apis/${path}`);
    expect(await read()).toMatchObject({ status: 'read', forbiddenKinds: [] });
  });

  test('are asked for one by one where the server does not tell what it serves', async () => {
    api.groups = undefined;
    api.forbidden.add('/apis/cilium.io/v2/ciliumnetworkpolicies');
    expect(await read()).toMatchObject({ status: 'read', forbiddenKinds: ['ciliumnetworkpolicies.cilium.io'] });
  });
});

describe('a cluster that need not be asked', () => {
  test.each<[string, Partial<Cluster>, string, RegExp]>([
    ['is stopped', { power: 'stopped' }, 'stopped', /az aks start --subscription \S+ -g rg -n shop/],
    [
      'has no Entra',
      { entra: false, localAccountsDisabled: false },
      'no-entra',
      /--enable-aad.*\n# Or let .*LOCAL_ACCOUNTS/,
    ],
    ['lets nobody in', { entra: false, localAccountsDisabled: true }, 'no-entra', /--enable-aad/],
    ['is being deleted', { provisioning: 'deleting' }, 'transient', /next scan/],
  ])('because it %s', async (_name, more, reason, remedy) => {
    expect(await read(more)).toMatchObject({ reason, remedy: expect.stringMatching(remedy) as string });
    expect([...arm.calls, ...api.requests]).toEqual([]);
  });
});

describe('failures', () => {
  const always = (code: number, message = 'no'): void => {
    api.intercept = (request, _url, response) => {
      send(request, response, code, { kind: 'Status', message });
      return true;
    };
  };

  test('may not have the address: says which role to grant', async () => {
    arm.kubeconfig = 403;
    expect(await read()).toMatchObject({
      reason: 'forbidden',
      remedy: expect.stringContaining('Azure Kubernetes Service Cluster User Role') as string,
    });
  });

  test('may not list: names all that is forbidden and what to grant, before the many pods are read', async () => {
    api.forbidden.add('/api/v1/namespaces').add('/apis/networking.k8s.io/v1/networkpolicies');
    expect(await read()).toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining('namespaces, networkpolicies.networking.k8s.io') as string,
      remedy: expect.stringContaining('Bulkhead Cluster Reader') as string,
    });
    expect(api.requests.filter((path) => path.startsWith('/api/v1/pods'))).toEqual([]);
    expect(await read({ azureRbac: false })).toMatchObject({
      remedy: expect.stringMatching(
        /kubectl apply -f infra\/roles\/cluster-role.yaml\nkubectl create clusterrolebinding bulkhead-reader .*--user/,
      ) as string,
    });
  });

  test('a token that is not accepted is forbidden', async () => {
    always(401);
    expect(await read()).toMatchObject({ reason: 'forbidden', message: expect.stringContaining('token') as string });
  });

  test('a server that cannot answer is transient, after tries', async () => {
    always(503);
    expect(await read()).toMatchObject({ reason: 'transient' });
    expect(api.requests).toHaveLength(3);
  });

  test('a server that is busy for a moment is read', async () => {
    const refused = new Set<string | undefined>();
    api.intercept = (request, _url, response) => {
      if (refused.has(request.url)) return false;
      refused.add(request.url);
      response.writeHead(429, { 'retry-after': '0' }).end();
      return true;
    };
    expect(await read()).toMatchObject({ status: 'read' });
  });

  test('a connection that breaks in the middle of a page is taken up, and nothing is there twice', async () => {
    const services = ['a', 'b'].map((name) => ({ ...meta(name, 'web'), spec: {} }));
    api.lists.set('/api/v1/services', services);
    let broken = false;
    api.intercept = (_request, url, response) => {
      if (broken || url.pathname !== '/api/v1/services') return false;
      broken = true;
      response.writeHead(200, { 'content-length': '9999' });
      response.write(`{"kind":"List","items":[${JSON.stringify(services[0])},`, () => response.socket?.end());
      return true;
    };
    expect(objectsOf(await read()).services.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(broken).toBe(true);
  });

  test('a list that expires while it is read is begun anew, but not for ever', async () => {
    api.lists.set(
      '/api/v1/namespaces',
      Array.from({ length: 501 }, (_, i) => meta(`n-${i}`)),
    );
    let left = 1;
    api.intercept = (request, url, response) => {
      if (!url.search.includes('continue') || left-- <= 0) return false;
      send(request, response, 410, { kind: 'Status', message: 'continue expired' });
      return true;
    };
    expect(objectsOf(await read()).namespaces).toHaveLength(501);
    left = 99;
    expect(await read()).toMatchObject({ reason: 'transient' });
  });

  test('pages that go round in circles are left', async () => {
    api.intercept = (request, url, response) => {
      if (url.pathname === '/apis') return false;
      send(request, response, 200, { kind: 'List', metadata: { continue: 'again' }, items: [] });
      return true;
    };
    expect(await read()).toMatchObject({ reason: 'error' });
  });

  test.each<[string, string]>([
    ['HTML', '<html>sign in</html>'],
    ['no list', '{"kind":"Status","status":"Success"}'],
  ])('%s instead of a list is an error', async (_name, body) => {
    api.intercept = (_request, url, response) => {
      if (url.pathname === '/apis') return false;
      response.end(body);
      return true;
    };
    expect(await read()).toMatchObject({ reason: 'error' });
  });

  test('a server that hangs is a timeout', async () => {
    api.intercept = () => true;
    const impatient = { ...limits, connection: { ...limits.connection, timeoutMs: 100 } };
    expect(await read({}, { limits: impatient })).toMatchObject({ reason: 'timeout' });
  });

  test('a cluster that takes too long in all is a timeout', async () => {
    api.intercept = () => true;
    expect(await read({}, { limits: { ...limits, totalMs: 100 } })).toMatchObject({ reason: 'timeout' });
  });

  test('a caller that is shut down gets no verdict', async () => {
    api.intercept = () => true;
    const controller = new AbortController();
    const reading = open().read(shop, { scanId: 's' }, controller.signal);
    queueMicrotask(() => controller.abort());
    await expect(reading).rejects.toThrow(/abort/i);
  });

  test.each<[string, Partial<ReaderLimits>]>([
    ['objects', { bounds: { ...limits.bounds, objects: 100 } }],
    ['bytes in all', { bounds: { ...limits.bounds, bytes: 10_000 } }],
    ['bytes over the network', { bounds: { ...limits.bounds, packedBytes: 1_500 } }],
    ['bytes in one object', { connection: { ...limits.connection, maxResponseBytes: 100 } }],
    ['bytes of memory', { room: { ...limits.room, mostBytes: 10_000 } }],
  ])('too many %s are too large, never a part taken for the whole', async (_name, more) => {
    api.lists.set(
      '/api/v1/pods',
      Array.from({ length: 200 }, (_, i) => pod(`p-${i}`)),
    );
    expect(await read({}, { limits: { ...limits, ...more } })).toMatchObject({ reason: 'too-large' });
  });

  test('more objects of a kind than are read are too large where they decide, and left out where they only add detail', async () => {
    const many = Array.from({ length: 20_001 }, (_, i) => meta(`m-${i}`, 'web'));
    api.lists.set('/api/v1/serviceaccounts', many);
    expect(await read()).toMatchObject({ status: 'read', unreadHints: ['serviceaccounts'] });
    api.lists.set('/apis/networking.k8s.io/v1/networkpolicies', many);
    expect(await read()).toMatchObject({
      reason: 'too-large',
      message: expect.stringMatching(
        /too many networkpolicies\.networking\.k8s\.io: more than 20000.*Counted until then/,
      ) as string,
    });
  });

  test('a certificate of somebody else is an error that says so, and no token is sent', async () => {
    const other = await createAuthority();
    arm.kubeconfig = kubeconfig(api.url, other.cert);
    expect(await read()).toMatchObject({
      reason: 'error',
      message: expect.stringMatching(/certificate/) as string,
    });
    expect(api.requests).toEqual([]);
  });

  test.each<[string, Partial<Cluster>, string, RegExp]>([
    ['private', { privateApi: true }, 'private', /VNet/],
    [
      'closed to this address',
      { authorizedIpRanges: ['203.0.113.0/24'] },
      'ip-restricted',
      /203\.0\.113\.0\/24,OUTBOUND/,
    ],
    ['away', {}, 'transient', /next scan/],
  ])('an address that nobody answers, of a cluster that is %s', async (_name, more, reason, remedy) => {
    const port = await freePort();
    arm.kubeconfig = kubeconfig(`https://127.0.0.1:${port}`, authority.cert);
    expect(await read(more)).toMatchObject({ reason, remedy: expect.stringMatching(remedy) as string });
  });

  test('a name that nobody knows, of a private cluster', async () => {
    arm.kubeconfig = kubeconfig('https://shop.privatelink.invalid', authority.cert);
    expect(await read({ privateApi: true })).toMatchObject({ reason: 'private' });
  });

  test('what is not a kubeconfig is an error', async () => {
    arm.kubeconfig = 'nonsense';
    expect(await read()).toMatchObject({ reason: 'error', message: expect.stringContaining('kubeconfig') as string });
  });

  test('no failure tells the token', async () => {
    always(500, `Bearer ${TOKEN}`);
    const found = await read();
    expect(JSON.stringify(found)).not.toContain(TOKEN);
  });
});

test('a cluster of a delegated subscription is not asked anything: roles inside it cannot be delegated', async () => {
  const homeTenant = '7d1b1c52-7a3e-4ed0-8f0d-5b7e2d6c1a22';
  expect(await read({ homeTenant })).toMatchObject({
    reason: 'delegated',
    message: expect.stringContaining(`belongs to tenant ${homeTenant}`) as string,
  });
  expect(open().needsAddress!({ ...shop, homeTenant })).toBe(false);
  expect([...arm.calls, ...api.requests]).toEqual([]);
});

describe('what is remembered', () => {
  test('gives way when the CA was rotated', async () => {
    const reader = open();
    const scan = (): Promise<InCluster> => reader.read(shop, { scanId: 's' }, never);
    expect(await scan()).toMatchObject({ status: 'read' });
    const other = await createAuthority();
    const moved = await startApiServer(other);
    try {
      arm.kubeconfig = kubeconfig(moved.url, other.cert);
      api.intercept = (request, _url, response) => {
        send(request, response, 401, { kind: 'Status', message: 'who are you' });
        return true;
      };
      expect(await scan()).toMatchObject({ status: 'read' });
      expect(arm.calls).toHaveLength(2);
    } finally {
      await moved.close();
    }
  });

  test('outlives the process, and holds no secret', async () => {
    const rations = memoryRations();
    const kept: ApiAddress[] = [];
    const watched: Rations = {
      ...rations,
      keepAddress: async (cluster, address) => {
        kept.push(address);
        await rations.keepAddress(cluster, address);
      },
    };
    const account = { token: 'of-an-admin' };
    arm.kubeconfig = kubeconfig(api.url, authority.cert, account);
    await read({}, { rations: watched, allowLocalAccounts: true });
    expect(await read({}, { rations: watched, allowLocalAccounts: true })).toMatchObject({ status: 'read' });
    expect(arm.calls).toHaveLength(1);
    expect(kept).toEqual([{ server: api.url, ca: authority.cert }]);
    await read({ entra: false }, { rations: watched, allowLocalAccounts: true });
    expect(kept).toHaveLength(1);
  });

  test('of a private cluster that no way leads to is asked for again after hours, not by every scan', async () => {
    const rations = memoryRations();
    await rations.keepAddress(shop, { server: `https://127.0.0.1:${await freePort()}`, ca: authority.cert });
    const scanAfter = (ms: number): Promise<InCluster> =>
      read({ privateApi: true }, { rations, clock: { now: () => new Date(Date.now() + ms) } });
    await scanAfter(60_000);
    await scanAfter(2 * 60_000);
    expect(arm.calls).toHaveLength(0);
    await scanAfter(limits.doubtMs + 60_000);
    expect(await scanAfter(limits.doubtMs + 60_000)).toMatchObject({ status: 'read' });
    expect(arm.calls).toHaveLength(1);
  });

  test('a turn that was reserved is not asked for a second time', async () => {
    const rations = memoryRations(() => undefined);
    const found = await open({ rations }).read(shop, { scanId: 's', addressTurn: true }, never);
    expect(found).toMatchObject({ status: 'read' });
  });

  test('is bounded, and the oldest gives way', async () => {
    const asked: string[] = [];
    const rations: Rations = {
      ...memoryRations(),
      address: async ({ id }) => {
        asked.push(id.slice(shop.id.length));
        return undefined;
      },
    };
    const reader = open({ rations, limits: { ...limits, rememberClusters: 2 } });
    const scan = (name: string): Promise<InCluster> =>
      reader.read({ ...shop, id: `${shop.id}-${name}` }, { scanId: 's' }, never);
    for (const name of ['a', 'b', 'c', 'c', 'b', 'a']) await scan(name);
    expect(asked).toEqual(['-a', '-b', '-c', '-a']);
  });

  test('more new clusters than Azure gives addresses for wait for the next scan', async () => {
    const found = await read({}, { rations: memoryRations(() => undefined) });
    expect(found).toMatchObject({
      reason: 'transient',
      message: expect.stringContaining('one call a second') as string,
    });
    expect(arm.calls).toHaveLength(0);
  });
});

describe('clusters without Entra', () => {
  const local: Partial<Cluster> = { entra: false, azureRbac: false, localAccountsDisabled: false };

  test('are read by their local account where that is allowed', async () => {
    arm.kubeconfig = kubeconfig(api.url, authority.cert, { token: TOKEN });
    expect(await read(local, { allowLocalAccounts: true })).toMatchObject({ status: 'read' });
  });

  test('a local account is never used for a cluster with Entra', async () => {
    arm.kubeconfig = kubeconfig(api.url, authority.cert, { token: TOKEN });
    const credential = { getToken: async () => ({ token: 'of-entra', expiresOnTimestamp: Date.now() + 3_600_000 }) };
    expect(await read({}, { allowLocalAccounts: true, credential })).toMatchObject({ reason: 'forbidden' });
  });
});

describe('the run command', () => {
  const lonely: Partial<Cluster> = { privateApi: true, runCommandDisabled: false };
  const pack = (text: string): string =>
    gzipSync(text)
      .toString('base64')
      .replaceAll(/(.{76})/g, '$1\n');
  beforeEach(async () => {
    arm.kubeconfig = kubeconfig(`https://127.0.0.1:${await freePort()}`, authority.cert);
  });

  test('is never used unless it is switched on, allowed by the cluster and needed', async () => {
    arm.runCommand = () => ({ exitCode: 1, logs: '' });
    expect(await read(lonely)).toMatchObject({ reason: 'private' });
    expect(await read({ ...lonely, runCommandDisabled: true }, { runCommand: true })).toMatchObject({
      reason: 'private',
    });
    expect(await read({ runCommandDisabled: false }, { runCommand: true })).toMatchObject({ reason: 'transient' });
    expect(arm.calls).not.toContain('runCommand');
  });

  const output = (more: (resource: string) => string | undefined): string =>
    `${sectionsOf()
      .map(
        ({ resource }, i) =>
          `#${i}\n${more(resource) ?? "\n#failed\nerror: the server doesn't have a resource type"}\n`,
      )
      .join('')}#end\n`;
  const empty = (resource: string): string | undefined =>
    resource === 'namespaces' || resource === 'networkpolicies.networking.k8s.io'
      ? '{"items":[]}'
      : ['pods', 'services', 'daemonsets.apps'].includes(resource)
        ? ''
        : undefined;

  test('reads a private cluster to which no way leads', async () => {
    arm.runCommand = () => ({ exitCode: 0, logs: pack(output(empty)) });
    expect(await read(lonely, { runCommand: true })).toMatchObject({ status: 'read', forbiddenKinds: [] });
  });

  test('that finds no pods at all where there must be a list of them is an error', async () => {
    arm.runCommand = () => ({ exitCode: 0, logs: pack(output((name) => (name === 'pods' ? undefined : empty(name)))) });
    expect(await read(lonely, { runCommand: true })).toMatchObject({ reason: 'error' });
  });

  test.each<[string, string, string]>([
    ['unpacks to more than any', 'namespaces', ' '.repeat(20_000_000)],
    ['has an object of more values than any', 'namespaces', `{"items":[{"a":[${'[],'.repeat(500_000)}[]]}]}`],
    ['has a row that is longer than any', 'pods', 'x'.repeat(600_000)],
    ['has more objects than one read may', 'pods', `a\tb${'\t'.repeat(13)}\n`.repeat(500_001)],
  ])('whose output %s is too large', async (_name, resource, part) => {
    const logs = pack(output((name) => (name === resource ? part : empty(name))));
    arm.runCommand = () => ({ exitCode: 0, logs });
    expect(await read(lonely, { runCommand: true })).toMatchObject({
      reason: 'too-large',
      message: expect.stringContaining('Counted until then') as string,
    });
  });

  test('whose output is cut off is truncated', async () => {
    const noise = randomBytes(400_000).toString('hex');
    arm.runCommand = () => ({ exitCode: 0, logs: pack(noise).slice(0, 512_000) });
    expect(await read(lonely, { runCommand: true })).toMatchObject({ reason: 'truncated' });
  });

  test.each<[string, { exitCode: number; logs: string }]>([
    ['fails', { exitCode: 127, logs: 'sh: kubectl: not found' }],
    ['writes something else', { exitCode: 0, logs: 'hello' }],
    ['ends before its end', { exitCode: 0, logs: pack('#0\n{"items":[]}\n') }],
  ])('that %s is an error', async (_name, result) => {
    arm.runCommand = () => result;
    expect(await read(lonely, { runCommand: true })).toMatchObject({ reason: 'error' });
  });

  test('passes the token of Entra on', async () => {
    const tokens: unknown[] = [];
    arm.runCommand = (_command, token) => {
      tokens.push(token);
      return { exitCode: 1, logs: '' };
    };
    await read(lonely, { runCommand: true });
    expect(tokens).toEqual([TOKEN]);
  });
});

/** @returns a port on which nothing listens */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}
