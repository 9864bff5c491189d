// A request to the API and what is answered, as plain data that knows no host.
import { createHash } from 'node:crypto';

export interface ApiRequest {
  readonly method: string;
  /** What stands in the place of `{id}` in the route's path; empty when the path has no such place. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The address it was called under, for absolute links. */
  readonly url: URL;
  /** Reads the body: it is asked for only once it is known that the caller may. @throws ApiError 413 when it is too large */
  readonly body: () => Promise<string>;
}

export interface ApiResponse<Status extends number = number, Body = unknown> {
  readonly status: Status;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text is sent as it is, with the content type that the headers name; anything else as JSON; undefined means no body. */
  readonly body: Body;
}

/** @returns the absolute address, without the key, of a thing below the address of the request */
export const addressBelow = ({ url }: Pick<ApiRequest, 'url'>, id: string): string =>
  `${url.origin}${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(id)}`;

/** @param text all that the answer says @returns a strong entity tag */
export const etagOf = (text: string): string =>
  `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
