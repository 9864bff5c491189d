// From a request to a response: the query is checked, errors get their shape, unchanged answers cost nothing.
import { createHash, randomUUID } from 'node:crypto';
import type { Log } from '../ports.ts';
import { ApiError, toErrorResponse } from './errors.ts';
import type { ApiRequest, ApiResponse, Route } from './route.ts';
import { parseQuery } from './route.ts';
import type { ApiServices } from './api-services.ts';

const MAX_BODY_BYTES = 16 * 1024;

/** Never throws. */
export async function serve(route: Route, services: ApiServices, request: ApiRequest, log: Log): Promise<ApiResponse> {
  try {
    if (Buffer.byteLength(request.body) > MAX_BODY_BYTES)
      throw new ApiError(413, 'RequestBodyTooLarge', `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`);
    const response = await route.handle(services, request, parseQuery(route.query, request.query));
    const etag = response.headers?.['etag'];
    const unchanged =
      etag !== undefined && (request.headers.get('if-none-match') ?? '').split(/\s*,\s*/).includes(etag);
    return unchanged ? { status: 304, headers: response.headers ?? {} } : response;
  } catch (error) {
    const wanted = request.headers.get('accept');
    if (error instanceof ApiError) return toErrorResponse(error, wanted);
    const correlation = randomUUID();
    log.error('request failed', { route: route.name, correlation, error });
    return toErrorResponse(
      new ApiError(500, 'InternalServerError', `Something went wrong; the log has it under ${correlation}.`),
      wanted,
    );
  }
}

/** @returns a strong entity tag of whatever decides an answer */
export const etagOf = (...parts: readonly string[]): string =>
  `"${createHash('sha256').update(parts.join('\n')).digest('base64url').slice(0, 27)}"`;
