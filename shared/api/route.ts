// A route is data: where it is, what it takes, who may call it, and the function that answers.
import { z } from 'zod';
import { ApiError } from './errors.ts';
import type { ApiServices } from './services.ts';

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
  readonly body?: unknown;
}

export interface Route<Q extends z.ZodObject = z.ZodObject> {
  /** Also the name of its function. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
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
  const details = parsed.error.issues.map((issue) => ({
    code: 'InvalidQueryParameterValue',
    message: issue.message,
    target: issue.path.join('.'),
  }));
  throw new ApiError(
    400,
    'InvalidQueryParameterValue',
    `${details[0]!.target}: ${details[0]!.message}`,
    details[0]!.target,
    details,
  );
}
