// Reads every object of a kind, page by page, within limits that all kinds of one cluster share.
import type { Connection } from './connection.ts';
import { ApiError } from './connection.ts';
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
      if (!(error instanceof ApiError) || error.failure.kind !== 'status' || error.failure.status !== 410) throw error;
      if (restarts >= MAX_RESTARTS) throw error;
    }
}

async function listOnce(
  connection: Connection,
  path: string,
  accept: string,
  slim: Slim,
  allowance: Allowance,
): Promise<unknown[]> {
  const all: unknown[] = [];
  const seen = new Set<string>();
  for (let next: string | undefined = ''; next !== undefined;) {
    let page: unknown[] = [];
    const query = `limit=${PAGE}${next ? `&continue=${encodeURIComponent(next)}` : ''}`;
    const address = `${path}${path.includes('?') ? '&' : '?'}${query}`;
    const { list, bytes } = await connection.page(address, accept, {
      begin: () => void (page = []),
      item: (raw) => void page.push(slim(raw)),
    });
    take(allowance, page.length, bytes);
    for (const item of page) all.push(item);
    next = continuation(list, path);
    if (next !== undefined && seen.has(next))
      throw new ApiError(path, { kind: 'broken', message: 'the pages of the list go round in circles' });
    if (next !== undefined) seen.add(next);
  }
  return all;
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
  if (!Array.isArray(items) || typeof kind !== 'string' || !kind.endsWith('List'))
    throw new ApiError(path, { kind: 'broken', message: 'the answer is no list' });
  const next = (metadata as { continue?: unknown } | undefined)?.continue;
  return typeof next === 'string' && next !== '' ? next : undefined;
}
