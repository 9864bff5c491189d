// Reads every object of a kind, page by page, within limits that all kinds of one cluster share.
import { ApiError } from './api-error.ts';
import type { Connection } from './connection.ts';
import { TooMuchError } from './explain.ts';
import type { Slim } from './slim.ts';

/** client-go's page size; what API servers are used to. */
const PAGE = 500;
/** The list changed while it was read and its continuation expired (410 Gone): it is read anew this often. */
const MAX_RESTARTS = 3;

const JSON_LIST = 'application/json';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json';

/** What one read of a cluster may take; counted down by every list. */
export interface Allowance {
  objects: number;
  bytes: number;
}

/**
 * @param path of the list, with or without a query
 * @param slim is applied to each object as it arrives
 * @returns the slimmed objects
 * @throws ApiError, or TooMuchError when the allowance is used up
 */
export async function listAll(
  connection: Connection,
  path: string,
  slim: Slim,
  allowance: Allowance,
  metadataOnly = false,
): Promise<unknown[]> {
  const accept = metadataOnly ? METADATA_LIST : JSON_LIST;
  for (let restarts = 0; ; restarts++)
    try {
      return await listOnce(connection, path, accept, slim, allowance);
    } catch (error) {
      if (!isGone(error) || restarts >= MAX_RESTARTS) throw error;
    }
}

const isGone = (error: unknown): boolean =>
  error instanceof ApiError && error.failure.kind === 'status' && error.failure.status === 410;

async function listOnce(
  connection: Connection,
  path: string,
  accept: string,
  slim: Slim,
  allowance: Allowance,
): Promise<unknown[]> {
  const all: unknown[] = [];
  const seen = new Set<string>();
  let limit = PAGE;
  for (let next: string | undefined = ''; next !== undefined;) {
    const page = await readPage(connection, addressOf(path, limit, next), accept, slim).catch((error: unknown) => {
      if (!isTooLarge(error) || limit === 1) throw error;
      return undefined;
    });
    if (!page) {
      // Objects can be large: as many as fit into one answer are asked for from here on.
      limit = Math.ceil(limit / 2);
      take(allowance, 0, connection.maxResponseBytes);
      continue;
    }
    take(allowance, page.items.length, page.bytes);
    for (const item of page.items) all.push(item);
    next = continuation(page.list, path);
    if (next !== undefined && seen.has(next))
      throw new ApiError(path, { kind: 'broken', message: 'the pages of the list go round in circles' });
    if (next !== undefined) seen.add(next);
  }
  return all;
}

const isTooLarge = (error: unknown): boolean => error instanceof ApiError && error.failure.kind === 'too-large';

function addressOf(path: string, limit: number, next: string): string {
  const query = `limit=${limit}${next === '' ? '' : `&continue=${encodeURIComponent(next)}`}`;
  return `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

interface Page {
  readonly items: readonly unknown[];
  /** The list without its items. */
  readonly list: unknown;
  readonly bytes: number;
}

async function readPage(connection: Connection, address: string, accept: string, slim: Slim): Promise<Page> {
  let items: unknown[] = [];
  const { list, bytes } = await connection.page(address, accept, {
    begin: () => void (items = []),
    item: (raw) => void items.push(slim(raw)),
  });
  return { items, list, bytes };
}

/** An empty page costs as well, or a server that sends nothing but continuations would never be left. */
function take(allowance: Allowance, objects: number, bytes: number): void {
  allowance.objects -= Math.max(1, objects);
  allowance.bytes -= bytes;
  if (allowance.objects < 0) throw new TooMuchError('The cluster has more objects than Bulkhead reads of one cluster.');
  if (allowance.bytes < 0) throw new TooMuchError('The cluster has more data than Bulkhead reads of one cluster.');
}

function continuation(list: unknown, path: string): string | undefined {
  const { kind, metadata, items } = (list ?? {}) as { kind?: unknown; metadata?: unknown; items?: unknown };
  // An empty list of partial metadata says `"items": null`: Go writes a slice that nothing was put into that way.
  const isItems = Array.isArray(items) || items === null;
  if (!isItems || typeof kind !== 'string' || !kind.endsWith('List'))
    throw new ApiError(path, { kind: 'broken', message: 'the answer is not a list' });
  const next = (metadata as { continue?: unknown } | undefined)?.continue;
  return typeof next === 'string' && next !== '' ? next : undefined;
}
