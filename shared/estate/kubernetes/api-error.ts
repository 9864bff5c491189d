// Why a request to an API server brought nothing, and whether it is worth another try.
import { isTransientStatus } from '../retry.ts';
import { CutOffError } from './items.ts';

/** Why a request to an API server brought nothing. */
export type ApiFailure =
  | { readonly kind: 'status'; readonly status: number; readonly message: string; readonly retryAfterMs?: number }
  /** There was no connection: `code` is that of the system or of the HTTP client. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** A connection was there, and the answer broke off before its end. */
  | { readonly kind: 'interrupted'; readonly code: string }
  | { readonly kind: 'tls'; readonly code: string; readonly message: string }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'too-large'; readonly message: string }
  | { readonly kind: 'broken'; readonly message: string };

export class ApiError extends Error {
  readonly path: string;
  readonly failure: ApiFailure;
  constructor(path: string, failure: ApiFailure) {
    super(`${path}: ${'message' in failure ? failure.message : failure.kind}`);
    this.name = 'ApiError';
    this.path = path;
    this.failure = failure;
  }
}

/** @returns the status with which an API server refused; undefined for any other failure */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiError && error.failure.kind === 'status' ? error.failure.status : undefined;

/** TLS and certificate errors of Node and OpenSSL (Node.js documentation, TLS). */
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|CERT_|CRL_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|EPROTO)/;
const UNREACHABLE =
  /^(ENOTFOUND|EAI_|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ETIMEDOUT|ECONNRESET|EPIPE|UND_ERR_CONNECT_TIMEOUT|UND_ERR_SOCKET)/;
/** What breaks while an answer is on its way: streams and sessions of HTTP/2 that are reset, a body or its compression that ends too early. */
const INTERRUPTED = /^(ERR_HTTP2_|UND_ERR_INFO$|UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|UND_ERR_ABORTED$|Z_BUF_ERROR$)/;
/** Of the codes of a missing connection, those that a restarting API server, or a load balancer in front of it, gives. */
const PASSING = /^(ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR_SOCKET|EAI_AGAIN)$/;

/** A connection that was reset and a server that is busy or throttles (API Priority and Fairness) pass; a missing route and a wrong certificate do not. */
export function mayPass(failure: ApiFailure): boolean {
  if (failure.kind === 'status') return isTransientStatus(failure.status);
  return failure.kind === 'interrupted' || (failure.kind === 'unreachable' && PASSING.test(failure.code));
}

/** @returns what a failed request means, whichever layer failed */
export function toApiError(path: string, error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const failures = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  const first = failures[0];
  const code = first instanceof Error && 'code' in first ? String(first.code) : '';
  const message = (first instanceof Error ? first.message : String(first)).slice(0, 300);
  if (TLS_CODES.test(code)) return new ApiError(path, { kind: 'tls', code, message });
  if (UNREACHABLE.test(code)) return new ApiError(path, { kind: 'unreachable', code });
  if (first instanceof CutOffError) return new ApiError(path, { kind: 'interrupted', code: 'CUT_OFF' });
  if (INTERRUPTED.test(code)) return new ApiError(path, { kind: 'interrupted', code });
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT')
    return new ApiError(path, { kind: 'timeout' });
  return new ApiError(path, { kind: 'broken', message: `the answer cannot be understood: ${message}` });
}
