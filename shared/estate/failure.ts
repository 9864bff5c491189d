// One table of what a failed ARM call means: a verdict with a reason and a remedy. Only a 404 to a GET ever means absent.
import { RestError } from '@azure/core-rest-pipeline';
import { UnreadableError } from '../model/estate.ts';
import { azGrant } from '../model/shell.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { redact } from '../log.ts';
import { Excess } from './too-much.ts';

export interface Target {
  /** For sentences: `subscription X`, `cluster Y`. */
  readonly what: string;
  /** The ARM scope that a role would be granted on. */
  readonly scope: string;
  /** The reason to give when the whole target cannot be read. */
  readonly reason: UnknownReason;
  /** The role that lets the identity read it; `Reader` when left out. */
  readonly role?: string;
}

/** What `@azure/identity` throws when no token can be had. */
const SIGN_IN = /^(Aggregate)?AuthenticationError$|^AuthenticationRequiredError$|^CredentialUnavailableError$/;
/** A 404 with another code (`SubscriptionNotFound`) is how Azure hides what the identity may not see. */
const GONE = new Set(['resourcenotfound', 'resourcegroupnotfound', 'notfound']);
const NEXT_SCAN = 'The next scan tries again.';

/** @returns true for the one answer that says that a resource does not exist: ARM's own 404 to a GET of it */
export const isGone = (error: unknown): boolean =>
  error instanceof RestError && error.statusCode === 404 && GONE.has(String(error.code).toLowerCase());

/** @returns the failure as a verdict; an UnreadableError stays itself */
export function toUnreadable(error: unknown, target: Target, signal?: AbortSignal): UnreadableError {
  if (error instanceof UnreadableError) return error;
  const { what, scope, role = 'Reader' } = target;
  const text = describeError(error);
  const make = (reason: UnknownReason, message: string, remedy: string): UnreadableError =>
    new UnreadableError(reason, message, remedy, { cause: redactedCause(error) });
  if (signal?.aborted) return make('timeout', `Reading ${what} was stopped: its time was up.`, NEXT_SCAN);
  if (error instanceof Error && SIGN_IN.test(error.name))
    return make(
      target.reason,
      `There is no token to read ${what} with: ${text}`,
      'Give the app a managed identity (AZURE_CLIENT_ID names a user-assigned one), or sign in with az login.',
    );
  if (error instanceof Excess)
    return make('too-large', `What Azure answers about ${what} is too large to be read: ${text}.`, NEXT_SCAN);
  const status = error instanceof RestError ? (error.statusCode ?? 0) : 0;
  const code = error instanceof RestError && error.code ? ` ${error.code}` : '';
  if (status === 401 || status === 403)
    return make(
      target.reason,
      `Azure refuses to let the identity read ${what} (${status}${code}).`,
      `Grant it: ${azGrant(role, scope)}`,
    );
  if (status === 404)
    return make(
      target.reason,
      `Azure does not know ${what}, or hides it from the identity (404${code}).`,
      'Check that it still exists and that the identity has a role on it.',
    );
  if (status === 429) return make('transient', `Azure throttles reading ${what} (429${code}).`, NEXT_SCAN);
  if (error instanceof RestError && error.code === 'ETIMEDOUT')
    return make('timeout', `Azure gave no answer about ${what} in time: ${text}`, NEXT_SCAN);
  if (status >= 500 || (status === 0 && error instanceof RestError))
    return make(
      'transient',
      `Azure did not answer for ${what} (${status || 'no connection'}${code}): ${text}`,
      NEXT_SCAN,
    );
  if (status >= 400)
    return make(
      'error',
      `Azure refuses the request for ${what} (${status}${code}): ${text}`,
      'The message says what it needs.',
    );
  return make(
    'error',
    `The answer about ${what} cannot be understood${status ? ` (${status}${code})` : ''}: ${text}`,
    'If the next scan says the same, report it to the makers of Bulkhead.',
  );
}

/** @returns the first line of what went wrong, without secrets and not too long for a card */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return redact(message.split('\n', 1)[0] ?? '').slice(0, 400);
}

/** The original would carry the request with its headers into any log that prints causes. */
function redactedCause(error: unknown): Error {
  const cause = new Error(describeError(error));
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
