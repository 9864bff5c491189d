// The API servers of the simulated clusters: TLS on loopback, one port for each cluster, opened when its credentials are asked for.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { applyFault } from '../azure/apply-fault.ts';
import { SIMULATED_KUBERNETES_TOKEN } from '../azure/credential.ts';
import type { SimulatedCluster, SimulatedEstate } from '../azure/estate-files.ts';
import type { Faults } from '../azure/faults.ts';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import { answer } from './api.ts';
import { createCertificates } from './certificates.ts';
import type { ClusterState } from './cluster-state.ts';
import { clusterState } from './cluster-state.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import type { ManifestReader } from './manifests.ts';
import type { Fields, KubeObject } from './object.ts';
import { fieldsOf } from './object.ts';
import { answerBody } from './protobuf.ts';
import type { ApiAnswer } from './status.ts';
import { status, throttled } from './status.ts';

export interface SimulatedKubernetesOptions {
  readonly estate: SimulatedEstate;
  readonly manifests: ManifestReader;
  /** Faults match on `/CLUSTER-NAME/api/v1/pods?limit=500`. */
  readonly faults: Faults;
}

export interface SimulatedKubernetes {
  /** @returns the kubeconfig of a cluster, whose API server then listens, unless it is stopped, private or unreachable */
  kubeconfig(cluster: SimulatedCluster): Promise<string>;
  close(): Promise<void>;
}

/** Nothing listens there: a privileged port that no common service has. */
const CLOSED = 'https://127.0.0.1:1';
/** The API server compresses longer answers (kubernetes/apiserver, responsewriters). */
const GZIP_FROM_BYTES = 128 * 1024;

/** Makes the certificates; API servers are opened one by one, as they are asked for. */
export async function startSimulatedKubernetes(options: SimulatedKubernetesOptions): Promise<SimulatedKubernetes> {
  const certificates = await createCertificates();
  const servers = new Map<string, Promise<Server>>();
  const stateOf = createStates(options.manifests);

  /** As its files say now; undefined once its file is gone. */
  const current = (id: string): SimulatedCluster | undefined =>
    options.estate.clusters(id.split('/')[2]!.toLowerCase()).find((cluster) => cluster.id === id);

  async function respond(id: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const cluster = current(id);
    if (!cluster || !takesConnections(cluster)) return void incoming.socket.destroy();
    const url = new URL(incoming.url ?? '/', 'https://127.0.0.1');
    const fault = options.faults.take(`/${String(cluster.body['name'])}${url.pathname}${url.search}`);
    if (fault?.kind === 'status' && fault.status === 429)
      return send(outgoing, { ...throttled, retryAfter: fault.retryAfter ?? 1 }, {});
    if (fault && (await applyFault(fault, outgoing, (reason, text) => status(fault.status, reason, text).body))) return;
    const isKnown = incoming.headers.authorization === `Bearer ${tokenOf(cluster)}`;
    const request = {
      method: incoming.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      accept: incoming.headers.accept ?? '',
    };
    const found = isKnown
      ? answer(request, stateOf(cluster), cluster.forbidden)
      : status(401, 'Unauthorized', 'Unauthorized');
    send(outgoing, found, incoming.headers);
  }

  async function listen(id: string): Promise<Server> {
    const server = createServer({ key: certificates.key, cert: certificates.cert }, (incoming, outgoing) => {
      respond(id, incoming, outgoing).catch((error: unknown) =>
        send(outgoing, status(500, 'InternalError', String(error)), {}),
      );
    });
    await listenOnLoopback(server);
    return server;
  }

  return {
    async kubeconfig(cluster) {
      const name = String(cluster.body['name']);
      const local = usesEntra(cluster) ? undefined : tokenOf(cluster);
      if (!takesConnections(cluster)) return kubeconfigFor(name, CLOSED, certificates.ca, local);
      if (!servers.has(cluster.id)) servers.set(cluster.id, listen(cluster.id));
      const { port } = (await servers.get(cluster.id)!).address() as AddressInfo;
      return kubeconfigFor(name, `https://127.0.0.1:${port}`, certificates.ca, local);
    },
    async close() {
      for (const server of servers.values()) await closeServer(await server);
    },
  };
}

/** @returns a function that gives a cluster's state: the very same while neither its body nor its manifests change, then a newer one */
function createStates(manifestReader: ManifestReader): (cluster: SimulatedCluster) => ClusterState {
  const states = new Map<string, { body: Fields; manifests: readonly KubeObject[]; state: ClusterState }>();
  return ({ id, body, manifests: folder }) => {
    const manifests = manifestReader.read(folder);
    const known = states.get(id);
    if (known && known.body === body && known.manifests === manifests) return known.state;
    const state = clusterState(body, manifests, known && known.state.resourceVersion + 1);
    states.set(id, { body, manifests, state });
    return state;
  };
}

function takesConnections({ body, unreachable }: SimulatedCluster): boolean {
  const properties = fieldsOf(body, 'properties');
  const stopped = String(fieldsOf(properties, 'powerState')['code']).toLowerCase() === 'stopped';
  const hidden = fieldsOf(properties, 'apiServerAccessProfile')['enablePrivateCluster'] === true;
  return !stopped && !hidden && !unreachable;
}

const usesEntra = ({ body }: SimulatedCluster): boolean => {
  const { aadProfile } = fieldsOf(body, 'properties');
  return aadProfile !== undefined && aadProfile !== null;
};

/** A cluster without Entra takes only a token of its own. */
const tokenOf = (cluster: SimulatedCluster): string =>
  usesEntra(cluster)
    ? SIMULATED_KUBERNETES_TOKEN
    : `simulated-admin-${createHash('sha256').update(cluster.id).digest('hex').slice(0, 32)}`;

function send(
  outgoing: ServerResponse,
  { status: code, body, retryAfter }: ApiAnswer,
  { accept, 'accept-encoding': encoding }: IncomingHttpHeaders,
): void {
  const { type, bytes } = answerBody(body, accept);
  const zip = String(encoding).includes('gzip') && bytes.length > GZIP_FROM_BYTES;
  const content = zip ? gzipSync(bytes, { level: 1 }) : bytes;
  outgoing.writeHead(code, {
    'content-type': type,
    'content-length': content.length,
    'cache-control': 'no-cache, private',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    ...(zip ? { 'content-encoding': 'gzip' } : {}),
  });
  outgoing.end(content);
}
