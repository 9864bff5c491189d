// From a request to a response: who may is let in, the route answers, errors get their shape, and what has not changed is not sent again.
import { randomUUID } from 'node:crypto';
import type { Log } from '../ports.ts';
import type { Address } from './address.ts';
import { allowed, isOpen, routeFor } from './address.ts';
import type { ApiServices } from './api-services.ts';
import type { Access } from './caller.ts';
import { admit } from './caller.ts';
import { ApiError, toErrorResponse } from './errors.ts';
import { isUnchanged, withHeaders } from './headers.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import type { Route } from './route.ts';

export interface ServeContext {
  readonly services: ApiServices;
  readonly access: Access;
  readonly log: Log;
  /** In tests and during development: an answer that is not what its route declares becomes an error. */
  readonly checkAnswers: boolean;
}

/** @returns what is sent; never throws */
export async function serve(address: Address, request: ApiRequest, context: ServeContext): Promise<ApiResponse> {
  const response = withHeaders(await answer(address, request, context), request.method);
  if (isUnchanged(response, request.headers)) return { ...response, status: 304, body: undefined };
  return request.method === 'HEAD' ? { ...response, body: undefined } : response;
}

async function answer(address: Address, request: ApiRequest, context: ServeContext): Promise<ApiResponse> {
  const { services, access, log, checkAnswers } = context;
  try {
    const route = routeFor(address, request.method);
    if (!route) return otherMethod(address, request, access);
    const caller = admit(route.access, request.headers, access);
    const response = await route.answer(services, request, caller?.by ?? 'anybody');
    if (checkAnswers) checkAnswer(route, response);
    return response;
  } catch (error) {
    const wanted = request.headers.get('accept');
    if (error instanceof ApiError) {
      // Of those who are known, the log tells what they tried; strangers could fill it.
      if (error.status === 403)
        log.warn('request refused', { path: address.path, method: request.method, why: error.message });
      return toErrorResponse(error, wanted);
    }
    const correlation = randomUUID();
    log.error('request failed', { path: address.path, method: request.method, correlation, error });
    return toErrorResponse(
      new ApiError(500, 'InternalServerError', `Something went wrong. The log has the details under ${correlation}.`),
      wanted,
    );
  }
}

/** What an address takes is told to whoever may read there. */
function otherMethod(address: Address, { method, headers }: ApiRequest, access: Access): ApiResponse {
  admit(isOpen(address) ? 'anyone' : 'read', headers, access);
  const allow = allowed(address);
  if (method === 'OPTIONS') return { status: 204, headers: { allow }, body: undefined };
  const error = new ApiError(405, 'MethodNotAllowed', `${method} is not possible here; this address takes ${allow}.`);
  const response = toErrorResponse(error, headers.get('accept'));
  return { ...response, headers: { ...response.headers, allow } };
}

/** The route's answer and its declaration disagree: a defect of the route. */
export class WrongAnswer extends Error {}

function checkAnswer({ name, responses }: Route, { status, body }: ApiResponse): void {
  const schema = responses[status];
  if (!schema) throw new WrongAnswer(`${name} answers ${status}, which it does not declare`);
  const problem = schema.safeParse(body).error;
  if (problem) throw new WrongAnswer(`${name} answers ${status} with what it does not declare: ${problem.message}`);
}
