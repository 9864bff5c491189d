// A small API server over TLS for tests: lists from plain objects, in pages, with field selectors, tokens and failures on demand.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { answerBody } from '../../../infra/local/kubernetes/protobuf.ts';

export interface Authority {
  readonly cert: string;
  readonly key: string;
}

export const TOKEN = 'kubernetes-token';

/** @returns a CA that signs the certificates of API servers */
export async function createAuthority(): Promise<Authority> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'test-ca' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
    ],
  });
  return { cert, key };
}

/** @returns a certificate for 127.0.0.1 */
export async function serverCertificate(authority: Authority): Promise<Authority> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'api' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: authority,
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { cert, key };
}

/** What servers of this thread speak from now on: real API servers speak HTTP/2 with every client that can. */
export function speak(spoken: typeof protocol): void {
  protocol = spoken;
}
let protocol: 'http/1.1' | 'h2' = 'http/1.1';

type Handler = (request: IncomingMessage, url: URL, response: ServerResponse) => boolean;

export interface FakeApiServer {
  readonly url: string;
  /** Objects by the path of their list, for instance `/api/v1/pods`. */
  readonly lists: Map<string, unknown[]>;
  /** Paths that answer 403. */
  readonly forbidden: Set<string>;
  /** Paths and queries that were asked for. */
  readonly requests: string[];
  /** Comes first; true when it has answered, or never will. */
  intercept: Handler;
  /** How long a list can still be had as it was: so many lists later it is forgotten (410). */
  keeps: number;
  /** Whether it knows `resourceVersionMatch=Exact`: API servers behind the API server may give what is there now. */
  exact: boolean;
  /** What `GET /apis` tells; undefined answers 404. */
  groups: Readonly<Record<string, readonly string[]>> | undefined;
  close(): Promise<void>;
}

const CORE = ['namespaces', 'pods', 'services'].map((name) => `/api/v1/${name}`);
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  apps: ['v1'],
  batch: ['v1'],
  'networking.k8s.io': ['v1'],
};

interface State extends Omit<FakeApiServer, 'url' | 'close'> {
  /** All lists as they were; the place in it is the resource version, less one. */
  readonly history: ReadonlyMap<string, readonly unknown[]>[];
}

export async function startApiServer(authority: Authority): Promise<FakeApiServer> {
  const lists = new Map<string, unknown[]>();
  for (const path of [
    ...CORE,
    '/apis/apps/v1/daemonsets',
    '/apis/batch/v1/jobs',
    '/apis/networking.k8s.io/v1/networkpolicies',
  ])
    lists.set(path, []);
  const fake = {
    lists,
    forbidden: new Set<string>(),
    requests: [] as string[],
    intercept: () => false,
    groups: GROUPS,
    keeps: 1_000,
    exact: true,
  };
  const state: State = { ...fake, history: [] };
  const listen = protocol === 'h2' ? createHttp2Server : createServer;
  const server = listen(await serverCertificate(authority), (request, response) => {
    const url = new URL(request.url ?? '/', 'https://api');
    state.requests.push(`${url.pathname}${url.search}`);
    if (!state.intercept(request, url, response)) answer(state, request, url, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, { url: `https://127.0.0.1:${port}`, close: () => closeServer(server) });
}

/** A server of HTTP/2 alone behind the same face as one of `node:https`. */
function createHttp2Server(certificate: Authority, listener: RequestListener): ReturnType<typeof createServer> {
  const sockets = new Set<Socket>();
  const server = createSecureServer(certificate, listener as unknown as Parameters<typeof createSecureServer>[1]);
  let isClosing = false;
  server.on('connection', (socket: Socket) => {
    if (isClosing) return void socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // Connections that a client breaks off are what some tests are about.
  server.on('sessionError', () => undefined);
  const closeAllConnections = (): void => {
    isClosing = true;
    for (const socket of sockets) socket.destroy();
  };
  return Object.assign(server, { closeAllConnections }) as unknown as ReturnType<typeof createServer>;
}

export async function closeServer(server: Pick<Server, 'close' | 'closeAllConnections'>): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}

function answer(state: State, request: IncomingMessage, url: URL, response: ServerResponse): void {
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return send(request, response, 401, status('Unauthorized'));
  if (state.forbidden.has(url.pathname)) return send(request, response, 403, status(`${url.pathname} is forbidden`));
  if (url.pathname === '/apis' && state.groups) {
    const groups = Object.entries(state.groups).map(([name, versions]) => ({
      name,
      versions: versions.map((version) => ({ groupVersion: `${name}/${version}`, version })),
    }));
    return send(request, response, 200, { kind: 'APIGroupList', apiVersion: 'v1', groups });
  }
  const at = momentOf(state, url.searchParams);
  if (!at.lists) return send(request, response, 410, status('The resourceVersion for the provided list is too old.'));
  const list = at.lists.get(url.pathname);
  if (!list) return send(request, response, 404, status('the server could not find the requested resource'));
  const found = list.filter((object) => matches(object, url.searchParams.get('fieldSelector')));
  const limit = Number(url.searchParams.get('limit') ?? found.length);
  const next = at.start + limit < found.length ? { continue: `${at.version}.${at.start + limit}` } : {};
  const items = found.slice(at.start, at.start + limit);
  const isPartial = request.headers.accept?.includes('PartialObjectMetadataList') === true;
  const body = {
    kind: isPartial ? 'PartialObjectMetadataList' : (lists[url.pathname] ?? 'List'),
    apiVersion: isPartial ? 'meta.k8s.io/v1' : 'v1',
    metadata: { resourceVersion: String(at.version), ...next },
    items: isPartial ? partial(items) : items,
  };
  send(request, response, 200, body);
}

/** Kinds that are written in protocol buffers for who asks. */
const lists: Readonly<Record<string, string>> = { '/api/v1/pods': 'PodList', '/api/v1/nodes': 'NodeList' };

/** Nothing of partial metadata is null, as Go writes a slice that nothing was put into. */
const partial = (items: readonly unknown[]): unknown =>
  items.length === 0 ? null : items.map((item) => ({ metadata: (item as { metadata: unknown }).metadata }));

interface Moment {
  readonly version: number;
  readonly start: number;
  /** Undefined when they are not kept any more. */
  readonly lists: ReadonlyMap<string, readonly unknown[]> | undefined;
}

/** @returns the lists that a request means: of a continuation, of a version, or as they are now */
function momentOf({ history, lists, keeps, exact }: State, query: URLSearchParams): Moment {
  const [version = 0, start = 0] = (query.get('continue') ?? query.get('resourceVersion') ?? '').split('.').map(Number);
  if (version > 0 && (exact || query.has('continue')))
    return { version, start, lists: version > history.length - keeps ? history[version - 1] : undefined };
  history.push(new Map([...lists].map(([path, list]) => [path, [...list]])));
  return { version: history.length, start: 0, lists: history.at(-1) };
}

/** `status.phase` alone, with = and !=, as the reader uses it. */
function matches(object: unknown, selector: string | null): boolean {
  const { status: { phase = '' } = {} } = object as { status?: { phase?: string } };
  return (selector ?? '')
    .split(',')
    .filter(Boolean)
    .every((term) => (term.includes('!=') ? term.split('!=')[1] !== phase : term.split('=')[1] === phase));
}

const status = (message: string): unknown => ({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message });

export function send(request: IncomingMessage, response: ServerResponse, code: number, body: unknown): void {
  const { type, bytes } = answerBody(body, request.headers.accept);
  const gzip = bytes.length > 1_000 && request.headers['accept-encoding']?.includes('gzip') === true;
  response.writeHead(code, { 'content-type': type, ...(gzip ? { 'content-encoding': 'gzip' } : {}) });
  response.end(gzip ? gzipSync(bytes, { level: 1 }) : bytes);
}

/** @returns a kubeconfig as AKS gives it for a cluster with Entra */
export function kubeconfig(url: string, ca: string, user: unknown = { exec: { command: 'kubelogin' } }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'shop',
    contexts: [{ name: 'shop', context: { cluster: 'shop', user: 'clusterUser_rg_shop' } }],
    clusters: [
      { name: 'shop', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name: 'clusterUser_rg_shop', user }],
  });
}
