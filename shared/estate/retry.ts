// How a call to Azure is repeated: bounded, with full jitter, and never earlier than the service asked for.
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { RestError, retryPolicy } from '@azure/core-rest-pipeline';

export interface RetryLimits {
  /** The longest one attempt may take. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** First pause before jitter; doubled each time. */
  readonly baseDelayMs: number;
  /** A service that asks for a longer pause than this is given up: the scan has a deadline. */
  readonly maxDelayMs: number;
  /** 0 up to 1; Math.random, or a fixed sequence in tests. */
  readonly random: () => number;
}

export const defaultLimits: RetryLimits = {
  timeoutMs: 60_000,
  maxRetries: 5,
  baseDelayMs: 500,
  maxDelayMs: 120_000,
  random: Math.random,
};

/** What is worth another try. 4xx but these are answers; 501 and 505 never change. */
const AGAIN = new Set([408, 429, 500, 502, 503, 504]);

/** @returns the pause a response asks for in milliseconds: `Retry-After` as seconds or a date, or the Azure headers in milliseconds */
export function retryAfterMs(header: (name: string) => string | undefined, now: number): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const ms = Number(header(name) ?? Number.NaN);
    if (Number.isFinite(ms) && ms >= 0) return ms;
  }
  const value = header('retry-after');
  if (value === undefined) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** @returns policies for a client whose own retries are switched off; a 429 without `Retry-After` is retried too */
export function retryPolicies(limits: RetryLimits): { readonly outer: PipelinePolicy; readonly inner: PipelinePolicy } {
  const outer = retryPolicy(
    [
      {
        name: 'boundedRetry',
        retry({ retryCount, response, responseError }) {
          if (response ? !AGAIN.has(response.status) : !responseError) return { skipStrategy: true };
          const asked = response && retryAfterMs((name) => response.headers.get(name), Date.now());
          if (asked !== undefined && asked > limits.maxDelayMs) return { skipStrategy: true };
          const backoff = Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** retryCount) * limits.random();
          return { retryAfterInMs: asked === undefined ? backoff : asked + limits.random() * limits.baseDelayMs };
        },
      },
    ],
    { maxRetries: limits.maxRetries },
  );
  return { outer: { ...outer, name: 'boundedRetry' }, inner: attemptTimeout(limits.timeoutMs) };
}

/** Turns an attempt that hangs into an error that may be retried, while the caller's own cancellation stays final. */
function attemptTimeout(timeoutMs: number): PipelinePolicy {
  return {
    name: 'attemptTimeout',
    async sendRequest(request, next) {
      const caller = request.abortSignal;
      const timeout = AbortSignal.timeout(timeoutMs);
      request.abortSignal = caller ? AbortSignal.any([caller as AbortSignal, timeout]) : timeout;
      try {
        return await next(request);
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
