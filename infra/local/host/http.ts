// HTTP triggers: routes, keys and answers as the Functions host has them.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core, RegisteredFunction, TypedData } from './core.ts';
import { triggerOf } from './core.ts';

export interface HostKeys {
  /** Each opens what asks for a function key. */
  readonly functions: readonly string[];
  readonly master: string;
}

interface Route {
  readonly registered: RegisteredFunction;
  readonly methods: ReadonlySet<string>;
  readonly level: string;
  readonly segments: readonly string[];
}

/** @returns a handler for every HTTP-triggered function; 404 for everything else */
export function createHttpDoor(
  core: Core,
  options: {
    readonly prefix: string;
    readonly keys: HostKeys | undefined;
    /**
     * `x-ms-client-principal` of the one person whom platform authentication knows: whoever has a key, or is on this machine where none is asked for.
     * Left out, there is no platform authentication.
     */
    readonly principal: string | undefined;
    readonly mostBodyBytes: number;
    readonly runTimer: (name: string) => Promise<boolean>;
    /** Is told what a handler threw. */
    readonly failed: (name: string, error: unknown) => void;
  },
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const routes = [...core.functions.values()]
    .filter((registered) => triggerOf(registered).type === 'httpTrigger')
    .map((registered) => toRoute(registered, options.prefix))
    .toSorted((a, b) => rank(a) - rank(b));

  return async (incoming, outgoing) => {
    const url = URL.parse(`http://${incoming.headers.host ?? '127.0.0.1'}${incoming.url ?? '/'}`);
    if (!url) return end(outgoing, 400);
    const segments = url.pathname.split('/').filter(Boolean).map(decode);
    const admin = /^\/admin\/functions\/([\w-]+)$/.exec(url.pathname);
    if (admin && incoming.method === 'POST') {
      const allowed = hasKey(incoming, url, options.keys && [options.keys.master]);
      return end(outgoing, !allowed ? 401 : (await options.runTimer(admin[1]!)) ? 202 : 404);
    }
    for (const route of routes) {
      const params = match(route.segments, segments);
      if (!params || !route.methods.has(incoming.method ?? 'GET')) continue;
      if (!authorised(route, incoming, url, options.keys)) return end(outgoing, 401);
      const body = await readBody(incoming, options.mostBodyBytes);
      if (!body) return end(outgoing, 413);
      const { name } = route.registered;
      const invocation = { method: incoming.method, headers: authenticated(incoming, url, options), url, params, body };
      const response = await run(core, name, invocation).catch((error: unknown) => {
        options.failed(name, error);
      });
      // The real host answers 500 without a word.
      return response ? answer(outgoing, response) : end(outgoing, 500);
    }
    return end(outgoing, 404);
  };
}

function toRoute(registered: RegisteredFunction, prefix: string): Route {
  const trigger = triggerOf(registered);
  const path = typeof trigger['route'] === 'string' ? trigger['route'] : registered.name;
  const methods = Array.isArray(trigger['methods']) ? (trigger['methods'] as string[]) : [];
  return {
    registered,
    methods: new Set(methods.length > 0 ? methods.map((method) => method.toUpperCase()) : ['GET', 'POST']),
    level: typeof trigger['authLevel'] === 'string' ? trigger['authLevel'] : 'anonymous',
    segments: [prefix, ...path.split('/')].filter(Boolean),
  };
}

/** Literals come before parameters, and parameters before a rest: the more exact route wins. */
const rank = (route: Route): number =>
  route.segments.reduce((sum, s) => sum * 4 + (s.startsWith('{*') ? 3 : s.startsWith('{') ? 2 : 1), 0) /
  4 ** route.segments.length;

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const rest = /^\{\*(\w+)\}$/.exec(part);
    if (rest) return { ...params, [rest[1]!]: segments.slice(index).join('/') };
    const parameter = /^\{(\w+)\??\}$/.exec(part);
    const segment = segments[index];
    if (segment === undefined) return parameter && part.endsWith('?}') ? params : undefined;
    if (parameter) params[parameter[1]!] = segment;
    else if (part.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return segments.length === pattern.length ? params : undefined;
}

function authorised(route: Route, incoming: IncomingMessage, url: URL, keys: HostKeys | undefined): boolean {
  if (route.level === 'anonymous') return true;
  return hasKey(incoming, url, keys && (route.level === 'admin' ? [keys.master] : [...keys.functions, keys.master]));
}

/** @returns the headers as the platform hands them on: where it authenticates, those that tell who asks are its own alone */
function authenticated(
  incoming: IncomingMessage,
  url: URL,
  { keys, principal }: { readonly keys: HostKeys | undefined; readonly principal: string | undefined },
): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  if (principal === undefined) return headers;
  for (const name of headers.keys()) if (/^x-ms-(client-principal|token)/.test(name)) headers.delete(name);
  if (hasKey(incoming, url, keys && [...keys.functions, keys.master])) headers.set('x-ms-client-principal', principal);
  return headers;
}

function hasKey(incoming: IncomingMessage, url: URL, keys: readonly string[] | undefined): boolean {
  if (!keys) return isFromHere(incoming, url);
  const given = Buffer.from(String(incoming.headers['x-functions-key'] ?? url.searchParams.get('code') ?? ''));
  return keys.some((key) => given.length === Buffer.byteLength(key) && timingSafeEqual(given, Buffer.from(key)));
}

/** Without keys only this machine may call: no web page of another site, and none whose host name was made to point here. */
function isFromHere(incoming: IncomingMessage, url: URL): boolean {
  const isElsewhere = ['cross-site', 'same-site'].includes(String(incoming.headers['sec-fetch-site']));
  return !isElsewhere && ['127.0.0.1', 'localhost'].includes(url.hostname);
}

async function readBody(incoming: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > mostBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > mostBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

interface Invocation {
  readonly method: string | undefined;
  readonly headers: Headers;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

async function run(core: Core, name: string, { method, headers, url, params, body }: Invocation): Promise<RpcHttp> {
  const nullable = (values: Iterable<readonly [string, string]>): Record<string, { value: string }> =>
    Object.fromEntries([...values].map(([key, value]) => [key, { value }]));
  const query = Map.groupBy(url.searchParams, ([key]) => key);
  const data: TypedData = {
    http: {
      url: url.href,
      method,
      nullableHeaders: nullable(headers),
      nullableQuery: nullable(
        [...query].map(([key, pairs]) => [key, pairs.map(([, value]) => value).join(',')] as const),
      ),
      nullableParams: nullable(Object.entries(params)),
      ...(body.length > 0 ? { body: { bytes: body } } : {}),
    },
  };
  const response = await core.invoke(name, data);
  const output = response.returnValue ?? response.outputData?.find(({ data: d }) => d.http)?.data;
  return (output?.http ?? {}) as RpcHttp;
}

interface RpcHttp {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: TypedData | null;
}

function answer(outgoing: ServerResponse, http: RpcHttp): void {
  for (const [name, value] of Object.entries(http.headers ?? {})) outgoing.setHeader(name, value);
  outgoing.statusCode = Number(http.statusCode ?? 200);
  const { bytes, string } = http.body ?? {};
  outgoing.end(bytes ? Buffer.from(bytes) : string);
}

function end(outgoing: ServerResponse, status: number): void {
  outgoing.statusCode = status;
  outgoing.end();
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
