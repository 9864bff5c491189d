// The Estate port on Azure Resource Manager, with the real SDKs; bodies are taken raw, because the SDK drops what it does not model.
import { ContainerServiceClient } from '@azure/arm-containerservice';
import { ManagementGroupsAPI } from '@azure/arm-managementgroups';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { RestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { ListedCluster, Subscription } from '../model/estate.ts';
import { UnreadableError } from '../model/estate.ts';
import { parseClusterId } from '../model/keys.ts';
import type { Estate, Log } from '../ports.ts';
import type { Json, Tally } from './arm-client.ts';
import { armClientOptions, newTally } from './arm-client.ts';
import type { Target } from './failure.ts';
import { describeError, isGone, toUnreadable } from './failure.ts';
import { parseCluster, parseManagedNamespaces } from './parse-cluster.ts';
import type { RetryLimits } from './retry.ts';

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

/** @returns the port; nothing is read before it is asked for */
export function createAzureEstate(options: AzureEstateOptions): Estate {
  const { credential, log } = options;
  const containerService = (subscriptionId: string, tally: Tally): ContainerServiceClient =>
    new ContainerServiceClient(credential, subscriptionId, armClientOptions(options, tally));

  async function subscriptions(signal: AbortSignal): Promise<readonly Subscription[]> {
    const target: Target = { what: 'the list of subscriptions', scope: '/', reason: 'forbidden' };
    const tally = newTally();
    return timed(log, 'subscriptions listed', {}, tally, async () => {
      try {
        const client = new SubscriptionClient(credential, armClientOptions(options, tally));
        const raw: unknown[] = [];
        for await (const page of rawPages(client.subscriptions.list({ abortSignal: signal }).byPage(), tally.bodies))
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
    const ids = new Set<string>();
    for (const group of options.managementGroups) {
      const scope = `/providers/Microsoft.Management/managementGroups/${group}`;
      const target: Target = {
        what: `management group ${group}`,
        scope,
        reason: 'forbidden',
        role: 'Management Group Reader',
      };
      const tally = newTally();
      await timed(log, 'management group read', { group }, tally, async () => {
        try {
          const client = new ManagementGroupsAPI(credential, armClientOptions(options, tally));
          const pages = client.managementGroups.listDescendants(group, { abortSignal: signal }).byPage();
          for await (const page of rawPages(pages, tally.bodies)) for (const id of page) addSubscription(id, ids);
        } catch (error) {
          throw toUnreadable(error, target, signal);
        }
      });
    }
    return ids;
  }

  async function* clusters(subscriptionId: string, signal: AbortSignal): AsyncGenerator<readonly ListedCluster[]> {
    const scope = `/subscriptions/${subscriptionId}`;
    const target: Target = { what: `subscription ${subscriptionId}`, scope, reason: 'subscription-unreadable' };
    const tally = newTally();
    const started = Date.now();
    let count = 0;
    const summary = (): Record<string, unknown> => ({
      subscription: subscriptionId,
      clusters: count,
      ms: Date.now() - started,
      attempts: tally.attempts,
      status: tally.status,
    });
    try {
      const pages = containerService(subscriptionId, tally).managedClusters.list({ abortSignal: signal }).byPage();
      for await (const page of rawPages(pages, tally.bodies)) {
        count += page.length;
        yield await withNamespaces(page.map(parseCluster), signal);
      }
    } catch (error) {
      const failure = toUnreadable(error, target, signal);
      log.warn('subscription unreadable', { ...summary(), reason: failure.reason, error: failure.message });
      throw failure;
    }
    log.info('clusters listed', summary());
  }

  async function cluster(clusterId: string, signal: AbortSignal): Promise<ListedCluster | 'gone'> {
    const parts = parseClusterId(clusterId);
    if (!parts) throw new UnreadableError('error', `${clusterId} is not the id of a cluster.`, '');
    const target: Target = { what: `cluster ${parts.name}`, scope: clusterId, reason: 'cluster-unreadable' };
    const tally = newTally();
    return timed(log, 'cluster read', { cluster: clusterId }, tally, async () => {
      try {
        await containerService(parts.subscriptionId, tally).managedClusters.get(parts.resourceGroup, parts.name, {
          abortSignal: signal,
        });
        const [listed] = await withNamespaces([parseCluster(tally.bodies[0])], signal);
        return listed!;
      } catch (error) {
        if (isGone(error)) return 'gone';
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
      const tally = newTally();
      const client = containerService(found.subscriptionId, tally);
      const pages = client.managedNamespaces
        .listByManagedCluster(found.resourceGroup, found.name, { abortSignal: signal })
        .byPage();
      const raw: unknown[] = [];
      for await (const page of rawPages(pages, tally.bodies)) raw.push(...page);
      const managedNamespaces = parseManagedNamespaces(raw);
      if (!managedNamespaces) throw new TypeError('the answer is not a list of namespaces');
      return { ...listed, cluster: { ...found, managedNamespaces } };
    } catch (error) {
      // A cloud or a region without the resource type answers 404 and has none.
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

function addSubscription(raw: unknown, ids: Set<string>): void {
  const { type, name } = (raw ?? {}) as Json;
  if (typeof type !== 'string' || typeof name !== 'string') return;
  if (type.toLowerCase().endsWith('/subscriptions')) ids.add(name.toLowerCase());
}

function toSubscription(raw: unknown, options: AzureEstateOptions): Subscription[] {
  const { subscriptionId, displayName, state, tenantId } = (raw ?? {}) as Json;
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
  tally: Tally,
  run: () => Promise<T>,
): Promise<T> {
  const started = Date.now();
  const summary = (): Record<string, unknown> => ({
    ...fields,
    ms: Date.now() - started,
    attempts: tally.attempts,
    status: tally.status,
  });
  try {
    const value = await run();
    log.info(message, summary());
    return value;
  } catch (error) {
    log.warn(message, { ...summary(), error: describeError(error) });
    throw error;
  }
}
