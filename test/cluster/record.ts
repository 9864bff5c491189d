// Records what a real API server answers, as fixtures of the unit tests: `npm run test:cluster -- --kubeconfig FILE --record`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from '../../infra/local/kubernetes/object.ts';
import { METADATA_LIST } from '../../shared/estate/kubernetes/lists.ts';
import { PROTOBUF_TYPE } from '../../shared/estate/kubernetes/protobuf/list.ts';
import type { Recording } from '../estate/kubernetes/recorded.ts';
import type { Account } from './account.ts';
import type { Report } from './check.ts';
import type { Answer, Client } from './client.ts';
import { openClient } from './client.ts';
import type { Fixture } from './fixture.ts';
import { accountWith } from './rights.ts';

const FOLDER = fileURLToPath(new URL('../estate/kubernetes/recorded', import.meta.url));
/** Headers that mean something to a client. */
const HEADERS = ['content-type', 'content-encoding', 'retry-after', 'cache-control'];

interface Request {
  readonly path: string;
  readonly method?: string;
  readonly accept?: string;
  readonly as?: 'nobody' | 'stranger' | 'throttled';
  /** The body is too large to keep: only its headers are. */
  readonly headersOnly?: boolean;
}

export async function record(account: Account, admin: Client, fixture: Fixture, report: Report): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const open = `/api/v1/namespaces/${fixture.namespace('open')}`;
  const first = parsed(await admin.request('GET', `${open}/pods?limit=1`));
  const next = String(first.metadata.continue);
  const version = String(first.metadata.resourceVersion);
  const full = `/api/v1/namespaces/${fixture.namespace('plain')}/pods`;
  const requests: Readonly<Record<string, Request>> = {
    version: { path: '/version' },
    groups: { path: '/apis' },
    'page-first': { path: `${open}/pods?limit=1` },
    'page-last': { path: `${open}/pods?limit=500&continue=${next}` },
    'page-selected': { path: `${open}/pods?limit=1&fieldSelector=status.phase%21%3DFailed` },
    'page-at-version': {
      path: `${open}/pods?limit=1&resourceVersion=${version}&resourceVersionMatch=Exact`,
    },
    'partial-page': { path: `${open}/pods?limit=1`, accept: METADATA_LIST },
    'partial-empty': { path: `${open}/services?limit=500`, accept: METADATA_LIST },
    'empty-built-in': { path: `${open}/services?limit=500` },
    'empty-custom': {
      path: `/apis/cilium.io/v2/namespaces/${fixture.namespace('open')}/ciliumnetworkpolicies?limit=500`,
    },
    'page-custom': {
      path: `/apis/cilium.io/v2/namespaces/${fixture.namespace('cilium')}/ciliumnetworkpolicies?limit=1`,
    },
    namespace: { path: `/api/v1/namespaces/${fixture.namespace('open')}` },
    unauthorized: { path: '/api/v1/pods?limit=500', as: 'nobody' },
    forbidden: { path: '/api/v1/pods?limit=500', as: 'stranger' },
    'forbidden-custom': { path: '/apis/cilium.io/v2/ciliumnetworkpolicies?limit=500', as: 'stranger' },
    throttled: { path: '/api/v1/pods?limit=500', as: 'throttled' },
    'not-found-path': { path: '/apis/cilium.io/v2/ciliumnothings' },
    'not-found-object': { path: `${open}/pods/nobody` },
    'not-allowed': { path: '/api/v1/pods', method: 'PUT' },
    'bad-continue': { path: '/api/v1/pods?limit=500&continue=nonsense' },
    'bad-selector': { path: '/api/v1/pods?limit=500&fieldSelector=spec.nothing%3Da' },
    'version-gone': { path: '/api/v1/pods?limit=500&resourceVersion=1&resourceVersionMatch=Exact' },
    'version-to-come': {
      path: `/api/v1/pods?limit=500&resourceVersion=${Number(version) + 1_000_000}&resourceVersionMatch=Exact`,
    },
    'version-missing': { path: '/api/v1/pods?limit=500&resourceVersionMatch=Exact' },
    'version-and-continue': {
      path: `${open}/pods?limit=500&resourceVersion=${version}&resourceVersionMatch=Exact&continue=${next}`,
    },
    compressed: { path: `${open}/configmaps?limit=500`, headersOnly: true },
    // The same twice, so that one can be held against the other.
    'pods-json': { path: `${full}?limit=1` },
    'pods-protobuf': { path: `${full}?limit=1`, accept: PROTOBUF_TYPE },
    'nodes-json': { path: `/api/v1/nodes?labelSelector=test%3D${fixture.prefix}` },
    'nodes-protobuf': { path: `/api/v1/nodes?labelSelector=test%3D${fixture.prefix}`, accept: PROTOBUF_TYPE },
    'forbidden-protobuf': { path: '/api/v1/pods?limit=500', as: 'stranger', accept: PROTOBUF_TYPE },
  };
  await createFullPod(admin, fixture, full);
  await createNode(admin, fixture);
  await fixture.create({
    ...({ data: { large: 'x'.repeat(200_000) } } as object),
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'large', namespace: fixture.namespace('open') },
  });
  const clients = await clientsOf(account, admin, fixture);
  try {
    for (const [name, request] of Object.entries(requests)) {
      const client = clients[request.as ?? 'admin']!;
      const answer = await (request.as === 'throttled' ? untilThrottled : ask)(client, request);
      const text = JSON.stringify(recordingOf(request, answer, fixture), undefined, 2);
      writeFileSync(`${FOLDER}/${name}.json`, `${text}\n`);
      report.note(`${answer.status} ${name}`);
    }
  } finally {
    await admin.json('PATCH', `${full}/everything`, { metadata: { finalizers: null } });
    for (const [name, other] of Object.entries(clients)) if (name !== 'admin') await other.close();
  }
}

const ask = (client: Client, { method = 'GET', path, accept, headersOnly }: Request): Promise<Answer> =>
  client.request(method, path, undefined, {
    ...(accept ? { accept } : {}),
    ...(headersOnly ? { 'accept-encoding': 'gzip' } : {}),
  });

const parsed = ({ bytes }: Answer) =>
  JSON.parse(bytes.toString('utf8')) as { metadata: Readonly<Record<string, unknown>> };

/** Names of this run become names of no run, so that recording again changes nothing that means nothing. */
function recordingOf(
  { method = 'GET', path, accept, headersOnly }: Request,
  answer: Answer,
  fixture: Fixture,
): Recording {
  const isProtobuf = answer.headers['content-type']?.startsWith(PROTOBUF_TYPE);
  const text = answer.bytes.toString('utf8').replaceAll(fixture.prefix, 'recorded');
  const isJson = answer.headers['content-type']?.startsWith('application/json');
  return {
    request: { method, path: path.replaceAll(fixture.prefix, 'recorded'), ...(accept ? { accept } : {}) },
    status: answer.status,
    headers: Object.fromEntries(
      HEADERS.flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]]] : [])),
    ),
    ...(headersOnly
      ? {}
      : isProtobuf
        ? { base64: answer.bytes.toString('base64') }
        : { body: isJson ? (JSON.parse(text) as unknown) : text }),
  };
}

/** A pod with everything that is read of pods, on its way out. */
async function createFullPod(admin: Client, fixture: Fixture, pods: string): Promise<void> {
  const image = 'example.org/none';
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'everything',
      namespace: fixture.namespace('plain'),
      labels: { app: 'everything', empty: '', 'example.org/long-name': 'v1.2_3' },
      annotations: { 'example.org/note': 'Größe: 3 €' },
      finalizers: ['example.org/stays'],
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'everything-1', uid: '1', controller: true },
        { apiVersion: 'example.org/v1', kind: 'Thing', name: 'other', uid: '2' },
      ],
    },
    spec: {
      schedulerName: 'bulkhead-test',
      automountServiceAccountToken: false,
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      os: { name: 'linux' },
      containers: [
        {
          name: 'main',
          image,
          command: ['run', ''],
          args: ['--to=http://orders.shop:8080', '--größe=3'],
          env: [
            { name: 'DB_HOST', value: 'db.data' },
            { name: 'EMPTY' },
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          ports: [{ containerPort: 8080 }, { name: 'dns', containerPort: 53, hostPort: 53, protocol: 'UDP' }],
        },
        { name: 'silent', image },
      ],
      initContainers: [
        { name: 'setup', image },
        { name: 'proxy', image, restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 15001 }] },
      ],
    },
  };
  await fixture.create(pod);
  await admin.json('PATCH', `${pods}/everything/status`, {
    status: { phase: 'Running', podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }, { ip: 'fd00::3' }] },
  });
  await admin.remove(`${pods}/everything`);
}

/** A node that no kubelet stands behind. */
async function createNode(admin: Client, fixture: Fixture): Promise<void> {
  const { prefix } = fixture;
  const node: KubeObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: prefix, labels: { test: prefix, 'kubernetes.io/os': 'windows' } },
    spec: { podCIDR: '10.244.9.0/24', podCIDRs: ['10.244.9.0/24', 'fd00:9::/64'], unschedulable: true },
  };
  await fixture.create(node);
  await admin.json('PATCH', `/api/v1/nodes/${prefix}/status`, {
    status: {
      addresses: [
        { type: 'InternalIP', address: '10.224.0.9' },
        { type: 'Hostname', address: prefix },
      ],
      images: [{ names: ['example.org/none:1'], sizeBytes: 123_456_789 }],
    },
  });
}

/** Those who may not, and one whose requests are all refused by API Priority and Fairness. */
async function clientsOf(account: Account, admin: Client, fixture: Fixture): Promise<Readonly<Record<string, Client>>> {
  const stranger = await accountWith(admin, fixture, 'stranger', [], account);
  const throttled = await accountWith(admin, fixture, 'throttled', [], account);
  for (const object of throttling(fixture.prefix, fixture.namespace('open'))) await fixture.create(object);
  const clients = {
    admin,
    nobody: openClient({ ...stranger, token: 'nobody' }),
    stranger: openClient(stranger),
    throttled: openClient(throttled),
  };
  return clients;
}

/** One request at a time is let through and the others are refused: many at once bring a refusal. */
async function untilThrottled(client: Client, request: Request): Promise<Answer> {
  for (let tries = 0; tries < 50; tries++) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(client, request)));
    const refused = answers.find(({ status }) => status === 429);
    if (refused) return refused;
  }
  throw new Error('the API server did not throttle');
}

function throttling(name: string, namespace: string): readonly KubeObject[] {
  const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
  const metadata = { name };
  const subjects = [{ kind: 'ServiceAccount', serviceAccount: { name: 'throttled', namespace } }];
  const resourceRules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }];
  return [
    {
      apiVersion,
      kind: 'PriorityLevelConfiguration',
      metadata,
      spec: {
        type: 'Limited',
        limited: {
          nominalConcurrencyShares: 0,
          lendablePercent: 0,
          limitResponse: { type: 'Reject' },
          borrowingLimitPercent: 0,
        },
      },
    },
    {
      apiVersion,
      kind: 'FlowSchema',
      metadata,
      spec: {
        priorityLevelConfiguration: { name },
        matchingPrecedence: 2,
        rules: [{ subjects, resourceRules }],
      },
    },
  ];
}
