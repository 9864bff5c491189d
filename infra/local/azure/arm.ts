// The ARM wire format over an estate: which path gives what, page by page, and the errors of the real one.
import type { SimulatedCluster, SimulatedEstate, SimulatedSubscription } from './estate-files.ts';
import type { Throttle } from './throttle.ts';

export interface ArmRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Where it was sent to: links to next pages lead there. */
  readonly host: string;
}

export interface ArmAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ArmWorld {
  readonly estate: SimulatedEstate;
  readonly pageSize: number;
  /** The kubeconfig of a cluster; undefined for one that gives none. */
  readonly kubeconfig: (cluster: SimulatedCluster) => Promise<string | undefined>;
  /** Is told each request about a subscription @returns 0 when it may pass, else the seconds to wait */
  readonly admit: Throttle;
}

export const armError = (status: number, code: string, message: string): ArmAnswer => ({
  status,
  body: { error: { code, message } },
});
const notFound = armError(404, 'NotFound', 'The resource was not found.');

/** @param request one whose token is good */
export async function answerArm(request: ArmRequest, world: ArmWorld): Promise<ArmAnswer> {
  if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(request.query.get('api-version') ?? ''))
    return armError(400, 'MissingApiVersionParameter', 'The api-version query parameter is required for all requests.');
  const { estate, pageSize } = world;
  const parts = request.path.split('/').filter(Boolean);
  const [root, id, type] = parts.map((part) => part.toLowerCase());
  if (root === 'providers' && type === 'managementgroups')
    return descendants(estate, decodeURIComponent(parts[3] ?? ''));
  if (root !== 'subscriptions') return notFound;
  const all = estate.subscriptions();
  const bodies = all.map(({ body }) => body);
  if (id === undefined) return page(request, bodies, pageSize);
  const subscription = all.find((one) => one.id === id);
  if (!subscription) return armError(404, 'SubscriptionNotFound', `The subscription '${parts[1]}' could not be found.`);
  const denied = `The client does not have authorization to read '/subscriptions/${subscription.id}'.`;
  if (subscription.unreadable) return armError(403, 'AuthorizationFailed', denied);
  return answerSubscription(request, world, subscription, parts);
}

function descendants(estate: SimulatedEstate, group: string): ArmAnswer {
  const inside = estate.subscriptions().filter(({ managementGroup }) => managementGroup === group);
  if (inside.length === 0) return armError(404, 'NotFound', `The management group '${group}' was not found.`);
  const value = inside.map(({ id }) => ({
    id: `/subscriptions/${id}`,
    type: '/subscriptions',
    name: id,
    properties: {},
  }));
  return { status: 200, body: { value } };
}

/** Parts of `/subscriptions/ID/resourceGroups/GROUP/providers/Microsoft.ContainerService/managedClusters/NAME`. */
const CLUSTER_PARTS = 8;

async function answerSubscription(
  request: ArmRequest,
  { estate, pageSize, kubeconfig, admit }: ArmWorld,
  { id }: SimulatedSubscription,
  parts: readonly string[],
): Promise<ArmAnswer> {
  const lower = parts.map((part) => part.toLowerCase());
  const isList = lower.length === 5 && lower[4] === 'managedclusters';
  const isCluster = lower.length === CLUSTER_PARTS;
  const below = lower[CLUSTER_PARTS];
  const clusters = estate.clusters(id);
  const clusterId = decodeURIComponent(`/${lower.slice(0, CLUSTER_PARTS).join('/')}`);
  const cluster = clusters.find((one) => one.id.toLowerCase() === clusterId);
  const operation = isList ? 'list-clusters' : isCluster ? 'get-cluster' : (below ?? 'other');
  const region = String(cluster?.body['location']).toLowerCase();
  const wait = admit({ subscriptionId: id, operation, ...(isList ? {} : { clusterId, region }) });
  if (wait > 0)
    return { ...armError(429, 'Throttled', 'The request was throttled.'), headers: { 'retry-after': String(wait) } };
  if (isList)
    return page(
      request,
      clusters.map(({ body }) => body),
      pageSize,
    );
  const missing = `The Resource 'Microsoft.ContainerService/managedClusters/${parts[7]}' was not found.`;
  if (!cluster) return armError(404, 'ResourceNotFound', missing);
  if (isCluster) return { status: 200, body: cluster.body };
  if (below === 'managednamespaces') return page(request, cluster.managedNamespaces, pageSize);
  if (below === 'listclusterusercredential' && request.method === 'POST') return credential(await kubeconfig(cluster));
  return notFound;
}

function credential(kubeconfig: string | undefined): ArmAnswer {
  if (kubeconfig === undefined) return armError(409, 'OperationNotAllowed', 'The cluster has no credentials to give.');
  const value = Buffer.from(kubeconfig).toString('base64');
  return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } };
}

function page({ path, query, host }: ArmRequest, values: readonly unknown[], size: number): ArmAnswer {
  const start = Number(query.get('$skiptoken') ?? 0);
  const end = start + size;
  const value = values.slice(start, end);
  if (end >= values.length) return { status: 200, body: { value } };
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(end));
  return { status: 200, body: { value, nextLink: `https://${host}${path}?${next.toString()}` } };
}
