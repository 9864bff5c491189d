// From a request to a response: the route answers, errors get their shape, and what has not changed is not sent again.
import { randomUUID } from 'node:crypto';
import type { Log } from '../ports.ts';
import type { ApiServices } from './api-services.ts';
import { ApiError, toErrorResponse } from './errors.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import type { Route } from './route.ts';

const MAX_BODY_BYTES = 16 * 1024;

export interface ServeContext {
  readonly services: ApiServices;
  readonly log: Log;
  /** In tests and during development: an answer that is not what its route declares becomes an error. */
  readonly checkAnswers: boolean;
}

/** Never throws. */
export async function serve(route: Route, request: ApiRequest, context: ServeContext): Promise<ApiResponse> {
  try {
    if (Buffer.byteLength(request.body) > MAX_BODY_BYTES)
      throw new ApiError(413, 'RequestBodyTooLarge', `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`);
    const response = await route.answer(context.services, request);
    if (context.checkAnswers) checkAnswer(route, response);
    const etag = response.headers?.['etag'];
    const unchanged =
      etag !== undefined && (request.headers.get('if-none-match') ?? '').split(/\s*,\s*/).includes(etag);
    return unchanged ? { status: 304, headers: response.headers ?? {}, body: undefined } : response;
  } catch (error) {
    const wanted = request.headers.get('accept');
    if (error instanceof ApiError) return toErrorResponse(error, wanted);
    const correlation = randomUUID();
    context.log.error('request failed', { route: route.name, correlation, error });
    return toErrorResponse(
      new ApiError(500, 'InternalServerError', `Something went wrong. The log has the details under ${correlation}.`),
      wanted,
    );
  }
}

/** The route's answer and its declaration disagree: a defect of the route. */
export class WrongAnswer extends Error {}

function checkAnswer({ name, responses }: Route, { status, body }: ApiResponse): void {
  const schema = responses[status];
  if (!schema) throw new WrongAnswer(`${name} answers ${status}, which it does not declare`);
  const problem = schema.safeParse(body).error;
  if (problem) throw new WrongAnswer(`${name} answers ${status} with what it does not declare: ${problem.message}`);
}
