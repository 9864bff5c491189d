// What breaks between an API server and its reader is tried again: over HTTP/1.1 and HTTP/2, before, within and after an answer.
import type { RequestListener } from 'node:http';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ApiError } from '../../../shared/estate/kubernetes/api-error.ts';
import { openConnection } from '../../../shared/estate/kubernetes/connection.ts';
import { listAll } from '../../../shared/estate/kubernetes/lists.ts';
import type { Authority } from './api-server.ts';
import { createAuthority, serverCertificate } from './api-server.ts';
import { newMeter } from './new-meter.ts';

let authority: Authority;
let certificate: Authority;
beforeAll(async () => {
  authority = await createAuthority();
  certificate = await serverCertificate(authority);
});

const list = JSON.stringify({
  kind: 'PodList',
  metadata: {},
  items: Array.from({ length: 50 }, (_, i) => ({ metadata: { name: `p-${i}` } })),
});
const half = list.slice(0, list.length / 2);

let open: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  open?.close();
});

async function listen(server: Server, port = 0): Promise<string> {
  open = server;
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function readPods(server: string, maxRetries = 2): Promise<unknown[]> {
  const limits = {
    timeoutMs: 60_000,
    connectTimeoutMs: 60_000,
    maxRetries,
    baseDelayMs: 100,
    maxDelayMs: 200,
    maxTotalMs: 1_000,
    random: (): number => 0.5,
    maxResponseBytes: 1_000_000,
  };
  const signal = new AbortController().signal;
  const meter = newMeter();
  const connection = await openConnection({
    api: { server, ca: authority.cert },
    authorization: async () => undefined,
    limits,
    meter,
    signal,
  });
  try {
    const request = { path: '/api/v1/pods', slim: (raw: unknown) => raw, most: 1_000 };
    return (await listAll(connection, request, meter)).objects.slice();
  } finally {
    await connection.close();
  }
}

/** Answers that fail as often as `times` says before the whole list comes. */
function breaking<T>(times: number, fail: (at: T) => void, answer: (at: T) => void): (at: T) => void {
  let left = times;
  return (at) => (left-- > 0 ? fail(at) : answer(at));
}

const begun = (stream: ServerHttp2Stream, body: string | Buffer = half, headers = {}): void => {
  stream.respond({ ':status': 200, ...headers });
  stream.write(body);
};
const later = (run: () => void): void => void setTimeout(run, 20);
const close = (session: Http2Session | undefined): void => session?.destroy();

const http2Faults: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  'a stream that is refused': (stream) => stream.close(7),
  'a stream reset before its answer': (stream) => stream.close(2),
  'a stream reset in the middle of a page': (stream) => {
    begun(stream);
    later(() => stream.destroy(new Error('reset')));
  },
  'a stream that ends in the middle of a page': (stream) => {
    begun(stream);
    stream.end();
  },
  'a body shorter than announced': (stream) => {
    begun(stream, half, { 'content-length': String(list.length) });
    stream.end();
  },
  'compression that ends in the middle': (stream) => {
    const packed = gzipSync(list);
    begun(stream, packed.subarray(0, packed.length / 2), { 'content-encoding': 'gzip' });
    stream.end();
  },
  'a session that goes away at once': (stream) => {
    const { session } = stream;
    session?.goaway(0, 0);
    later(() => close(session));
  },
  'a session that is aborted in the middle of a page': (stream) => {
    const { session } = stream;
    begun(stream);
    session?.goaway(2);
    later(() => close(session));
  },
  'a session that is gone without a word': (stream) => {
    begun(stream);
    later(() => sockets.forEach((socket) => socket.destroy()));
  },
};

describe.each(Object.entries(http2Faults))('over HTTP/2, %s', (_name, fail) => {
  const serve = (times: number): Promise<string> => {
    const server = createSecureServer(certificate);
    server.on('sessionError', () => undefined);
    const whole = (stream: ServerHttp2Stream): void => {
      stream.respond({ ':status': 200 });
      stream.end(list);
    };
    const answer = breaking(times, fail, whole);
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      answer(stream);
    });
    return listen(server);
  };

  test('is tried again, and no object is there twice', async () => {
    expect(await readPods(await serve(1))).toHaveLength(50);
  });

  test('is not tried for ever', async () => {
    const failure = await readPods(await serve(99)).catch((error: unknown) => (error as ApiError).failure.kind);
    expect(['interrupted', 'unreachable']).toContain(failure);
  });
});

const http1Faults: Readonly<Record<string, RequestListener>> = {
  'a connection that breaks before its answer': (request) => request.socket.destroy(),
  'a connection that breaks in the middle of a page': (request, response) => {
    response.write(half);
    later(() => request.socket.destroy());
  },
  'a body that ends in the middle of a page': (_request, response) => void response.end(half),
  'compression that ends in the middle': (_request, response) => {
    const packed = gzipSync(list);
    response.setHeader('content-encoding', 'gzip');
    response.end(packed.subarray(0, packed.length / 2));
  },
};

test.each(Object.entries(http1Faults))('over HTTP/1.1, %s is tried again', async (_name, fail) => {
  const answer = breaking<Parameters<RequestListener>>(
    1,
    (pair) => fail(...pair),
    ([, response]) => void response.end(list),
  );
  const server = createHttpsServer(certificate, (...pair) => answer(pair));
  expect(await readPods(await listen(server))).toHaveLength(50);
});

test('a server that starts a moment later is waited for', async () => {
  const probe = createServer();
  const { port } = new URL(await listen(probe));
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  const server = createHttpsServer(certificate, (_request, response) => void response.end(list));
  const reading = readPods(`https://127.0.0.1:${port}`);
  later(() => void listen(server, Number(port)));
  expect(await reading).toHaveLength(50);
});

test('a server that never starts is given up', async () => {
  const probe = createServer();
  const server = await listen(probe);
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  await expect(readPods(server)).rejects.toMatchObject({ failure: { kind: 'unreachable', code: 'ECONNREFUSED' } });
});
