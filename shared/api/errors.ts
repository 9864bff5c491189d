// Errors of the HTTP API, in the shape of Azure's guidelines: codes are a contract, messages are for people.
import type { ApiResponse } from './route.ts';

export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly details: readonly ErrorDetail[];
  constructor(status: number, code: string, message: string, target?: string, details: readonly ErrorDetail[] = []) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.target = target;
    this.details = details;
  }
}

/** @param wanted the request's Accept header: problem+json is given to who asks for it (RFC 9457) */
export function toErrorResponse(error: ApiError, wanted: string | null): ApiResponse {
  const { status, code, message, target, details } = error;
  const headers = { 'x-ms-error-code': code };
  if (wanted?.includes('application/problem+json'))
    return {
      status,
      headers: { ...headers, 'content-type': 'application/problem+json' },
      body: { type: 'about:blank', title: code, status, detail: message, ...(target ? { target } : {}) },
    };
  return {
    status,
    headers,
    body: { error: { code, message, ...(target ? { target } : {}), ...(details.length > 0 ? { details } : {}) } },
  };
}
