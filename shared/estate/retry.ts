// How a call is repeated: bounded in tries and in waiting, with full jitter, and never earlier than the service asked for.

export interface RetryLimits {
  /** The longest one attempt may take. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** First pause before jitter; doubled each time. */
  readonly baseDelayMs: number;
  /** A service that asks for a longer pause than this is given up: the scan has a deadline. */
  readonly maxDelayMs: number;
  /** All pauses of one call together are no longer than this. */
  readonly maxTotalMs: number;
  /** 0 up to 1; Math.random, or a fixed sequence in tests. */
  readonly random: () => number;
}

export const defaultLimits: RetryLimits = {
  timeoutMs: 60_000,
  maxRetries: 5,
  baseDelayMs: 500,
  maxDelayMs: 120_000,
  maxTotalMs: 300_000,
  random: Math.random,
};

/** Statuses worth another try. Other 4xx are answers; 501 and 505 never change. */
export const isTransientStatus = (status: number): boolean => [408, 429, 500, 502, 503, 504].includes(status);

/** @returns the pause a response asks for in milliseconds: `Retry-After` as seconds or a date, or the Azure headers in milliseconds */
export function retryAfterMs(header: (name: string) => string | undefined, now: number): number | undefined {
  for (const name of ['retry-after-ms', 'x-ms-retry-after-ms']) {
    const text = header(name);
    const ms = Number(text);
    if (text?.trim() && Number.isFinite(ms) && ms >= 0) return ms;
  }
  const value = header('retry-after');
  if (!value?.trim()) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** What an attempt came to: final, or worth another try after the pause that the service asked for, if it did. */
export type Attempt<T> =
  | { readonly final: true; readonly value: T }
  | { readonly final: false; readonly value: T; readonly askedMs?: number | undefined };

/**
 * Repeats an attempt until it is final or a limit is reached; the last value then stands.
 * @param attempt gets the number of earlier tries; what it throws is final
 * @throws the signal's reason when it is aborted during a pause
 */
export async function withRetries<T>(
  attempt: (tries: number) => Promise<Attempt<T>>,
  limits: RetryLimits,
  signal: AbortSignal | undefined,
): Promise<T> {
  let waited = 0;
  for (let tries = 0; ; tries++) {
    const outcome = await attempt(tries);
    if (outcome.final || tries >= limits.maxRetries) return outcome.value;
    const delay = delayMs(tries, outcome.askedMs, limits);
    if (delay === undefined || waited + delay > limits.maxTotalMs) return outcome.value;
    waited += delay;
    await pause(delay, signal);
  }
}

/** @returns the pause before the next try; undefined when the service asks for more than is allowed */
export function delayMs(tries: number, askedMs: number | undefined, limits: RetryLimits): number | undefined {
  if (askedMs === undefined) return Math.min(limits.maxDelayMs, limits.baseDelayMs * 2 ** tries) * limits.random();
  if (askedMs > limits.maxDelayMs) return undefined;
  // Otherwise everybody who was told the same moment would come back at once.
  return askedMs + limits.random() * limits.baseDelayMs;
}

/** @param ms how long to wait @throws the signal's reason as soon as it is aborted */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(signal?.reason as Error);
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
