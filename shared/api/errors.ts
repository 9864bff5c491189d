// Errors of the HTTP API, in the shape of Azure's guidelines: codes are a contract, messages are for people.
import { z } from 'zod';
import type { ApiResponse } from './http.ts';

const detailSchema = z.strictObject({ code: z.string(), message: z.string(), target: z.string().exactOptional() });
export type ErrorDetail = Readonly<z.output<typeof detailSchema>>;

/** The body of every error. */
export const errorSchema = z.strictObject({
  error: z.strictObject({ ...detailSchema.shape, details: z.array(detailSchema).exactOptional() }),
});

/** The body of every error for callers that ask for problem+json (RFC 9457). */
export const problemSchema = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  target: z.string().exactOptional(),
});

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

/** @param wanted the request's Accept header */
export function toErrorResponse(error: ApiError, wanted: string | null): ApiResponse {
  const { status, code, message, target, details } = error;
  const headers = { 'x-ms-error-code': code, ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}) };
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
