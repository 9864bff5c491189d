// Reads every object of a kind, page by page, within limits that all kinds of one cluster share.
import { ApiError, statusOf } from './api-error.ts';
import type { Connection } from './connection.ts';
import { TooMuchError } from './explain.ts';
import type { Message } from './protobuf/fields.ts';
import { PROTOBUF_TYPE } from './protobuf/list.ts';
import type { Slim } from './slim.ts';

/** client-go's page size; what API servers are used to. */
const PAGE = 500;
/**
 * Of objects that come in protocol buffers, which cost an API server little. With every page etcd counts what is left:
 * 20,000 pods took 3.4 s in pages of 500 and 1.4 s in these (measured on two cores with a server on them).
 */
const LARGE_PAGE = 2_000;
/** The list changed while it was read and its continuation expired (410 Gone): it is read anew this often. */
const MAX_RESTARTS = 3;

const JSON_LIST = 'application/json';
/** Custom resources come in JSON alone. */
const PROTOBUF_LIST = `${PROTOBUF_TYPE}, ${JSON_LIST}`;
/** Names, labels and owners alone, of servers that can give them alone. */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json';

/** What one read of a cluster may take; counted down by every list. */
export interface Allowance {
  objects: number;
  bytes: number;
}

export interface ListRequest {
  /** Of the list, with or without a query. */
  readonly path: string;
  /** Is applied to each object as it arrives. */
  readonly slim: Slim;
  /** Only names, labels and owners are asked for. */
  readonly metadataOnly?: boolean;
  /** They are asked for in protocol buffers, of which these fields are read. */
  readonly message?: Message | undefined;
  /** Ask for the objects as they were at this resource version; undefined: as they are now. */
  readonly version?: string | undefined;
}

export interface Listed {
  /** Slimmed. */
  readonly objects: readonly unknown[];
  /** The resource version at which the server says that the list was so. */
  readonly version: string | undefined;
}

/**
 * Reads a list. A server that does not give it at the version asked for gives it as it is now, and `version` tells.
 * @throws ApiError, with status 410 when the version asked for is no longer kept; TooMuchError when the allowance is used up
 */
export async function listAll(connection: Connection, request: ListRequest, allowance: Allowance): Promise<Listed> {
  if (request.version !== undefined)
    try {
      return await listOnce(connection, request, allowance);
    } catch (error) {
      if (!isVersionRefused(error)) throw error;
    }
  for (let restarts = 0; ; restarts++)
    try {
      return await listOnce(connection, { ...request, version: undefined }, allowance);
    } catch (error) {
      if (statusOf(error) !== 410 || restarts >= MAX_RESTARTS) throw error;
    }
}

/** 400: an aggregated API server that does not know versions. 504: one that counts its own, and has not come so far (Too large resource version). */
const isVersionRefused = (error: unknown): boolean => [400, 422, 504].includes(statusOf(error) ?? 0);

async function listOnce(connection: Connection, request: ListRequest, allowance: Allowance): Promise<Listed> {
  const { path } = request;
  const objects: unknown[] = [];
  const seen = new Set<string>();
  let limit = request.message ? LARGE_PAGE : PAGE;
  for (let page = startPage(connection, request, limit, ''); ;) {
    // The API server makes the next page while this one is on its way: a list says where it goes on before its items.
    const following = page.head.then((next) =>
      next === undefined ? undefined : startPage(connection, request, limit, next),
    );
    const read = await page.whole.catch((error: unknown) => {
      if (!isTooLarge(error) || limit === 1) throw error;
      return undefined;
    });
    if (!read) {
      // Objects can be large: as many as fit into one answer are asked for from here on.
      limit = Math.ceil(limit / 2);
      take(allowance, 0, connection.maxResponseBytes);
      page = startPage(connection, request, limit, page.from);
      continue;
    }
    take(allowance, read.items.length, read.bytes);
    for (const item of read.items) objects.push(item);
    const { next, version } = parseEnvelope(read.list, path);
    if (next === undefined) return { objects, version };
    if (seen.has(next))
      throw new ApiError(path, { kind: 'broken', message: 'the pages of the list go round in circles' });
    seen.add(next);
    const begun = await following;
    page = begun?.from === next ? begun : startPage(connection, request, limit, next);
  }
}

/** A page on its way. */
interface StartedPage {
  /** Where it starts: a continuation, or nothing for the first. */
  readonly from: string;
  /** Where the list goes on; undefined when that is not known before the whole is there. */
  readonly head: Promise<string | undefined>;
  readonly whole: Promise<Page>;
}

function startPage(connection: Connection, request: ListRequest, limit: number, from: string): StartedPage {
  const { promise: head, resolve } = Promise.withResolvers<string | undefined>();
  const whole = readPage(connection, request, limit, from, (list) => resolve(nextOf(list)));
  // A page that was begun early may turn out not to be needed: then its failure does not matter.
  whole.then(
    () => resolve(undefined),
    () => resolve(undefined),
  );
  return { from, head, whole };
}

function nextOf(list: unknown): string | undefined {
  const { metadata } = (list ?? {}) as { metadata?: { continue?: unknown } | null };
  const next = metadata?.continue;
  return typeof next === 'string' && next !== '' ? next : undefined;
}

const isTooLarge = (error: unknown): boolean => error instanceof ApiError && error.failure.kind === 'too-large';

function addressOf({ path, version }: ListRequest, limit: number, next: string): string {
  // A continuation holds its version; naming it again is refused.
  const at = version === undefined ? '' : `&resourceVersion=${version}&resourceVersionMatch=Exact`;
  const query = `limit=${limit}${next === '' ? at : `&continue=${encodeURIComponent(next)}`}`;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

interface Page {
  readonly items: readonly unknown[];
  /** The list without its items. */
  readonly list: unknown;
  readonly bytes: number;
}

async function readPage(
  connection: Connection,
  request: ListRequest,
  limit: number,
  from: string,
  head: (list: unknown) => void,
): Promise<Page> {
  const { slim, metadataOnly, message } = request;
  const accept = metadataOnly ? METADATA_LIST : message ? PROTOBUF_LIST : JSON_LIST;
  let items: unknown[] = [];
  const { list, bytes } = await connection.page(addressOf(request, limit, from), accept, {
    begin: () => void (items = []),
    head,
    item: (raw) => void items.push(slim(raw)),
    ...(message ? { message } : {}),
  });
  return { items, list, bytes };
}

/** An empty page counts too: a server that sends nothing but continuations would be read for ever. */
function take(allowance: Allowance, objects: number, bytes: number): void {
  allowance.objects -= Math.max(1, objects);
  allowance.bytes -= bytes;
  if (allowance.objects < 0) throw new TooMuchError('The cluster has more objects than Bulkhead reads of one cluster.');
  if (allowance.bytes < 0) throw new TooMuchError('The cluster has more data than Bulkhead reads of one cluster.');
}

/** @throws ApiError when the answer is not a list */
function parseEnvelope(list: unknown, path: string): { next: string | undefined; version: string | undefined } {
  const { kind, metadata, items } = (list ?? {}) as { kind?: unknown; metadata?: unknown; items?: unknown };
  // An empty list of partial metadata says `"items": null`: Go writes a slice that nothing was put into that way.
  const isItems = Array.isArray(items) || items === null;
  if (!isItems || typeof kind !== 'string' || !kind.endsWith('List'))
    throw new ApiError(path, { kind: 'broken', message: 'the answer is not a list' });
  const { resourceVersion } = (metadata ?? {}) as { resourceVersion?: unknown };
  return {
    next: nextOf(list),
    // It becomes part of an address: an API server's is a number, and nothing else is used.
    version:
      typeof resourceVersion === 'string' && /^[1-9]\d{0,19}$/.test(resourceVersion) ? resourceVersion : undefined,
  };
}
