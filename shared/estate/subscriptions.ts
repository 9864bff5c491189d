// Which subscriptions are looked at: those the identity can see, less what the settings leave out.
import { ManagementGroupsAPI } from '@azure/arm-managementgroups';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { Subscription } from '../model/estate.ts';
import type { Json } from './arm-client.ts';
import { armClientOptions } from './arm-client.ts';
import type { Arm } from './arm-operation.ts';
import { operate, rawItems } from './arm-operation.ts';
import type { Target } from './failure.ts';

export interface SubscriptionFilter {
  readonly tenantId?: string | undefined;
  /** Lower-cased subscription ids; empty means all. */
  readonly allow: readonly string[];
  /** Lower-cased subscription ids. */
  readonly deny: readonly string[];
  /** Names of management groups; empty means all subscriptions, in a group or not. */
  readonly managementGroups: readonly string[];
}

/** Enabled, and the states in which a subscription's resources still run and can be read (Azure subscription states). */
const READABLE_STATES = new Set(['enabled', 'warned', 'pastdue']);

/** @throws UnreadableError when the subscriptions, or a management group named by the filter, cannot be listed */
export async function listSubscriptions(
  arm: Arm,
  filter: SubscriptionFilter,
  signal: AbortSignal,
): Promise<readonly Subscription[]> {
  const target: Target = { what: 'the list of subscriptions', scope: '/', reason: 'forbidden' };
  return operate(arm, { message: 'subscriptions listed', fields: {}, target, signal }, async (tally) => {
    const client = new SubscriptionClient(arm.credential, armClientOptions(arm, tally));
    const raw = await rawItems(client.subscriptions.list({ abortSignal: signal }).byPage(), tally.bodies);
    const own = filter.tenantId ?? (await tenantOf(arm, signal));
    const inGroups = await idsInGroups(arm, filter.managementGroups, signal);
    return raw.flatMap((body) => toSubscription(body, own, filter)).filter(({ id }) => !inGroups || inGroups.has(id));
  });
}

/** @returns the ids of the subscriptions below any of these groups; undefined when no group is named */
async function idsInGroups(
  arm: Arm,
  groups: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  if (groups.length === 0) return undefined;
  const ids = new Set<string>();
  for (const group of groups) for (const id of await idsInGroup(arm, group, signal)) ids.add(id);
  return ids;
}

async function idsInGroup(arm: Arm, group: string, signal: AbortSignal): Promise<readonly string[]> {
  const target: Target = {
    what: `management group ${group}`,
    scope: `/providers/Microsoft.Management/managementGroups/${group}`,
    reason: 'forbidden',
    // Management Group Reader may not list what is below it.
    role: 'Reader',
  };
  return operate(arm, { message: 'management group read', fields: { group }, target, signal }, async (tally) => {
    const client = new ManagementGroupsAPI(arm.credential, armClientOptions(arm, tally));
    const pages = client.managementGroups.listDescendants(group, { abortSignal: signal }).byPage();
    return (await rawItems(pages, tally.bodies)).flatMap(subscriptionIdOf);
  });
}

/** A descendant of a management group is a subscription or another group. */
function subscriptionIdOf(raw: unknown): readonly string[] {
  const { type, name } = (raw ?? {}) as Json;
  if (typeof type !== 'string' || typeof name !== 'string') return [];
  return type.toLowerCase().endsWith('/subscriptions') ? [name.toLowerCase()] : [];
}

/** @returns the tenant that the identity's token for ARM is of, lower-cased; undefined when it does not tell */
async function tenantOf({ credential, endpoint }: Arm, signal: AbortSignal): Promise<string | undefined> {
  const token = await credential.getToken(`${endpoint}/.default`, { abortSignal: signal });
  try {
    const claims: unknown = JSON.parse(Buffer.from(token?.token.split('.')[1] ?? '', 'base64url').toString());
    const { tid } = (claims ?? {}) as Json;
    return typeof tid === 'string' ? tid.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

/** @param own the tenant of the identity; undefined when nobody knows */
function toSubscription(raw: unknown, own: string | undefined, filter: SubscriptionFilter): readonly Subscription[] {
  const { subscriptionId, displayName, state, tenantId, managedByTenants } = (raw ?? {}) as Json;
  if (typeof subscriptionId !== 'string') return [];
  const id = subscriptionId.toLowerCase();
  const readable = typeof state !== 'string' || READABLE_STATES.has(state.toLowerCase());
  const home = typeof tenantId === 'string' ? tenantId.toLowerCase() : undefined;
  const foreign = own !== undefined && home !== own;
  const wanted = !filter.tenantId || !foreign || isManagedBy(own, managedByTenants);
  const allowed = (filter.allow.length === 0 || filter.allow.includes(id)) && !filter.deny.includes(id);
  if (!readable || !wanted || !allowed) return [];
  const name = typeof displayName === 'string' ? displayName : id;
  return [{ id, name, ...(foreign && home ? { homeTenant: home } : {}) }];
}

/** ARM names the tenants that a subscription is delegated to; its own is what `tenantId` says (Subscriptions - List, REST). */
function isManagedBy(tenant: string, managedByTenants: unknown): boolean {
  const listed: readonly unknown[] = Array.isArray(managedByTenants) ? managedByTenants : [];
  return listed.some((one) => String(((one ?? {}) as Json)['tenantId']).toLowerCase() === tenant);
}
