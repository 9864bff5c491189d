// Reads all kinds of one cluster over one connection into typed objects.
import type { InClusterRead } from '../../model/in-cluster.ts';
import { parseObjects } from '../../network/parse.ts';
import { ApiError } from './api-error.ts';
import type { Connection } from './connection.ts';
import { ForbiddenError } from './explain.ts';
import type { ReadKind, Served } from './kinds.ts';
import type { Candidate } from './kinds.ts';
import { candidates, parseServed, readKinds, resourceName } from './kinds.ts';
import type { Allowance } from './lists.ts';
import { listAll } from './lists.ts';
import { slimmer } from './slim.ts';

/** Kinds that are read at a time: their lists are short, but for the pods. */
const PARALLEL = 4;

/** What became of one kind in one of the groups that may have it. */
export type KindRead =
  | { readonly kind: ReadKind; readonly status: 'read'; readonly objects: readonly unknown[] }
  | { readonly kind: ReadKind; readonly status: 'forbidden'; readonly resource: string }
  | { readonly kind: ReadKind; readonly status: 'absent' };

/**
 * @param allowance is counted down
 * @throws ForbiddenError naming every resource without which nothing can be judged; ApiError; TooMuchError
 */
export async function collect(connection: Connection, allowance: Allowance): Promise<InClusterRead> {
  const served = await discover(connection);
  const isPods = (kind: ReadKind): boolean => kind.kind === 'Pod' && !kind.metadataOnly;
  // The many pods come last: whoever may not read the rest is told so in a second.
  const before = await pool(
    readKinds.filter((kind) => !isPods(kind)),
    (kind) => readKind(connection, kind, served, allowance),
  );
  requireMusts(before.flat());
  const pods = await pool(readKinds.filter(isPods), (kind) => readKind(connection, kind, served, allowance));
  requireMusts(pods.flat());
  return assemble([...before, ...pods].flat());
}

/** @returns objects of every kind, as one cluster's worth */
export function assemble(reads: readonly KindRead[]): InClusterRead {
  const forbiddenKinds = reads.flatMap((read) =>
    read.status === 'forbidden' && read.kind.need === 'policy' ? [read.resource] : [],
  );
  const unreadHints = readKinds
    .filter((kind) => kind.need === 'hint' && isUnread(kind, reads))
    .map(({ resource, places }) => resourceName(resource, places[0]!.group));
  const objects = reads.flatMap((read) => (read.status === 'read' ? read.objects : []));
  const { objects: parsed } = parseObjects(withoutDoubles(objects), { throughReplicaSets: true });
  return { status: 'read', objects: parsed, forbiddenKinds, ...(unreadHints.length > 0 ? { unreadHints } : {}) };
}

/** A kind that the way of reading leaves out, or that may not be listed; one that the API server does not know is read, and there is none. */
function isUnread(kind: ReadKind, reads: readonly KindRead[]): boolean {
  const read = reads.find((one) => one.kind === kind);
  return read === undefined || read.status === 'forbidden';
}

/** A pod that finished in between is in two lists: the later one, which has its body, counts. */
function withoutDoubles(objects: readonly unknown[]): readonly unknown[] {
  const pods = new Map<string, number>();
  for (const [i, object] of objects.entries()) {
    const { kind, metadata } = object as { kind: string; metadata: { namespace?: string; name?: string } };
    if (kind === 'Pod') pods.set(`${metadata.namespace}/${metadata.name}`, i);
  }
  const kept = new Set(pods.values());
  return objects.filter((object, i) => (object as { kind: string }).kind !== 'Pod' || kept.has(i));
}

/** An API server that does not tell is asked for each kind. */
async function discover(connection: Connection): Promise<Served> {
  try {
    return parseServed(await connection.get('/apis'));
  } catch (error) {
    if (statusOf(error) === 403 || statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** @returns what became of a kind in each group that may have it */
async function readKind(
  connection: Connection,
  kind: ReadKind,
  served: Served,
  allowance: Allowance,
): Promise<readonly KindRead[]> {
  const reads: KindRead[] = [];
  let failed: ApiError | undefined;
  for (const versions of candidates(kind, served))
    try {
      const read = await readPlace(connection, kind, versions, allowance);
      // An API server that stands before definitions may be down: what it would have shown was read behind it.
      if (read.status === 'read') failed = undefined;
      reads.push(read);
    } catch (error) {
      if (!(error instanceof ApiError) || statusOf(error) === undefined) throw error;
      failed ??= error;
    }
  if (failed) throw failed;
  return reads.length > 0 ? reads : [{ kind, status: 'absent' }];
}

/** Asks one version after the other: a group may serve one that does not have the kind. */
async function readPlace(
  connection: Connection,
  kind: ReadKind,
  versions: readonly Candidate[],
  allowance: Allowance,
): Promise<KindRead> {
  for (const { group, apiVersion, path } of versions)
    try {
      const phase = kind.metadataOnly && kind.kind === 'Pod' ? (kind.fields ?? '').split('=').at(-1) : undefined;
      const slim = slimmer(kind.kind, apiVersion, phase);
      const objects = await listAll(connection, path, slim, allowance, kind.metadataOnly);
      return { kind, status: 'read', objects };
    } catch (error) {
      const status = statusOf(error);
      if (status === 403) return { kind, status: 'forbidden', resource: resourceName(kind.resource, group) };
      if (status !== 404 && status !== 405) throw error;
    }
  return { kind, status: 'absent' };
}

/** @throws ForbiddenError or ApiError when something could not be read without which nothing can be judged */
export function requireMusts(reads: readonly KindRead[]): void {
  const musts = reads.filter((read) => read.kind.need === 'must');
  const forbidden = musts.flatMap((read) => (read.status === 'forbidden' ? [read.resource] : []));
  if (forbidden.length > 0) throw new ForbiddenError([...new Set(forbidden)]);
  const absent = musts.find((read) => read.status === 'absent');
  if (!absent) return;
  const message = `the API server does not know ${absent.kind.resource}`;
  throw new ApiError(absent.kind.resource, { kind: 'broken', message });
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof ApiError && error.failure.kind === 'status' ? error.failure.status : undefined;

/** Runs a few at a time; the first failure fails all, and the caller ends the others with the connection. */
async function pool<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
