// From the text of a query or a body to what a route takes; whatever is wrong is named by its parameter or property.
import type { z } from 'zod';
import type { Body } from '../bounded-body.ts';
import { readBounded } from '../bounded-body.ts';
import { ApiError } from './errors.ts';

const MAX_BODY_BYTES = 16 * 1024;
const API_VERSION = '2026-11-01';
/** Of what callers wrote, this many characters are quoted. */
const MOST_QUOTED = 100;
/** A body of thousands of mistakes is answered with the first of them. */
const MOST_DETAILS = 20;
/** Taken by every route: the version, and the host's key, which is not ours to judge. */
const COMMON = new Set(['api-version', 'code']);

/** @returns the query of a request by the route's schema @throws ApiError naming each parameter that is wrong or unknown */
export function parseQuery<Q extends z.ZodObject>(schema: Q, query: URLSearchParams): z.output<Q> {
  const version = query.get('api-version');
  if (version !== null && version !== API_VERSION)
    throw new ApiError(
      400,
      'UnsupportedApiVersionValue',
      `api-version ${version.slice(0, MOST_QUOTED)} is not supported; use ${API_VERSION} or leave it out.`,
      'api-version',
    );
  const known = Object.keys(schema.shape);
  for (const name of query.keys()) {
    const named = name.slice(0, MOST_QUOTED);
    const takes = `this address takes ${known.join(', ') || 'none'}.`;
    if (!COMMON.has(name) && !known.includes(name))
      throw new ApiError(400, 'UnknownQueryParameter', `There is no query parameter ${named}; ${takes}`, named);
    if (query.getAll(name).length > 1)
      throw new ApiError(400, 'RepeatedQueryParameter', `${named}: is given more than once.`, named);
  }
  const given = Object.fromEntries(known.filter((name) => query.has(name)).map((name) => [name, query.get(name)]));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid('InvalidQueryParameterValue', parsed.error);
}

/** @returns the text of a body @throws ApiError 413 when it is too long */
export async function textOf(body: Body): Promise<string> {
  const bytes = await readBounded(body, MAX_BODY_BYTES);
  if (bytes) return bytes.toString();
  throw new ApiError(413, 'RequestBodyTooLarge', `The body is larger than ${MAX_BODY_BYTES / 1024} KB.`);
}

/** @returns the body of a request by the route's schema @throws ApiError naming each property that is wrong, missing or unknown */
export function parseBody<B extends z.ZodObject>(schema: B, body: string): z.output<B> {
  const known = Object.keys(schema.shape);
  const given = known.length > 0 ? parseJson(body) : parseNothing(body);
  const strange = Object.keys(given).find((name) => !known.includes(name));
  if (strange !== undefined) {
    const name = strange.slice(0, MOST_QUOTED);
    throw new ApiError(
      400,
      'UnknownProperty',
      `There is no property ${name}; this address takes ${known.join(', ')}.`,
      name,
    );
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw invalid('InvalidPropertyValue', parsed.error);
}

const refuse = (message: string): ApiError => new ApiError(400, 'InvalidRequestBody', message, 'body');

function parseNothing(text: string): object {
  if (!['', '{}'].includes(text.trim())) throw refuse('This address takes no body.');
  return {};
}

function parseJson(text: string): object {
  if (text.trim() === '') return {};
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw refuse('The body is not JSON.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw refuse('The body must be a JSON object.');
  return given;
}

function invalid(code: string, { issues }: z.ZodError): ApiError {
  const details = issues.slice(0, MOST_DETAILS).map(({ message, path }) => ({ code, message, target: path.join('.') }));
  const [first] = details;
  return new ApiError(400, code, `${first!.target}: ${first!.message}`, first!.target, details);
}
