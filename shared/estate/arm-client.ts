// What every ARM client of Bulkhead adds to the SDK's pipeline: retries of our own, raw bodies kept, one host, and a tally for the log.
import type { HttpClient, PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { RestError } from '@azure/core-rest-pipeline';
import type { RetryLimits } from './retry.ts';
import { isTransientStatus, retryAfterMs, withRetries } from './retry.ts';
import type { Stay } from './room.ts';
import { createRoom } from './room.ts';
import { Excess, megabytes } from './too-much.ts';

export type Json = { readonly [key: string]: unknown };

/** What one operation did: its successful bodies as they came, oldest first, and what it took. */
export interface Tally {
  readonly bodies: Json[];
  attempts: number;
  /** Of the last answer; 0 without one. */
  status: number;
}

export const newTally = (): Tally => ({ bodies: [], attempts: 0, status: 0 });

export interface ArmTarget {
  /** Azure Resource Manager, without a trailing slash: requests go there, and tokens are asked for it. */
  readonly endpoint: string;
  readonly limits: RetryLimits;
  readonly httpClient?: HttpClient;
}

/** @returns options for a client that serves one operation and counts it in the tally */
export function armClientOptions({ endpoint, limits, httpClient }: ArmTarget, tally: Tally) {
  return {
    endpoint,
    // Left out, the SDKs ask for a token of the public cloud, whatever the endpoint.
    credentials: { scopes: [`${endpoint}/.default`] },
    ...(httpClient ? { httpClient } : {}),
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      { policy: oneHost(endpoint), position: 'perCall' as const },
      { policy: keepBody(tally), position: 'perCall' as const },
      { policy: retry(limits), position: 'perCall' as const },
      { policy: attempt(limits.timeoutMs, tally), position: 'perRetry' as const },
      { policy: boundedBody(), position: 'perRetry' as const },
    ],
  };
}

/** A `nextLink` that leads elsewhere would carry the token along. */
function oneHost(endpoint: string): PipelinePolicy {
  const { origin } = new URL(endpoint);
  return {
    name: 'oneHost',
    async sendRequest(request, next) {
      if (new URL(request.url).origin !== origin)
        throw new TypeError(`the next page lies on another host than ${origin}, and the token is not sent there`);
      return next(request);
    },
  };
}

/** A page of a thousand clusters with long bodies. */
const MOST_BYTES = 16_000_000;
/** Each costs many times its bytes once it is parsed, which the SDK does as well. */
const MOST_VALUES = 1_000_000;
/** Bodies are read, and parsed, together only as long as they are small: many subscriptions are listed at once. */
const room = createRoom({ shareBytes: 500_000, commonBytes: MOST_BYTES, mostBytes: MOST_BYTES, turnMs: 60_000 });

/** The SDK reads a body to its end, whatever its length: it is read here, within bounds, unpacked as it comes. */
function boundedBody(): PipelinePolicy {
  return {
    name: 'boundedBody',
    async sendRequest(request, next) {
      const { streamResponseStatusCodes: before } = request;
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const stay = room.enter();
      try {
        const response = await next(request);
        const { readableStreamBody: body, ...rest } = response;
        return body ? { ...rest, bodyAsText: await readText(body as AsyncIterable<Buffer>, stay, request) } : response;
      } finally {
        if (before) request.streamResponseStatusCodes = before;
        else delete request.streamResponseStatusCodes;
        stay.leave();
      }
    },
  };
}

async function readText(body: AsyncIterable<Buffer>, stay: Stay, { abortSignal }: PipelineRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  let values = 0;
  for await (const chunk of body) {
    if ((size += chunk.length) > MOST_BYTES) throw new Excess(`an answer has more than ${megabytes(MOST_BYTES)}`);
    stay.hold(chunk.length);
    // At least as many as there are: what stands in texts is counted too.
    for (const byte of chunk) if (byte === COMMA || byte === BRACE || byte === BRACKET) values++;
    if (values > MOST_VALUES) throw new Excess(`an answer has more than ${MOST_VALUES} values`);
    chunks.push(chunk);
    await stay.settle(abortSignal as AbortSignal);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const COMMA = 0x2c;
const BRACE = 0x7b;
const BRACKET = 0x5b;

/** The SDK drops what it does not model and renames the rest: the body is kept as it came. */
function keepBody(tally: Tally): PipelinePolicy {
  return {
    name: 'keepBody',
    async sendRequest(request, next) {
      const response = await next(request);
      if (response.status === 200) {
        const body: unknown = JSON.parse(response.bodyAsText ?? '');
        if (body === null || typeof body !== 'object') throw new TypeError('the answer is not a JSON object');
        tally.bodies.push(body as Json);
      }
      return response;
    },
  };
}

/** The SDK's own retries wait without limit, and do not repeat a 429 without `Retry-After`. */
function retry(limits: RetryLimits): PipelinePolicy {
  type Outcome = { response: PipelineResponse } | { error: RestError };
  return {
    name: 'boundedRetry',
    async sendRequest(request, next) {
      const send = async (): Promise<Outcome> => {
        try {
          return { response: await next(request) };
        } catch (error) {
          // A RestError carries the answer or tells that there was none; anything else is not about the answer.
          if (error instanceof RestError && !request.abortSignal?.aborted) return { error };
          throw error;
        }
      };
      const outcome = await withRetries<Outcome>(
        async () => {
          const value = await send();
          const response = 'response' in value ? value.response : value.error.response;
          if (response && !isTransientStatus(response.status)) return { final: true, value };
          const askedMs = response && retryAfterMs((name) => response.headers.get(name), Date.now());
          return { final: false, value, askedMs };
        },
        limits,
        request.abortSignal as AbortSignal | undefined,
      );
      if ('error' in outcome) throw outcome.error;
      return outcome.response;
    },
  };
}

/** Turns an attempt that hangs into an error that may be retried, while the caller's own cancellation stays final. */
function attempt(timeoutMs: number, tally: Tally): PipelinePolicy {
  return {
    name: 'attempt',
    async sendRequest(request: PipelineRequest, next) {
      const caller = request.abortSignal;
      const timeout = AbortSignal.timeout(timeoutMs);
      request.abortSignal = caller ? AbortSignal.any([caller as AbortSignal, timeout]) : timeout;
      tally.attempts++;
      tally.status = 0;
      try {
        const response = await next(request);
        tally.status = response.status;
        return response;
      } catch (error) {
        if (!timeout.aborted || caller?.aborted) throw error;
        throw new RestError(`No answer within ${timeoutMs / 1000} s`, { code: 'ETIMEDOUT', request });
      } finally {
        if (caller) request.abortSignal = caller;
        else delete request.abortSignal;
      }
    },
  };
}
