// The simulated Azure: ARM over loopback HTTP, served from an estate, with the throttling and the faults of the real one.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { closeServer, listenOnLoopback } from '../loopback.ts';
import { applyFault } from './apply-fault.ts';
import type { ArmAnswer, ArmWorld } from './arm.ts';
import { answerArm, armError } from './arm.ts';
import { SIMULATED_TOKEN } from './credential.ts';
import type { SimulatedCluster, SimulatedEstate } from './estate-files.ts';
import type { Faults } from './faults.ts';
import { createFaults, faultSchema } from './faults.ts';
import type { Throttle } from './throttle.ts';
import { createThrottle } from './throttle.ts';

export interface SimulatedAzureOptions {
  readonly estate: SimulatedEstate;
  /** 0 or left out: any free one. */
  readonly port?: number;
  readonly pageSize?: number;
  /** The address and CA of a cluster's API server, as a kubeconfig; left out, clusters give none. */
  readonly kubeconfig?: (cluster: SimulatedCluster) => Promise<string | undefined>;
  /** The clock that throttling goes by, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Shared with the API servers of the clusters, so that one control sets the faults of both. */
  readonly faults?: Faults;
}

export interface SimulatedAzure {
  /** With `https`, as the SDKs want it; the loopback client turns it into http. */
  readonly endpoint: string;
  readonly faults: Faults;
  /** Requests so far, by the kind of operation; as `throttled` those that were refused for their number. */
  readonly requests: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** @throws when the port is taken */
export async function startSimulatedAzure(options: SimulatedAzureOptions): Promise<SimulatedAzure> {
  const { estate, port = 0, pageSize = 100, kubeconfig = async () => undefined, faults = createFaults() } = options;
  const requests = new Map<string, number>();
  const throttle = createThrottle(options.now);
  const count = (what: string): void => void requests.set(what, (requests.get(what) ?? 0) + 1);
  const admit: Throttle = (request) => {
    count(request.operation);
    const wait = faults.throttle ? throttle(request) : 0;
    if (wait > 0) count('throttled');
    return wait;
  };
  const world: ArmWorld = { estate, pageSize, kubeconfig, admit };
  const server = createServer((incoming, outgoing) => {
    respond(incoming, outgoing, faults, world).catch((error: unknown) => {
      outgoing.statusCode = 500;
      outgoing.end(JSON.stringify(armError(500, 'InternalServerError', String(error)).body));
    });
  });
  const listening = await listenOnLoopback(server, port);
  return { endpoint: `https://127.0.0.1:${listening}`, faults, requests, close: () => closeServer(server) };
}

async function respond(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  faults: Faults,
  world: ArmWorld,
): Promise<void> {
  const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  if (path === '/_faults') return send(outgoing, await controlFaults(incoming, faults));
  const fault = faults.take(path);
  if (fault && (await applyFault(fault, outgoing, (code, text) => armError(fault.status, code, text).body))) return;
  const { method = 'GET', headers } = incoming;
  const known = headers.authorization === `Bearer ${SIMULATED_TOKEN}`;
  send(outgoing, known ? await answerArm({ method, path, query, host: headers.host ?? '' }, world) : unknownToken);
}

const unknownToken = armError(
  401,
  'AuthenticationFailed',
  'Authentication failed. The Authorization header is missing or invalid.',
);

/** A path that the real ARM does not have: it sets faults, or clears them. */
async function controlFaults(incoming: IncomingMessage, faults: Faults): Promise<ArmAnswer> {
  if (incoming.method === 'DELETE') faults.clear();
  else {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const parsed = faultSchema.safeParse(parseJson(Buffer.concat(chunks).toString()));
    if (!parsed.success) return armError(400, 'BadFault', parsed.error.message);
    faults.add(parsed.data);
  }
  return { status: 204 };
}

/** @returns undefined for what is not JSON */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(outgoing: ServerResponse, { status, body, headers }: ArmAnswer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  outgoing.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-ms-request-id': randomUUID(),
    ...headers,
  });
  outgoing.end(text);
}
