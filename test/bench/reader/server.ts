// A fake API server and the one ARM call to reach it, in a process of their own: pods as real clusters have them, every page made beforehand.
import { createServer as createHttpServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { kubeconfig } from '../../estate/kubernetes/api-server.ts';
import { createAuthority, serverCertificate } from '../../estate/kubernetes/api-server.ts';

const PODS = Number(process.argv[2] ?? 20_000);
const PAGE = 500;

/** About 6.9 KB of JSON, as a pod of a Deployment with one container and its injected volume has. */
function makePod(index: number): unknown {
  const app = `app-${index % 400}`;
  const namespace = `team-${index % 100}`;
  const name = `${app}-7d9f8b6c5-${index.toString(36).padStart(5, '0')}`;
  const env = Array.from({ length: 12 }, (_, i) => ({
    name: `SETTING_${i}`,
    value: `${app}-value-${i}`.padEnd(40, 'x'),
  }));
  const managedFields = Array.from({ length: 2 }, (_, i) => ({
    manager: i === 0 ? 'kube-controller-manager' : 'kubelet',
    operation: 'Update',
    time: '2026-11-20T10:00:00Z',
    fieldsV1: Object.fromEntries(
      Array.from({ length: 20 }, (__, f) => [`f:field-${f}-${'y'.repeat(20)}`, { '.': {}, 'f:x': {} }]),
    ),
  }));
  return {
    metadata: {
      name,
      generateName: `${app}-7d9f8b6c5-`,
      namespace,
      uid: `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      resourceVersion: String(1_000_000 + index),
      creationTimestamp: '2026-11-20T10:00:00Z',
      labels: {
        app,
        'app.kubernetes.io/name': app,
        'app.kubernetes.io/part-of': namespace,
        tier: index % 3 === 0 ? 'frontend' : 'backend',
        version: `v${index % 5}`,
        'pod-template-hash': '7d9f8b6c5',
      },
      annotations: { 'checksum/config': 'a'.repeat(64), 'prometheus.io/scrape': 'true' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app}-7d9f8b6c5`,
          uid: 'u'.repeat(36),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields,
    },
    spec: {
      volumes: [
        {
          name: 'kube-api-access-x',
          projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }] },
        },
      ],
      containers: [
        {
          name: 'main',
          image: `registry.example.com/${app}:1.2.3`,
          ports: [
            { name: 'http', containerPort: 8080, protocol: 'TCP' },
            { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
          ],
          env,
          resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '50m', memory: '128Mi' } },
          livenessProbe: { httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' }, periodSeconds: 10 },
        },
      ],
      nodeName: `aks-nodepool1-12345678-vmss${String(index % 300).padStart(6, '0')}`,
      tolerations: Array.from({ length: 3 }, (_, i) => ({
        key: `node.kubernetes.io/state-${i}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
    },
    status: {
      phase: 'Running',
      conditions: Array.from({ length: 5 }, (_, i) => ({
        type: `Condition${i}`,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: '2026-11-20T10:00:00Z',
      })),
      hostIP: `10.0.${index % 200}.4`,
      podIP: `10.244.${(index >> 8) & 255}.${index & 255}`,
      podIPs: [{ ip: `10.244.${(index >> 8) & 255}.${index & 255}` }],
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          restartCount: 0,
          image: `registry.example.com/${app}:1.2.3`,
          imageID: `registry.example.com/${app}@sha256:${'b'.repeat(64)}`,
          containerID: `containerd://${'c'.repeat(64)}`,
          started: true,
        },
      ],
      padding: 'z'.repeat(900),
    },
  };
}

const list = (items: unknown[], next?: number): Buffer =>
  gzipSync(
    JSON.stringify({
      kind: 'List',
      apiVersion: 'v1',
      metadata: next === undefined ? {} : { continue: String(next) },
      items,
    }),
    { level: 1 },
  );

let bytes = 0;
const pages = Array.from({ length: Math.ceil(PODS / PAGE) }, (_, page) => {
  const start = page * PAGE;
  const items = Array.from({ length: Math.min(PAGE, PODS - start) }, (__, i) => makePod(start + i));
  bytes += Buffer.byteLength(JSON.stringify(items));
  return list(items, start + PAGE < PODS ? start + PAGE : undefined);
});
const namespaces = list(
  Array.from({ length: 100 }, (_, i) => ({ metadata: { name: `team-${i}`, labels: { team: `${i}` } } })),
);
const none = list([]);

const answer: RequestListener = (request, response) => {
  const url = new URL(request.url ?? '/', 'https://api');
  if (url.pathname === '/apis') {
    const groups = ['apps', 'batch', 'networking.k8s.io'].map((name) => ({ name, versions: [{ version: 'v1' }] }));
    response.end(JSON.stringify({ kind: 'APIGroupList', groups }));
    return;
  }
  response.setHeader('content-encoding', 'gzip');
  if (url.pathname === '/api/v1/namespaces') response.end(namespaces);
  else if (url.pathname === '/api/v1/pods' && url.search.includes('!%3D'))
    response.end(pages[Number(url.searchParams.get('continue') ?? 0) / PAGE]);
  else response.end(none);
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
