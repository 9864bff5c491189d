// Lists as the API server gives them: in pages, by selectors, as of a resource version, and as metadata alone.
import { listKey } from './cluster-state.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resources.ts';
import { apiVersionOf } from './resources.ts';
import { fieldSelector, labelSelector } from './selectors.ts';
import type { ApiAnswer } from './status.ts';
import { badRequest, gone, invalidOptions, versionToCome } from './status.ts';

export interface ListOptions {
  readonly query: URLSearchParams;
  readonly accept: string;
  /** The resource version of everything that there is. */
  readonly version: number;
}

/** @param objects in the order of their keys */
export function list(
  { query, accept, version }: ListOptions,
  resource: Resource,
  objects: readonly KubeObject[],
): ApiAnswer {
  const [fields, labels] = [query.get('fieldSelector') ?? '', query.get('labelSelector') ?? ''];
  const byField = fieldSelector(fields);
  const byLabel = labelSelector(labels);
  if (!byField) return badRequest(`field label not supported: ${fields.split(/[!=]/, 1)[0]}`);
  if (!byLabel) return badRequest('unable to parse requirement: the label selector is not supported');
  const limit = Number(query.get('limit') ?? 0);
  if (!Number.isInteger(limit) || limit < 0) return badRequest('limit is not a number');
  const start = startOf(query, version);
  if (typeof start !== 'string') return start;
  const left = objects.filter((object) => listKey(object) > start && byField(object) && byLabel(object));
  const items = limit === 0 ? left : left.slice(0, limit);
  const last = items.at(-1);
  const more = last !== undefined && items.length < left.length;
  const isPartial = accept.includes('as=PartialObjectMetadataList');
  const metadata = {
    resourceVersion: String(version),
    ...(more
      ? { continue: writeToken(version, listKey(last)) }
      : resource.custom && !isPartial
        ? { continue: '' }
        : {}),
    // Where a selector is used, the server does not count what is left.
    ...(more && fields === '' && labels === '' ? { remainingItemCount: left.length - items.length } : {}),
  };
  return { status: 200, body: isPartial ? partial(metadata, items) : whole(metadata, resource, items) };
}

const whole = (metadata: object, resource: Resource, items: readonly KubeObject[]): object => ({
  kind: `${resource.kind}List`,
  apiVersion: apiVersionOf(resource),
  metadata,
  items: resource.custom ? items : items.map(bare),
});

/** Items of built-in kinds do not repeat their kind, those of definitions do. */
const bare = ({ apiVersion: _version, kind: _kind, ...rest }: KubeObject): object => rest;

const PARTIAL = { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' };
const partial = (metadata: object, items: readonly KubeObject[]): object => ({
  ...PARTIAL,
  kind: `${PARTIAL.kind}List`,
  metadata,
  // A slice that nothing was put into is null in Go's JSON.
  items: items.length === 0 ? null : items.map((object) => ({ ...PARTIAL, metadata: object.metadata })),
});

/** @returns the key after which the page starts, or why there is no such page */
function startOf(query: URLSearchParams, current: number): string | ApiAnswer {
  const token = query.get('continue') ?? '';
  const asked = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  if (match !== '' && token !== '')
    return invalidOptions('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
  if (match !== '' && asked === '')
    return invalidOptions(
      'resourceVersionMatch',
      'resourceVersionMatch is forbidden unless resourceVersion is provided',
    );
  if (Number(asked) > current) return versionToCome(Number(asked), current);
  if (match === 'Exact' && Number(asked) < current)
    return gone('The resourceVersion for the provided list is too old.');
  if (token === '') return '';
  const from = readToken(token);
  if (!from) return badRequest('invalid continue token: continue key is not valid');
  return from.version === current ? from.key : gone('The provided continue parameter is too old');
}

const writeToken = (version: number, key: string): string =>
  Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: version, start: `${key}\0` })).toString('base64url');

function readToken(token: string): { readonly version: number; readonly key: string } | undefined {
  try {
    const { rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as { rv?: unknown; start?: unknown };
    return typeof rv === 'number' && typeof start === 'string' ? { version: rv, key: start.slice(0, -1) } : undefined;
  } catch {
    return undefined;
  }
}
