// Reads all kinds of one cluster over one connection into typed objects.
import type { InClusterRead } from '../../model/in-cluster.ts';
import { parseObjects } from '../../network/parse/parse.ts';
import { ApiError, statusOf } from './api-error.ts';
import type { Connection } from './connection.ts';
import { ForbiddenError } from './explain.ts';
import type { ReadKind, Served } from './kinds.ts';
import type { Candidate } from './kinds.ts';
import { USUAL_MOST, candidates, parseServed, readKinds, resourceName } from './kinds.ts';
import { listAll } from './lists.ts';
import type { Meter } from './meter.ts';
import { slimmer } from './slim.ts';
import { TooManyError } from '../too-much.ts';

/** How many kinds are read at a time: all lists but that of the pods are short. */
const PARALLEL = 4;
/** How often reading begins anew when the server forgets the version it began with; after that, lists are read as they are. */
const MAX_MOMENTS = 2;

/** What became of one kind in one of the groups that may have it. */
export type KindRead =
  | {
      readonly kind: ReadKind;
      readonly status: 'read';
      readonly objects: readonly unknown[];
      /** The resource version at which the list was so; undefined when the server did not say. */
      readonly version?: string | undefined;
    }
  | { readonly kind: ReadKind; readonly status: 'forbidden'; readonly resource: string }
  /** There are too many: a kind that only adds detail is done without. */
  | { readonly kind: ReadKind; readonly status: 'too-many' }
  | { readonly kind: ReadKind; readonly status: 'absent' };

/** What reading one kind takes. */
interface Source {
  readonly connection: Connection;
  readonly served: Served;
  readonly meter: Meter;
}

/**
 * Reads everything as it was at one moment. Lists that are read one after the other show a pod that was made in between
 * without the policy that was made with it: every list is asked for at the resource version of the first
 * (`resourceVersionMatch=Exact`, Kubernetes API concepts; kinds in one etcd count their versions together).
 * @throws ForbiddenError naming every resource without which nothing can be judged; ApiError; TooMuchError
 */
export async function collect(connection: Connection, meter: Meter): Promise<InClusterRead> {
  const source = { connection, served: await discover(connection), meter };
  for (let moments = 0, held = meter.held; ; moments++)
    try {
      return assemble(await readAll(source, moments < MAX_MOMENTS));
    } catch (error) {
      if (statusOf(error) !== 410 || moments >= MAX_MOMENTS) throw error;
      meter.hold(held - meter.held);
    }
}

const isNamespaces = ({ kind }: ReadKind): boolean => kind === 'Namespace';
const isPods = ({ kind }: ReadKind): boolean => kind === 'Pod';

/** @param together as of one moment, where the API server can */
async function readAll(source: Source, together: boolean): Promise<readonly KindRead[]> {
  const read = async (wanted: (kind: ReadKind) => boolean, version?: string): Promise<readonly KindRead[]> =>
    (await pool(readKinds.filter(wanted), (kind) => readKind(source, kind, version))).flat();
  const namespaces = await read(isNamespaces);
  const version = together ? versionOf(namespaces[0]) : undefined;
  // The many pods come last: whoever may not read the rest is told so in a second.
  const before = [...namespaces, ...(await read((kind) => !isNamespaces(kind) && !isPods(kind), version))];
  requireMusts(before);
  const pods = await read(isPods, version);
  requireMusts(pods);
  const isOfMoment = (found: KindRead): boolean => version !== undefined && versionOf(found) === version;
  // What is not of the same moment as the pods is read again after them: then at least no policy is missed that was made with its pods.
  const isLate = pods.every(isOfMoment)
    ? (kind: ReadKind) => before.some((found) => found.kind === kind && found.status === 'read' && !isOfMoment(found))
    : () => true;
  const late = await read((kind) => kind.need !== 'hint' && !isPods(kind) && isLate(kind));
  requireMusts(late);
  return [...before.filter((found) => !late.some(({ kind }) => kind === found.kind)), ...late, ...pods];
}

const versionOf = (found: KindRead | undefined): string | undefined =>
  found?.status === 'read' ? found.version : undefined;

/** @returns objects of every kind, as one cluster's worth */
export function assemble(reads: readonly KindRead[]): InClusterRead {
  const forbiddenKinds = reads.flatMap((read) =>
    read.status === 'forbidden' && read.kind.need === 'policy' ? [read.resource] : [],
  );
  const unreadHints = readKinds
    .filter((kind) => kind.need === 'hint' && isUnread(kind, reads))
    .map(({ resource, places }) => resourceName(resource, places[0]!.group));
  const objects = reads.flatMap((read) => (read.status === 'read' ? read.objects : []));
  const { objects: parsed } = parseObjects(objects, { throughReplicaSets: true });
  return { status: 'read', objects: parsed, forbiddenKinds, ...(unreadHints.length > 0 ? { unreadHints } : {}) };
}

/** True for a kind that this way of reading leaves out, that may not be listed, or of which there are too many. One that the API server does not know counts as read: there are no objects of it. */
function isUnread(kind: ReadKind, reads: readonly KindRead[]): boolean {
  const read = reads.find((one) => one.kind === kind);
  return read === undefined || read.status === 'forbidden' || read.status === 'too-many';
}

/** Where an API server does not tell what it serves, each kind is asked for. */
async function discover(connection: Connection): Promise<Served> {
  try {
    return parseServed(await connection.get('/apis'));
  } catch (error) {
    if (statusOf(error) === 403 || statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** @returns what became of a kind in each group that may have it */
async function readKind(source: Source, kind: ReadKind, version: string | undefined): Promise<readonly KindRead[]> {
  const reads: KindRead[] = [];
  let failed: ApiError | undefined;
  for (const versions of candidates(kind, source.served))
    try {
      const read = await readPlace(source, kind, versions, version);
      // An aggregated API server may be down: the definitions behind it hold the same objects, and were read.
      if (read.status === 'read') failed = undefined;
      reads.push(read);
    } catch (error) {
      if (!(error instanceof ApiError) || statusOf(error) === undefined || statusOf(error) === 410) throw error;
      failed ??= error;
    }
  if (failed) throw failed;
  return reads.length > 0 ? reads : [{ kind, status: 'absent' }];
}

/** Asks one version after the other: a group may serve one that does not have the kind. */
async function readPlace(
  { connection, meter }: Source,
  kind: ReadKind,
  versions: readonly Candidate[],
  version: string | undefined,
): Promise<KindRead> {
  for (const { group, apiVersion, path } of versions)
    try {
      const slim = slimmer(kind.kind, apiVersion);
      const { metadataOnly = false, message, most = USUAL_MOST } = kind;
      const request = { path, slim, metadataOnly, message, version, most };
      return { kind, status: 'read', ...(await listAll(connection, request, meter)) };
    } catch (error) {
      if (error instanceof TooManyError) {
        if (kind.need === 'hint') return { kind, status: 'too-many' };
        throw meter.tooMuch(`has too many ${resourceName(kind.resource, group)}: ${error.message}`);
      }
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
