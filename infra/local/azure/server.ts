// The simulated Azure: the ARM wire format over loopback HTTP, served from an estate, with the throttling and the faults of the real one.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SIMULATED_TOKEN } from './credential.ts';
import type { SimulatedCluster, SimulatedEstate, SimulatedSubscription } from './estate-files.ts';
import { applyFault } from './apply-fault.ts';
import type { Faults } from './faults.ts';
import { TokenBucket, createFaults, faultSchema } from './faults.ts';

export interface SimulatedAzureOptions {
  readonly estate: SimulatedEstate;
  /** 0 or left out: any free one. */
  readonly port?: number;
  readonly pageSize?: number;
  /** The address and CA of a cluster's API server, as a kubeconfig; left out, clusters give none. */
  readonly kubeconfig?: (cluster: SimulatedCluster) => Promise<string | undefined>;
  /** Shared with the API servers of the clusters, so that one control sets the faults of both. */
  readonly faults?: Faults;
}

export interface SimulatedAzure {
  /** With `https`, as the SDKs want it; the loopback client turns it into http. */
  readonly endpoint: string;
  readonly faults: Faults;
  /** Requests so far, by the kind of operation. */
  readonly requests: Map<string, number>;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

const armError = (status: number, code: string, message: string): Answer => ({
  status,
  body: { error: { code, message } },
});

/** @throws when the port is taken */
export async function startSimulatedAzure(options: SimulatedAzureOptions): Promise<SimulatedAzure> {
  const faults = options.faults ?? createFaults();
  const requests = new Map<string, number>();
  const buckets = new Map<string, TokenBucket>();
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing).catch((error: unknown) => {
      outgoing.statusCode = 500;
      outgoing.end(JSON.stringify(armError(500, 'InternalServerError', String(error)).body));
    });
  });

  /** As ARM and the AKS provider throttle: reads per subscription, lists per subscription, everything else per subscription. */
  const throttled = (subscriptionId: string, operation: string): number => {
    if (!faults.throttle) return 0;
    const limits: readonly [string, number, number][] = [
      ['arm-reads', 250, 25],
      operation === 'list-clusters'
        ? ['list-clusters', 500, 1]
        : operation === 'get-cluster'
          ? ['arm-reads-get', 250, 25]
          : ['other', 60, 1],
    ];
    for (const [name, size, refill] of limits) {
      const key = `${subscriptionId} ${name}`;
      if (!buckets.has(key)) buckets.set(key, new TokenBucket(size, refill));
      const wait = buckets.get(key)!.take();
      if (wait > 0) return wait;
    }
    return 0;
  };

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const request: Request = { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams };
    if (url.pathname === '/_faults') return controlFaults(incoming, outgoing);
    const fault = faults.take(url.pathname);
    if (fault && (await applyFault(fault, outgoing, (code, text) => armError(fault.status, code, text).body))) return;
    send(outgoing, authorise(incoming) ?? (await route(request, incoming.headers.host ?? '')));
  }

  function authorise(incoming: IncomingMessage): Answer | undefined {
    if (incoming.headers.authorization === `Bearer ${SIMULATED_TOKEN}`) return undefined;
    return armError(
      401,
      'AuthenticationFailed',
      'Authentication failed. The Authorization header is missing or invalid.',
    );
  }

  function route(request: Request, host: string): Answer | Promise<Answer> {
    if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(request.query.get('api-version') ?? ''))
      return armError(
        400,
        'MissingApiVersionParameter',
        'The api-version query parameter is required for all requests.',
      );
    const parts = request.path.split('/').filter(Boolean);
    const lower = parts.map((part) => part.toLowerCase());
    if (lower[0] === 'providers' && lower[2] === 'managementgroups')
      return descendants(decodeURIComponent(parts[3] ?? ''));
    if (lower[0] !== 'subscriptions') return armError(404, 'NotFound', 'The resource was not found.');
    if (lower.length === 1)
      return page(
        request,
        host,
        options.estate.subscriptions().map((s) => s.body),
      );
    const subscription = options.estate.subscriptions().find((s) => s.id === lower[1]);
    if (!subscription)
      return armError(404, 'SubscriptionNotFound', `The subscription '${parts[1]}' could not be found.`);
    if (subscription.unreadable)
      return armError(
        403,
        'AuthorizationFailed',
        `The client does not have authorization to read '/subscriptions/${subscription.id}'.`,
      );
    return routeSubscription(request, host, subscription, parts, lower);
  }

  function routeSubscription(
    request: Request,
    host: string,
    subscription: SimulatedSubscription,
    parts: readonly string[],
    lower: readonly string[],
  ): Answer | Promise<Answer> {
    const isList = lower.length === 5 && lower[4] === 'managedclusters';
    const operation = isList ? 'list-clusters' : lower.length === 8 ? 'get-cluster' : (lower[8] ?? 'other');
    requests.set(operation, (requests.get(operation) ?? 0) + 1);
    const wait = throttled(subscription.id, operation);
    if (wait > 0)
      return { ...armError(429, 'Throttled', 'The request was throttled.'), headers: { 'retry-after': String(wait) } };
    const clusters = options.estate.clusters(subscription.id);
    if (isList)
      return page(
        request,
        host,
        clusters.map((cluster) => cluster.body),
      );
    const id = `/${parts.slice(0, 8).join('/')}`.toLowerCase();
    const cluster = clusters.find((candidate) => candidate.id.toLowerCase() === decodeURIComponent(id));
    if (!cluster)
      return armError(
        404,
        'ResourceNotFound',
        `The Resource 'Microsoft.ContainerService/managedClusters/${parts[7]}' was not found.`,
      );
    if (lower.length === 8) return { status: 200, body: cluster.body };
    if (lower[8] === 'managednamespaces') return page(request, host, cluster.managedNamespaces);
    if (lower[8] === 'listclusterusercredential' && request.method === 'POST') return userCredential(cluster);
    return armError(404, 'NotFound', 'The resource was not found.');
  }

  function descendants(group: string): Answer {
    const inside = options.estate.subscriptions().filter((s) => s.managementGroup === group);
    if (inside.length === 0) return armError(404, 'NotFound', `The management group '${group}' was not found.`);
    const value = inside.map((s) => ({
      id: `/subscriptions/${s.id}`,
      type: '/subscriptions',
      name: s.id,
      properties: {},
    }));
    return { status: 200, body: { value } };
  }

  async function userCredential(cluster: SimulatedCluster): Promise<Answer> {
    const kubeconfig = await options.kubeconfig?.(cluster);
    if (kubeconfig === undefined)
      return armError(409, 'OperationNotAllowed', 'The cluster has no credentials to give.');
    const value = Buffer.from(kubeconfig).toString('base64');
    return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
  }

  function page(request: Request, host: string, values: readonly unknown[]): Answer {
    const size = options.pageSize ?? 100;
    const start = Number(request.query.get('$skiptoken') ?? 0);
    const body: Record<string, unknown> = { value: values.slice(start, start + size) };
    if (start + size < values.length) {
      const query = new URLSearchParams(request.query);
      query.set('$skiptoken', String(start + size));
      body['nextLink'] = `https://${host}${request.path}?${query.toString()}`;
    }
    return { status: 200, body };
  }

  async function controlFaults(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (incoming.method === 'DELETE') faults.clear();
    else {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const parsed = faultSchema.safeParse(parseJson(Buffer.concat(chunks).toString()));
      if (!parsed.success) return send(outgoing, armError(400, 'BadFault', parsed.error.message));
      faults.add(parsed.data);
    }
    send(outgoing, { status: 204 });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { endpoint: `https://127.0.0.1:${port}`, faults, requests, close: () => closeServer(server) };
}

/** @returns undefined for what is no JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(outgoing: ServerResponse, answer: Answer): void {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  outgoing.writeHead(answer.status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-ms-request-id': randomUUID(),
    ...answer.headers,
  });
  outgoing.end(text);
}

export async function closeServer(server: Pick<Server, 'close' | 'closeAllConnections'>): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
