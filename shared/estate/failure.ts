// One table of what a failed ARM call means: a verdict with a reason and a remedy. Only a 404 to a GET ever means absent.
import { RestError } from '@azure/core-rest-pipeline';
import { UnreadableError } from '../model/estate.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { redact } from '../log.ts';

export interface Target {
  /** For sentences: `subscription X`, `cluster Y`. */
  readonly what: string;
  /** The ARM scope that a role would be granted on. */
  readonly scope: string;
  /** The reason to give when the whole target cannot be read. */
  readonly reason: UnknownReason;
}

/** @returns the failure as a verdict; an UnreadableError stays itself */
export function toUnreadable(error: unknown, target: Target, signal?: AbortSignal): UnreadableError {
  if (error instanceof UnreadableError) return error;
  const status = error instanceof RestError ? (error.statusCode ?? 0) : 0;
  const text = redact(error instanceof Error ? error.message : String(error)).slice(0, 400);
  const code = error instanceof RestError && error.code ? ` ${error.code}` : '';
  const make = (reason: UnknownReason, message: string, remedy: string): UnreadableError =>
    new UnreadableError(reason, message, remedy, { cause: error });
  const grant = `az role assignment create --assignee PRINCIPAL --role Reader --scope ${target.scope}`;
  if (signal?.aborted)
    return make(
      'timeout',
      `Reading ${target.what} was stopped: its time was up.`,
      'It is tried again by the next scan.',
    );
  if (status === 401 || status === 403)
    return make(
      target.reason,
      `Azure refuses to let the identity read ${target.what} (${status}${code}).`,
      `Grant it: ${grant}`,
    );
  if (status === 404)
    return make(target.reason, `Azure does not know ${target.what} (404${code}).`, 'Check that it still exists.');
  if (status === 429)
    return make('transient', `Azure throttles reading ${target.what} (429).`, 'It is tried again by the next scan.');
  if (status >= 500 || (status === 0 && error instanceof RestError))
    return make(
      error instanceof RestError && error.code === 'ETIMEDOUT' ? 'timeout' : 'transient',
      `Azure did not answer for ${target.what} (${status || 'no connection'}${code}): ${text}`,
      'It is tried again by the next scan.',
    );
  return make(
    'error',
    `The answer about ${target.what} cannot be understood: ${text}`,
    'Report it to the makers of Bulkhead if it stays.',
  );
}
