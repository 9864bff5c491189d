// Stands between workers and the storage emulator and does what networks do: requests that never arrive, answers that are lost, messages that come
// three times and late. Everything but the faults is the real emulator's.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, createServer, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { closeServer, listenOnLoopback } from '../../infra/local/loopback.ts';
import type { Random } from '../simulation/random.ts';

/**
 * `refused`: the connection ends before anything arrives. `busy`: 503, as above the scale targets. `lost`: it is carried out, and the connection
 * ends. `repeated`: it is carried out twice, and the second answer is given. `slow`: the answer takes its time.
 */
export const faultKinds = ['refused', 'busy', 'lost', 'repeated', 'slow'] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface FaultProxy {
  /** Of the emulator, by way of this. */
  readonly connectionString: string;
  /** How often each was done. */
  readonly done: Record<FaultKind, number>;
  requests: number;
  /** The share of requests that meet a fault, 0 to 1. */
  share: number;
  close(): Promise<void>;
}

export interface FaultProxyOptions {
  readonly random: Random;
  readonly share: number;
  /** Which faults; all unless given. */
  readonly kinds?: readonly FaultKind[];
  /** Every message is put into its queue three times, two of them late by as many milliseconds at most. */
  readonly repeatMessagesWithin?: number;
  /** The longest that a slow answer takes. */
  readonly slowMs?: number;
}

/** @param target connection string of the emulator */
export async function startFaultProxy(target: string, options: FaultProxyOptions): Promise<FaultProxy> {
  const { random, kinds = faultKinds, repeatMessagesWithin, slowMs = 3_000 } = options;
  const agent = new Agent({ keepAlive: true });
  const done = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const servers: ReturnType<typeof createServer>[] = [];

  const listen = async (port: number): Promise<number> => {
    const forward = ({ url, method, headers }: IncomingMessage, body: Buffer): Promise<Answer> =>
      send({ agent, port, path: url!, method: method!, headers }, body);

    const answer = async (asked: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await read(asked);
      proxy.requests++;
      const fault = random.chance(proxy.share) ? random.pick(kinds) : undefined;
      if (fault) done[fault]++;
      if (fault === 'refused') return void asked.socket.destroy();
      if (fault === 'busy') return void response.writeHead(503, { 'x-ms-error-code': 'ServerBusy' }).end();
      if (fault === 'slow') await pause(random.whole(0, slowMs));
      const first = await forward(asked, body);
      if (repeatMessagesWithin !== undefined && asked.method === 'POST' && /\/messages(\?|$)/.test(asked.url!))
        for (let copy = 0; copy < 2; copy++)
          void late(random.whole(0, repeatMessagesWithin), () => forward(asked, body));
      if (fault === 'lost') return void asked.socket.destroy();
      const { status, headers, content } = fault === 'repeated' ? await forward(asked, body) : first;
      response.writeHead(status, headers).end(content);
    };

    const server = createServer((asked, response) => {
      // The emulator is away, or the worker was killed: either way nobody gets an answer.
      answer(asked, response).catch(() => asked.socket.destroy());
    });
    servers.push(server);
    return listenOnLoopback(server);
  };

  /** The emulator may be away by then. */
  async function late(ms: number, act: () => Promise<unknown>): Promise<void> {
    await pause(ms, undefined, { ref: false });
    await act().catch(() => undefined);
  }

  const ports = new Map<string, number>();
  for (const [, port] of target.matchAll(/(?:Queue|Table)Endpoint=http:\/\/127\.0\.0\.1:(\d+)/g))
    ports.set(port!, await listen(Number(port)));
  const proxy: FaultProxy = {
    connectionString: target.replaceAll(/127\.0\.0\.1:(\d+)/g, (whole, port: string) =>
      ports.has(port) ? `127.0.0.1:${ports.get(port)}` : whole,
    ),
    done,
    requests: 0,
    share: options.share,
    async close() {
      for (const server of servers) await closeServer(server);
      agent.destroy();
    },
  };
  return proxy;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly content: Buffer;
}

type Asked = Pick<IncomingMessage, 'headers'> & {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
  readonly method: string;
};

const send = ({ headers, ...to }: Asked, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const sent = request(
      { ...to, host: '127.0.0.1', headers: { ...headers, 'content-length': body.length } },
      (given) => {
        read(given).then((content) => resolve({ status: given.statusCode!, headers: given.headers, content }), reject);
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
