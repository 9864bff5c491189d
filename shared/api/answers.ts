// The answers that everything which can be made and ended has in common.
import type { Refusal } from '../alerts/alert-service.ts';
import { ApiError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './route.ts';
import { addressBelow } from './route.ts';

/** @returns 201 with where it is from now on */
export const created = (request: ApiRequest, made: { readonly id: string }): ApiResponse => ({
  status: 201,
  headers: { location: addressBelow(request, made.id) },
  body: made,
});

/** @param what has no such id, as people call it */
export function notFound(what: 'alert' | 'silence' | 'exemption', { params }: Pick<ApiRequest, 'params'>): ApiError {
  const code = `${what[0]!.toUpperCase()}${what.slice(1)}NotFound`;
  return new ApiError(404, code, `There is no ${what} ${(params['id'] ?? '').slice(0, 100)}.`, 'id');
}

/** @returns 400 with every problem as a detail; one that begins with its part, as `owner: …`, has it as its target */
export function refused(code: string, { problems }: Refusal): ApiError {
  const details = problems.map((message) => ({ code, message, target: /^(\w+): /.exec(message)?.[1] ?? 'body' }));
  return new ApiError(400, code, problems.join(' '), details[0]?.target ?? 'body', details);
}
