// The Estate port on Azure Resource Manager, with the real SDKs; bodies are taken raw, because the SDK drops what it does not model.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import { ManagementGroupsAPI } from '@azure/arm-managementgroups';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline';
import { RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { ListedCluster, Subscription } from '../model/estate.ts';
import { UnreadableError } from '../model/estate.ts';
import { parseClusterId } from '../model/keys.ts';
import type { Estate, Log } from '../ports.ts';
import type { Target } from './failure.ts';
import { toUnreadable } from './failure.ts';
import { parseCluster, parseManagedNamespaces } from './parse-cluster.ts';
import type { RetryLimits } from './retry.ts';
import { retryPolicies } from './retry.ts';

export interface AzureEstateOptions {
  readonly credential: TokenCredential;
  /** Azure Resource Manager, without a trailing slash. */
  readonly endpoint: string;
  readonly tenantId?: string | undefined;
  /** Lower-cased subscription ids; empty means all. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Names of management groups; empty means no filter. */
  readonly managementGroups: readonly string[];
  /** Read the managed namespaces of each cluster: one call a cluster. */
  readonly managedNamespaces: boolean;
  readonly limits: RetryLimits;
  readonly log: Log;
  readonly httpClient?: HttpClient;
}

/** More pages than any real answer has: a server that goes round in circles is cut off. */
const MAX_PAGES = 1_000;
/** Managed namespaces of one page's clusters are read this many at a time. */
const PARALLEL_NAMESPACES = 8;
/** Enabled, and the states in which a subscription's resources still run and can be read (Azure subscription states). */
const READABLE_STATES = new Set(['enabled', 'warned', 'pastdue']);

type Json = { readonly [key: string]: unknown };

/** @returns the port; nothing is read before it is asked for */
export function createAzureEstate(options: AzureEstateOptions): Estate {
  const { credential, endpoint, httpClient, limits } = options;
  const clientOptions = (seen: Json[]) => {
    const { outer, inner } = retryPolicies(limits);
    return {
      endpoint,
      ...(httpClient ? { httpClient } : {}),
      retryOptions: { maxRetries: 0 },
      additionalPolicies: [
        { policy: keepBody(seen), position: 'perCall' as const },
        { policy: outer, position: 'perCall' as const },
        { policy: inner, position: 'perRetry' as const },
      ],
    };
  };
  const containerService = (subscriptionId: string, seen: Json[]): ContainerServiceClient =>
    new ContainerServiceClient(credential, subscriptionId, clientOptions(seen));

  async function subscriptions(signal: AbortSignal): Promise<readonly Subscription[]> {
    const target: Target = { what: 'the list of subscriptions', scope: '/', reason: 'forbidden' };
    return timed(options.log, 'subscriptions listed', {}, async () => {
      try {
        const bodies: Json[] = [];
        const client = new SubscriptionClient(credential, clientOptions(bodies));
        const raw: unknown[] = [];
        for await (const page of rawPages(client.subscriptions.list({ abortSignal: signal }).byPage(), bodies))
          raw.push(...page);
        const inGroups = await subscriptionsInGroups(signal);
        const found = raw.flatMap((body) => toSubscription(body, options));
        return found.filter((subscription) => !inGroups || inGroups.has(subscription.id));
      } catch (error) {
        throw toUnreadable(error, target, signal);
      }
    });
  }

  async function subscriptionsInGroups(signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    if (options.managementGroups.length === 0) return undefined;
    const client = new ManagementGroupsAPI(credential, clientOptions([]));
    const ids = new Set<string>();
    for (const group of options.managementGroups)
      try {
        for await (const item of client.managementGroups.listDescendants(group, { abortSignal: signal }))
          if (item.type?.toLowerCase().endsWith('/subscriptions') && item.name) ids.add(item.name.toLowerCase());
      } catch (error) {
        const scope = `/providers/Microsoft.Management/managementGroups/${group}`;
        throw toUnreadable(error, { what: `management group ${group}`, scope, reason: 'forbidden' }, signal);
      }
    return ids;
  }

  async function* clusters(subscriptionId: string, signal: AbortSignal): AsyncGenerator<readonly ListedCluster[]> {
    const scope = `/subscriptions/${subscriptionId}`;
    const target: Target = { what: `subscription ${subscriptionId}`, scope, reason: 'subscription-unreadable' };
    const bodies: Json[] = [];
    const started = Date.now();
    let count = 0;
    try {
      const pages = containerService(subscriptionId, bodies).managedClusters.list({ abortSignal: signal }).byPage();
      for await (const page of rawPages(pages, bodies)) {
        count += page.length;
        yield await withNamespaces(page.map(parseCluster), signal);
      }
    } catch (error) {
      const failure = toUnreadable(error, target, signal);
      options.log.warn('subscription unreadable', {
        subscription: subscriptionId,
        reason: failure.reason,
        error: failure.message,
      });
      throw failure;
    }
    options.log.info('clusters listed', { subscription: subscriptionId, clusters: count, ms: Date.now() - started });
  }

  async function cluster(clusterId: string, signal: AbortSignal): Promise<ListedCluster | 'gone'> {
    const parts = parseClusterId(clusterId);
    if (!parts) throw new UnreadableError('error', `${clusterId} is not the id of a cluster.`, '');
    const target: Target = { what: `cluster ${parts.name}`, scope: clusterId, reason: 'cluster-unreadable' };
    return timed(options.log, 'cluster read', { cluster: clusterId }, async () => {
      try {
        const bodies: Json[] = [];
        await containerService(parts.subscriptionId, bodies).managedClusters.get(parts.resourceGroup, parts.name, {
          abortSignal: signal,
        });
        const [listed] = await withNamespaces([parseCluster(bodies[0])], signal);
        return listed!;
      } catch (error) {
        if (error instanceof RestError && error.statusCode === 404) return 'gone';
        throw toUnreadable(error, target, signal);
      }
    });
  }

  async function withNamespaces(listed: readonly ListedCluster[], signal: AbortSignal): Promise<ListedCluster[]> {
    const done: ListedCluster[] = [];
    for (let at = 0; at < listed.length; at += PARALLEL_NAMESPACES)
      done.push(
        ...(await Promise.all(listed.slice(at, at + PARALLEL_NAMESPACES).map((item) => addNamespaces(item, signal)))),
      );
    return done;
  }

  async function addNamespaces(listed: ListedCluster, signal: AbortSignal): Promise<ListedCluster> {
    if ('problem' in listed || listed.cluster.managedNamespaces) return listed;
    const { cluster: found } = listed;
    if (!options.managedNamespaces) {
      const message = 'Reading managed namespaces is switched off (BULKHEAD_MANAGED_NAMESPACES).';
      return { ...listed, cluster: { ...found, managedNamespacesUnread: { reason: 'disabled', message } } };
    }
    const target: Target = { what: `the managed namespaces of ${found.name}`, scope: found.id, reason: 'forbidden' };
    try {
      const bodies: Json[] = [];
      const client = containerService(found.subscriptionId, bodies);
      const pages = client.managedNamespaces
        .listByManagedCluster(found.resourceGroup, found.name, { abortSignal: signal })
        .byPage();
      const raw: unknown[] = [];
      for await (const page of rawPages(pages, bodies)) raw.push(...page);
      const managedNamespaces = parseManagedNamespaces(raw);
      if (!managedNamespaces) throw new TypeError('the answer is no list of namespaces');
      return { ...listed, cluster: { ...found, managedNamespaces } };
    } catch (error) {
      if (error instanceof RestError && error.statusCode === 404)
        return { ...listed, cluster: { ...found, managedNamespaces: [] } };
      const { reason, message, remedy } = toUnreadable(error, target, signal);
      return {
        ...listed,
        cluster: { ...found, managedNamespacesUnread: { reason, message: `${message} ${remedy}`.trim() } },
      };
    }
  }

  return { subscriptions, clusters, cluster };
}

/** Keeps each successful body as it came. */
function keepBody(seen: Json[]): PipelinePolicy {
  return {
    name: 'keepBody',
    async sendRequest(request, next) {
      const response = await next(request);
      if (response.status === 200) {
        const body: unknown = JSON.parse(response.bodyAsText ?? '');
        if (body === null || typeof body !== 'object') throw new TypeError('the answer is not a JSON object');
        seen.push(body as Json);
      }
      return response;
    },
  };
}

/** Drives the SDK's paging and gives the raw items of each page. */
async function* rawPages(pages: AsyncIterable<unknown>, bodies: Json[]): AsyncGenerator<readonly unknown[]> {
  const links = new Set<unknown>();
  let count = 0;
  for await (const _page of pages) {
    const body = bodies.shift();
    const { value, nextLink } = body ?? {};
    if (!Array.isArray(value)) throw new TypeError('a page has no list of values');
    if (++count > MAX_PAGES || (nextLink && links.has(nextLink)))
      throw new TypeError(`the pages do not end: ${count} were read, and the next one was there before`);
    links.add(nextLink);
    yield value;
  }
}

function toSubscription(raw: unknown, options: AzureEstateOptions): Subscription[] {
  const { subscriptionId, displayName, state, tenantId } = raw as Json;
  if (typeof subscriptionId !== 'string') return [];
  const id = subscriptionId.toLowerCase();
  const readable = typeof state !== 'string' || READABLE_STATES.has(state.toLowerCase());
  const ownTenant = !options.tenantId || String(tenantId).toLowerCase() === options.tenantId;
  const allowed = (options.allow.length === 0 || options.allow.includes(id)) && !options.deny.includes(id);
  return readable && ownTenant && allowed ? [{ id, name: typeof displayName === 'string' ? displayName : id }] : [];
}

async function timed<T>(
  log: Log,
  message: string,
  fields: Readonly<Record<string, unknown>>,
  run: () => Promise<T>,
): Promise<T> {
  const started = Date.now();
  try {
    const value = await run();
    log.info(message, { ...fields, ms: Date.now() - started });
    return value;
  } catch (error) {
    log.warn(message, { ...fields, ms: Date.now() - started, error });
    throw error;
  }
}
