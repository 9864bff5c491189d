// A route is data: where it is, what it takes, who may call it, and the function that answers.
import { z } from 'zod';
import { ApiError } from './errors.ts';
import type { ApiServices } from './api-services.ts';

export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The address it was called under, for absolute links. */
  readonly url: URL;
  readonly body: string;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Plain data, sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in the place of a body. */
  readonly text?: { readonly type: string; readonly content: string };
}

export interface Route<Q extends z.ZodObject = z.ZodObject> {
  /** Also the name of its function. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Behind `/api/`; `{id}` takes a segment, `{*id}` the rest. */
  readonly path: string;
  readonly access: 'anonymous' | 'key';
  /** One sentence. */
  readonly summary: string;
  readonly query: Q;
  handle(services: ApiServices, request: ApiRequest, query: z.output<Q>): Promise<ApiResponse>;
}

export const route = <Q extends z.ZodObject>(definition: Route<Q>): Route<Q> => definition;

export const API_VERSION = '2026-11-01';
/** Taken by every route: the version, and the host's key, which is not ours to judge. */
const COMMON = new Set(['api-version', 'code']);

/** An RFC 3339 moment, or a date that means its last moment in UTC. */
export const momentParameter = z
  .union([z.iso.datetime({ offset: true }), z.iso.date().transform((date) => `${date}T23:59:59.999Z`)], {
    error: 'must be a date like 2026-11-21 or a moment like 2026-11-21T10:30:00Z',
  })
  .transform((text) => new Date(text));

export const wholeParameter = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`);

/** @returns the query of a request by the route's schema @throws ApiError naming each parameter that is wrong or unknown */
export function parseQuery<Q extends z.ZodObject>(schema: Q, query: URLSearchParams): z.output<Q> {
  const version = query.get('api-version');
  if (version !== null && version !== API_VERSION)
    throw new ApiError(
      400,
      'UnsupportedApiVersionValue',
      `api-version ${version} is not supported; use ${API_VERSION} or leave it out.`,
      'api-version',
    );
  const known = Object.keys(schema.shape);
  for (const name of query.keys())
    if (!COMMON.has(name) && !known.includes(name))
      throw new ApiError(
        400,
        'UnknownQueryParameter',
        known.length > 0
          ? `There is no query parameter ${name}; there are ${known.join(', ')}.`
          : `There is no query parameter ${name}; this address takes none.`,
        name,
      );
  const given = Object.fromEntries(known.filter((name) => query.has(name)).map((name) => [name, query.get(name)]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid('InvalidQueryParameterValue', parsed.error);
}

/** @returns the body of a request by a schema @throws ApiError naming each property that is wrong, missing or unknown */
export function parseBody<B extends z.ZodObject>(schema: B, request: Pick<ApiRequest, 'body'>): z.output<B> {
  const given = parseJson(request.body);
  const known = Object.keys(schema.shape);
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) {
    const name = strange.slice(0, 100);
    throw new ApiError(400, 'UnknownProperty', `There is no property ${name}; there are ${known.join(', ')}.`, name);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid('InvalidPropertyValue', parsed.error);
}

function parseJson(text: string): object {
  const refuse = (message: string) => new ApiError(400, 'InvalidRequestBody', message, 'body');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw refuse(text.trim() === '' ? 'A JSON body is needed.' : 'The body is no JSON.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refuse('The body must be a JSON object.');
  return given;
}

function invalid(code: string, { issues }: z.ZodError): ApiError {
  const details = issues.map(({ message, path }) => ({ code, message, target: path.join('.') }));
  const [first] = details;
  return new ApiError(400, code, `${first!.target}: ${first!.message}`, first!.target, details);
}

/** A query parameter that is one of a few words. */
export const choiceParameter = <const W extends readonly string[]>(words: W) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

/** A property of a body that holds any text, without the white space around it. */
export const plainText = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') })
  .trim();

/** A property of a body that holds text. @param most characters */
export const textProperty = (most: number) =>
  plainText.min(1, 'must not be empty').max(most, `must have at most ${most} characters`);

/** Who did it, as the caller says: the host's key is the lock, and knows no persons. */
export const byProperty = textProperty(200);

/** @returns the absolute address, without the key, of a thing below the address that was asked */
export const addressBelow = ({ url }: Pick<ApiRequest, 'url'>, id: string): string =>
  `${url.origin}${url.pathname.replace(/\/$/, '')}/${encodeURIComponent(id)}`;
