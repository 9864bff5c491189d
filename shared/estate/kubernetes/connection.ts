// One API server over TLS: GET requests with its own CA, bounded in time, bytes and tries; lists are taken apart while they arrive.
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { UnreadableError } from '../../model/estate.ts';
import type { RetryLimits } from '../retry.ts';
import { retryAfterMs, withRetries } from '../retry.ts';
import type { ApiFailure } from './api-error.ts';
import { ApiError, mayPass, toApiError } from './api-error.ts';
import type { ItemSplitter } from './items.ts';
import { splitItems } from './items.ts';
import type { ApiServer } from './kubeconfig.ts';
import type { Meter } from './meter.ts';
import type { Message } from './protobuf/fields.ts';
import { PROTOBUF_TYPE, splitProtobuf, statusSentence } from './protobuf/list.ts';
import { Excess, TooManyError, TooMuchError, megabytes } from '../too-much.ts';

export interface ConnectionLimits extends RetryLimits {
  readonly connectTimeoutMs: number;
  /** Of one answer, unpacked. */
  readonly maxResponseBytes: number;
}

/** Takes the items of one page. After a failure in the middle the page is asked for again, and `begin` told before each try. */
export interface PageSink {
  readonly begin: () => void;
  /** The list as far as it stands before its items. */
  readonly head?: (list: unknown) => void;
  readonly item: (raw: unknown) => void;
  /** The fields of an item that are read where it comes in protocol buffers. */
  readonly message?: Message;
}

export interface Connection {
  /** @returns the parsed body of what is not a list of objects @throws ApiError; TooMuchError */
  get(path: string): Promise<unknown>;
  /** @returns the list without its items @throws ApiError; TooMuchError */
  page(path: string, accept: string, sink: PageSink): Promise<unknown>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly api: ApiServer;
  /** The value of the Authorization header; undefined when a client certificate speaks. */
  readonly authorization: () => Promise<string | undefined>;
  readonly limits: ConnectionLimits;
  readonly meter: Meter;
  readonly signal: AbortSignal;
}

const JSON_TYPE = 'application/json';
const MAX_ERROR_BYTES = 64 * 1024;
const PIECE_BYTES = 256 * 1024;

/** @returns a connection; nothing is sent before the first request */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { api, limits, meter, signal } = options;
  // Loaded here, so that a start without any read does not pay for it; by its default, which is all a bundle has of it.
  const { Agent } = (await import('undici')).default;
  const account = api.local?.kind === 'certificate' ? { cert: api.local.cert, key: api.local.key } : {};
  const agent = new Agent({
    connect: { ...(api.ca ? { ca: api.ca } : {}), ...account, timeout: limits.connectTimeoutMs },
    connections: 4,
    headersTimeout: limits.timeoutMs,
    bodyTimeout: limits.timeoutMs,
  });

  async function once(path: string, accept: string, sink: PageSink): Promise<unknown> {
    const authorization = await options.authorization();
    const response = await agent.request({
      origin: api.server,
      path,
      method: 'GET',
      headers: {
        accept,
        'accept-encoding': 'gzip',
        'user-agent': 'bulkhead',
        ...(authorization ? { authorization } : {}),
      },
      signal,
    });
    if (response.statusCode !== 200) throw new ApiError(path, await statusFailure(response, meter));
    const type = response.headers['content-type'];
    if (type !== undefined && !/json|protobuf/.test(String(type))) {
      response.body.destroy();
      throw new SyntaxError(`it is ${String(type).slice(0, 40)}`);
    }
    return readList(path, response, splitterFor(response, sink));
  }

  async function readList(path: string, response: Dispatcher.ResponseData, splitter: ItemSplitter): Promise<unknown> {
    let bytes = 0;
    let held = 0;
    const holdRest = (now: number): void => {
      meter.hold(now - held);
      held = now;
    };
    try {
      for await (const chunk of unpacked(response, meter)) {
        meter.unpacked(chunk.length);
        bytes += chunk.length;
        splitter.push(chunk);
        if (bytes > limits.maxResponseBytes)
          throw new ApiError(path, {
            kind: 'too-large',
            message: `an answer has more than ${megabytes(limits.maxResponseBytes)}`,
          });
        holdRest(splitter.held);
        await meter.settle(signal);
      }
      return splitter.end();
    } finally {
      holdRest(0);
    }
  }

  /** Repeats what may pass by itself. */
  async function repeated<T>(path: string, run: () => Promise<T>): Promise<T> {
    type Outcome = { value: T } | { error: ApiError };
    const outcome = await withRetries<Outcome>(
      async () => {
        try {
          return { final: true, value: { value: await run() } };
        } catch (error) {
          signal.throwIfAborted();
          if ([UnreadableError, TooMuchError, TooManyError].some((final) => error instanceof final)) throw error;
          if (error instanceof Excess)
            throw meter.tooMuch(`answers ${path.split('?', 1)[0]} with too much: ${error.message}`);
          const failed = toApiError(path, error);
          const { failure } = failed;
          const askedMs = failure.kind === 'status' ? failure.retryAfterMs : undefined;
          return { final: !mayPass(failure), value: { error: failed }, askedMs };
        }
      },
      limits,
      signal,
    );
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  const page: Connection['page'] = (path, accept, sink) =>
    repeated(path, async () => {
      sink.begin();
      return once(path, accept, sink);
    });

  return {
    page,
    get: (path) => page(path, JSON_TYPE, { begin: () => undefined, item: () => undefined }),
    close: () => agent.destroy(),
  };
}

/** What an API server was asked for in protocol buffers may come in JSON all the same. */
function splitterFor({ headers }: Dispatcher.ResponseData, { message, item, head }: PageSink): ItemSplitter {
  const isProtobuf = message !== undefined && String(headers['content-type']).startsWith(PROTOBUF_TYPE);
  return isProtobuf ? splitProtobuf(message, item, head) : splitItems(item, head);
}

/** API servers compress what is large when asked to: a tenth of the traffic. Large pieces, because each piece costs a turn of the event loop. */
function unpacked({ headers, body }: Dispatcher.ResponseData, meter: Meter): AsyncIterable<Buffer> {
  const encoding = headers['content-encoding'];
  const packed = counted(body as AsyncIterable<Buffer>, meter);
  if (encoding === undefined || encoding === 'identity') return packed;
  if (encoding !== 'gzip') {
    body.destroy();
    throw new SyntaxError(`it is packed in a way that was not asked for: ${String(encoding).slice(0, 40)}`);
  }
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // An error of either stream comes out of the second, and leaving the loop early ends both.
  pipeline(packed, gunzip, () => undefined);
  return gunzip as AsyncIterable<Buffer>;
}

async function* counted(body: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    meter.packed(chunk.length);
    yield chunk;
  }
}

async function statusFailure(response: Dispatcher.ResponseData, meter: Meter): Promise<ApiFailure> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(response, meter)) {
    if ((size += chunk.length) > MAX_ERROR_BYTES) break;
    chunks.push(chunk);
  }
  const header = (name: string): string | undefined => {
    const value = response.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const asked = retryAfterMs(header, Date.now());
  const message = sentenceOf(Buffer.concat(chunks)) ?? `status ${response.statusCode}`;
  return {
    kind: 'status',
    status: response.statusCode,
    message,
    ...(asked === undefined ? {} : { retryAfterMs: asked }),
  };
}

/** @returns the sentence of a Kubernetes Status object; undefined when it is anything else */
function sentenceOf(body: Buffer): string | undefined {
  const message = statusSentence(body) ?? statusText(body.toString('utf8'));
  return message?.slice(0, 400);
}

function statusText(json: string): string | undefined {
  try {
    const { message } = JSON.parse(json) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
