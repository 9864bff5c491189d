// Answers shared by everything that can be made and ended.
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

/** It is done, and there is nothing to answer. */
export const noContent: ApiResponse<204, undefined> = { status: 204, body: undefined };

/** @param what how people call this kind of thing @param id the one that was asked for */
export function notFound(what: 'alert' | 'silence' | 'exemption' | 'scan', id: string): ApiError {
  const code = `${what[0]!.toUpperCase()}${what.slice(1)}NotFound`;
  return new ApiError(404, code, `There is no ${what} ${id.slice(0, 100)}.`, 'id');
}

/** @returns 400 with every problem as a detail; where one begins with the name of a part, as in `owner: …`, that part is its target */
export function refused(invalid: string, { problems, unconfirmed }: Refusal): ApiError {
  const code = unconfirmed ? 'ConfirmationNeeded' : invalid;
  const details = problems.map((message) => ({ code, message, target: /^(\w+): /.exec(message)?.[1] ?? 'body' }));
  return new ApiError(400, code, problems.join(' '), details[0]?.target ?? 'body', details);
}
