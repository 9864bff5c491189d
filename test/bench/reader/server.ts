// A fake API server and the one ARM call to reach it, in a process of their own: pods as real clusters have them, every page made beforehand.
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { createAuthority, kubeconfig, serverCertificate } from '../../estate/kubernetes/api-server.ts';
import { generateCluster } from '../network.ts';

const PODS = Number(process.argv[2] ?? 20_000);
const PAGE = 500;

type Raw = Readonly<Record<string, unknown>>;

/** Fills a pod up to about 6.9 KB of JSON, as one of a Deployment with one container and its injected volume has. */
function asServed(pod: Raw, index: number): unknown {
  const { metadata, spec, status } = pod as {
    metadata: Raw & { labels: Raw };
    spec: { containers: Raw[] };
    status: Raw;
  };
  const app = String(metadata.labels['app']);
  const managedFields = Array.from({ length: 2 }, () => ({
    manager: 'kube-controller-manager',
    operation: 'Update',
    time: '2026-11-20T10:00:00Z',
    fieldsV1: Object.fromEntries(
      Array.from({ length: 24 }, (_, f) => [`f:field-${f}-${'y'.repeat(24)}`, { 'f:x': {} }]),
    ),
  }));
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `${app}-7d9f8b6c5`,
    uid: 'u'.repeat(36),
    controller: true,
  };
  return {
    metadata: {
      ...metadata,
      uid: `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: '2026-11-20T10:00:00Z',
      labels: { ...metadata.labels, 'app.kubernetes.io/name': app, 'pod-template-hash': '7d9f8b6c5' },
      annotations: { 'checksum/config': 'a'.repeat(64), 'prometheus.io/scrape': 'true' },
      ownerReferences: [owner],
      managedFields,
    },
    spec: {
      volumes: [{ name: 'kube-api-access-x', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
      containers: spec.containers.map((container) => ({
        name: 'main',
        image: `registry.example.com/${app}:1.2.3`,
        ...container,
        env: Array.from({ length: 14 }, (_, i) => ({ name: `SETTING_${i}`, value: `${app}-${i}`.padEnd(40, 'x') })),
        resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '50m', memory: '128Mi' } },
        livenessProbe: { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10 },
      })),
      nodeName: `aks-nodepool1-12345678-vmss${String(index % 300).padStart(6, '0')}`,
    },
    status: {
      ...status,
      phase: 'Running',
      conditions: Array.from({ length: 5 }, (_, i) => ({
        type: `Condition${i}`,
        status: 'True',
        lastTransitionTime: '2026-11-20T10:00:00Z',
      })),
      podIPs: [{ ip: status['podIP'] }],
      containerStatuses: [{ name: 'main', ready: true, imageID: 'b'.repeat(100), containerID: 'c'.repeat(80) }],
      qosClass: 'z'.repeat(900),
    },
  };
}

const list = (items: unknown[], next?: number): Buffer =>
  gzipSync(
    JSON.stringify({
      kind: 'List',
      apiVersion: 'v1',
      metadata: { resourceVersion: '1', ...(next === undefined ? {} : { continue: String(next) }) },
      items,
    }),
    { level: 1 },
  );

const raws = generateCluster({ pods: PODS, namespaces: 1_000, policies: 2_000, unique: false }) as Raw[];
const ofKind = (kind: string): Raw[] => raws.filter((raw) => raw['kind'] === kind);

let bytes = 0;
/** @returns the pages of a list, packed */
function pagesOf(items: readonly unknown[]): Buffer[] {
  return Array.from({ length: Math.ceil(items.length / PAGE) }, (_, page) => {
    const next = (page + 1) * PAGE;
    const part = items.slice(page * PAGE, next);
    bytes += Buffer.byteLength(JSON.stringify(part));
    return list(part, next < items.length ? next : undefined);
  });
}
const lists: Readonly<Record<string, Buffer[]>> = {
  '/api/v1/namespaces': pagesOf(ofKind('Namespace')),
  '/apis/networking.k8s.io/v1/networkpolicies': pagesOf(ofKind('NetworkPolicy')),
  '/api/v1/pods': pagesOf(ofKind('Pod').map(asServed)),
};
const none = list([]);

const answer: RequestListener = (request, response) => {
  const url = new URL(request.url ?? '/', 'https://api');
  if (url.pathname === '/apis') {
    const groups = ['apps', 'batch', 'networking.k8s.io'].map((name) => ({ name, versions: [{ version: 'v1' }] }));
    response.end(JSON.stringify({ kind: 'APIGroupList', groups }));
    return;
  }
  response.setHeader('content-encoding', 'gzip');
  const pages = lists[url.pathname];
  response.end(pages?.[Number(url.searchParams.get('continue') ?? 0) / PAGE] ?? none);
};

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
};

const authority = await createAuthority();
const port = await listen(createServer(await serverCertificate(authority), answer));
const value = Buffer.from(kubeconfig(`https://127.0.0.1:${port}`, authority.cert)).toString('base64');
const arm = await listen(
  createHttpServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ kubeconfigs: [{ name: 'clusterUser', value }] }));
  }),
);
process.stdout.write(`${JSON.stringify({ endpoint: `https://127.0.0.1:${arm}`, bytes })}\n`);
