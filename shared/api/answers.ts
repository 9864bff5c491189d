// The answers that everything which can be made and ended has in common.
import type { Refusal } from '../alerts/alert-service.ts';
import { ApiError } from './errors.ts';
import type { ApiRequest, ApiResponse } from './http.ts';
import { addressBelow } from './http.ts';

/** @returns 201 with the address under which it is found from now on */
export const created = <T extends { readonly id: string }>(
  asked: Pick<ApiRequest, 'url'>,
  made: T,
): ApiResponse<201, T> => ({
  status: 201,
  headers: { location: addressBelow(asked, made.id) },
  body: made,
});

/** What was asked is done, and there is nothing to say about it. */
export const noContent: ApiResponse<204, undefined> = { status: 204, body: undefined };

/** @param what people call the thing that has no such id */
export function notFound(what: 'alert' | 'silence' | 'exemption' | 'scan', id: string): ApiError {
  const code = `${what[0]!.toUpperCase()}${what.slice(1)}NotFound`;
  return new ApiError(404, code, `There is no ${what} ${id.slice(0, 100)}.`, 'id');
}

/** @returns 400 with every problem as a detail; one that begins with its part, as `owner: …`, has it as its target */
export function refused(code: string, { problems }: Refusal): ApiError {
  const details = problems.map((message) => ({ code, message, target: /^(\w+): /.exec(message)?.[1] ?? 'body' }));
  return new ApiError(400, code, problems.join(' '), details[0]?.target ?? 'body', details);
}
