// HTTP triggers: routes, keys and answers as the Functions host has them.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core, RegisteredFunction, TypedData } from './core.ts';
import { triggerOf } from './core.ts';

export interface HostKeys {
  readonly function: string;
  readonly master: string;
}

/** Larger bodies are refused; the real host takes 100 MB, which nothing local needs. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

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
    const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? '127.0.0.1'}`);
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
      const body = await readBody(incoming);
      if (!body) return end(outgoing, 413);
      const { name } = route.registered;
      const response = await run(core, name, incoming, url, params, body).catch((error: unknown) => {
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
  return hasKey(incoming, url, keys && (route.level === 'admin' ? [keys.master] : [keys.function, keys.master]));
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

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function run(
  core: Core,
  name: string,
  incoming: IncomingMessage,
  url: URL,
  params: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<RpcHttp> {
  const nullable = (values: Iterable<readonly [string, string]>): Record<string, { value: string }> =>
    Object.fromEntries([...values].map(([key, value]) => [key, { value }]));
  const query = Map.groupBy(url.searchParams, ([key]) => key);
  const data: TypedData = {
    http: {
      url: url.href,
      method: incoming.method,
      nullableHeaders: nullable(Object.entries(incoming.headers).map(([key, value]) => [key, String(value)] as const)),
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
