// Reads every object of a kind, page by page, within bounds that all kinds of one cluster share.
import { ApiError, statusOf } from './api-error.ts';
import type { Connection } from './connection.ts';
import type { Meter } from './meter.ts';
import type { Message } from './protobuf/fields.ts';
import { PROTOBUF_TYPE } from './protobuf/list.ts';
import type { Slim } from './slim.ts';
import { TooManyError } from '../too-much.ts';

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

/** A continuation names the last object of its page, in base64: a few hundred characters. It becomes part of an address. */
const MAX_CONTINUATION = 8_000;

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
  /** How many objects of the kind there may be. */
  readonly most: number;
}

export interface Listed {
  /** Slimmed. */
  readonly objects: readonly unknown[];
  /** The resource version at which the server says that the list was so. */
  readonly version: string | undefined;
}

/**
 * Reads a list. A server that does not give it at the version asked for gives it as it is now, and `version` tells.
 * @throws ApiError, with status 410 when the version asked for is no longer kept; TooManyError; TooMuchError
 */
export async function listAll(connection: Connection, request: ListRequest, meter: Meter): Promise<Listed> {
  if (request.version !== undefined)
    try {
      return await listOnce(connection, request, meter);
    } catch (error) {
      if (!isVersionRefused(error)) throw error;
    }
  for (let restarts = 0; ; restarts++)
    try {
      return await listOnce(connection, { ...request, version: undefined }, meter);
    } catch (error) {
      if (statusOf(error) !== 410 || restarts >= MAX_RESTARTS) throw error;
    }
}

/** 400: an aggregated API server that does not know versions. 504: one that counts its own, and has not come so far (Too large resource version). */
const isVersionRefused = (error: unknown): boolean => [400, 422, 504].includes(statusOf(error) ?? 0);

async function listOnce(connection: Connection, request: ListRequest, meter: Meter): Promise<Listed> {
  const { path, most } = request;
  const objects: unknown[] = [];
  let weight = 0;
  const seen = new Set<string>();
  let limit = request.message ? LARGE_PAGE : PAGE;
  const pageFrom = (from: string): StartedPage => startPage(connection, request, meter, limit, from);
  try {
    for (let page = pageFrom(''); ;) {
      // The API server makes the next page while this one is on its way: a list says where it goes on before its items.
      const following = page.head.then((after) => (after === undefined ? undefined : pageFrom(after)));
      const read = await page.whole;
      meter.page();
      if ('fit' in read) {
        // Objects can be large: as many as fit into one answer are asked for from here on.
        limit = read.fit;
        abandon(await following, meter);
        page = pageFrom(page.from);
        continue;
      }
      for (const item of read.items) objects.push(item);
      weight += read.weight;
      if (objects.length > most) throw new TooManyError(tooMany(most));
      const { next, version } = parseEnvelope(read.list, path);
      if (next === undefined) return { objects, version };
      if (seen.has(next))
        throw new ApiError(path, { kind: 'broken', message: 'the pages of the list go round in circles' });
      seen.add(next);
      const begun = await following;
      if (begun?.from !== next) abandon(begun, meter);
      page = begun?.from === next ? begun : pageFrom(next);
    }
  } catch (error) {
    meter.hold(-weight);
    throw error;
  }
}

/** What was begun early and is not needed is not held. */
function abandon(page: StartedPage | undefined, meter: Meter): void {
  page?.whole.then(
    (read) => 'weight' in read && meter.hold(-read.weight),
    () => undefined,
  );
}

const tooMany = (most: number): string => `more than ${most}, the most that are read`;

/** A page on its way. */
interface StartedPage {
  /** Where it starts: a continuation, or nothing for the first. */
  readonly from: string;
  /** Where the list goes on; undefined when that is not known before the whole is there. */
  readonly head: Promise<string | undefined>;
  readonly whole: Promise<Page | TooLarge>;
}

function startPage(
  connection: Connection,
  request: ListRequest,
  meter: Meter,
  limit: number,
  from: string,
): StartedPage {
  const { promise: head, resolve } = Promise.withResolvers<string | undefined>();
  const whole = readPage(connection, request, { meter, limit, from }, (list) => resolve(shortNextOf(list)));
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

/** Only what can be asked for is asked for early. */
function shortNextOf(list: unknown): string | undefined {
  const next = nextOf(list);
  return next !== undefined && next.length <= MAX_CONTINUATION ? next : undefined;
}

const isTooLarge = (error: unknown): boolean => error instanceof ApiError && error.failure.kind === 'too-large';

function addressOf({ path, version }: ListRequest, limit: number, next: string): string {
  // A continuation holds its version; naming it again is refused.
  const at = version === undefined ? '' : `&resourceVersion=${version}&resourceVersionMatch=Exact`;
  const query = `limit=${limit}${next === '' ? at : `&continue=${encodeURIComponent(next)}`}`;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** An answer has more than is read of one: so many objects, half of those that came, will fit. */
interface TooLarge {
  readonly fit: number;
}

interface Page {
  readonly items: readonly unknown[];
  /** The list without its items. */
  readonly list: unknown;
  /** What its items take in memory. */
  readonly weight: number;
}

async function readPage(
  connection: Connection,
  request: ListRequest,
  { meter, limit, from }: { readonly meter: Meter; readonly limit: number; readonly from: string },
  head: (list: unknown) => void,
): Promise<Page | TooLarge> {
  const { path, slim, metadataOnly, message, most } = request;
  const accept = metadataOnly ? METADATA_LIST : message ? PROTOBUF_LIST : JSON_LIST;
  let items: unknown[] = [];
  let weight = 0;
  const begin = (): void => {
    meter.hold(-weight);
    weight = 0;
    items = [];
  };
  const item = (raw: unknown): void => {
    const kept = slim(raw);
    if (!hasName(kept)) throw new ApiError(path, { kind: 'broken', message: 'an item of the list has no name' });
    weight += meter.object(kept);
    if (items.push(kept) > most) throw new TooManyError(tooMany(most));
  };
  try {
    const list = await connection.page(addressOf(request, limit, from), accept, {
      begin,
      head,
      item,
      ...(message ? { message } : {}),
    });
    return { items, list, weight };
  } catch (error) {
    const fit = Math.min(Math.ceil(items.length / 2), limit - 1);
    begin();
    if (!isTooLarge(error)) throw error;
    if (fit > 0) return { fit };
    throw meter.tooMuch(
      `answers ${path.split('?', 1)[0]} with one object, or none, and more than is read of one answer`,
    );
  }
}

/** An API server's objects have names, all of them: what has none is of another server. */
function hasName(object: unknown): boolean {
  const { metadata } = (object ?? {}) as { metadata?: { name?: unknown } | null };
  return typeof metadata?.name === 'string' && metadata.name !== '';
}

/** @throws ApiError when the answer is not a list */
function parseEnvelope(list: unknown, path: string): { next: string | undefined; version: string | undefined } {
  const { kind, metadata, items } = (list ?? {}) as { kind?: unknown; metadata?: unknown; items?: unknown };
  // An empty list of partial metadata says `"items": null`: Go writes a slice that nothing was put into that way.
  const isItems = Array.isArray(items) || items === null;
  if (!isItems || typeof kind !== 'string' || !kind.endsWith('List'))
    throw new ApiError(path, { kind: 'broken', message: 'the answer is not a list' });
  const { resourceVersion } = (metadata ?? {}) as { resourceVersion?: unknown };
  const next = nextOf(list);
  if (next !== undefined && next.length > MAX_CONTINUATION)
    throw new ApiError(path, { kind: 'broken', message: 'the continuation of the list is longer than any real one' });
  return {
    next,
    // It becomes part of an address: an API server's is a number, and nothing else is used.
    version:
      typeof resourceVersion === 'string' && /^[1-9]\d{0,19}$/.test(resourceVersion) ? resourceVersion : undefined,
  };
}
