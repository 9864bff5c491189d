// What became of a send, from whatever the connector threw.
import type { SendOutcome } from '../ports.ts';
import { redact } from '../log.ts';

/** A send that takes longer than this is taken to hang. */
const TIMEOUT_MS = 30_000;
/** The bot was removed, or the conversation or message is gone: waiting does not help. */
const GONE = new Set([403, 404]);
/** Our own mistake, or a card that Teams will not take: it would refuse the same card again. */
const REFUSED = new Set([400, 413, 415]);

/** @param run sends and gives the activity's id @returns the outcome; never throws */
export async function sending(run: () => Promise<string>): Promise<SendOutcome> {
  const slow = new Promise<SendOutcome>((resolve) => {
    setTimeout(
      () => resolve({ status: 'retry', message: `Teams did not answer within ${TIMEOUT_MS / 1000} s` }),
      TIMEOUT_MS,
    ).unref();
  });
  return Promise.race([run().then((activityId): SendOutcome => ({ status: 'sent', activityId }), toOutcome), slow]);
}

/** @param error as the connector's client throws it: `statusCode`, and the response's headers where there was a response */
function toOutcome(error: unknown): SendOutcome {
  const { statusCode, response } = (error ?? {}) as {
    statusCode?: number;
    response?: { headers?: { get?: (name: string) => string | undefined } };
  };
  const text = redact(error instanceof Error ? error.message : String(error)).slice(0, 300);
  if (statusCode !== undefined && GONE.has(statusCode))
    return { status: 'gone', message: `Teams answered ${statusCode}: ${text}` };
  if (statusCode !== undefined && REFUSED.has(statusCode))
    return { status: 'refused', message: `Teams answered ${statusCode}: ${text}` };
  if (error instanceof TypeError) return { status: 'gone', message: text };
  const asked = secondsAsked((name) => response?.headers?.get?.(name));
  const afterSeconds = asked > 0 ? { afterSeconds: asked } : {};
  return { status: 'retry', message: `Teams answered ${statusCode ?? 'nothing'}: ${text}`, ...afterSeconds };
}

/**
 * `Retry-After` is a number of seconds or a date (RFC 9110, 10.2.3); a date counts from the answer's own, whatever our clock says.
 * @returns 0 where it says neither
 */
function secondsAsked(header: (name: string) => string | undefined): number {
  const asked = header('retry-after') ?? '';
  const seconds = /^\d+$/.test(asked) ? Number(asked) : (Date.parse(asked) - Date.parse(header('date') ?? '')) / 1000;
  return Number.isFinite(seconds) ? seconds : 0;
}
