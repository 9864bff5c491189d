// An AKS cluster as ARM describes it, normalised: enums and ids lower-cased, absent things absent, one shape whatever tool exported it.
import { z } from 'zod';
import type { Engine } from './verdict.ts';
import { unknownReasons } from './verdict.ts';

const texts = z.array(z.string());
const text = z.string().exactOptional();

const poolSchema = z.object({
  name: z.string(),
  /** Lower-cased: `linux`, `windows` or a value nobody knows yet. Absent in some exports means Linux. */
  os: z.string(),
  osSku: text,
  /** Lower-cased `system`, `user` or a value nobody knows yet; absent means that the body does not say. */
  mode: text,
  /** Nodes now; absent when the body does not say. */
  count: z.number().exactOptional(),
  autoscaling: z.boolean(),
  /** The most nodes that the autoscaler may give it; absent without autoscaling. */
  maxCount: z.number().exactOptional(),
  kubernetesVersion: text,
  /** Every node has a public address of its own; absent means no. */
  publicIps: z.boolean().exactOptional(),
  /** Lower-cased state of LocalDNS, or its mode where no state is given: `enabled`, `disabled`, `required`, `preferred`; absent: not set up. */
  localDns: text,
});

const networkSchema = z.object({
  /** Lower-cased `azure`, `kubenet`, `none` or a value nobody knows yet; absent when the body does not say. */
  plugin: text,
  pluginMode: text,
  /** Lower-cased networkPolicy as sent; absent when it is absent, null or empty. */
  policy: text,
  dataplane: text,
  ipFamilies: texts,
  podCidrs: texts,
  serviceCidrs: texts,
  dnsServiceIp: text,
  outboundType: text,
  /** Advanced Container Networking Services; absent means that they are off. */
  advanced: z
    .object({
      enabled: z.boolean(),
      security: z.boolean(),
      /** Lower-cased advancedNetworkPolicies: `l7`, `fqdn`, `none` or a value nobody knows yet. */
      policies: text,
    })
    .exactOptional(),
});

const managedNamespaceSchema = z.object({
  name: z.string(),
  /** Lower-cased `denyall`, `allowall`, `allowsamenamespace`; absent when the body does not say. */
  ingress: text,
  egress: text,
});

const unreadableFieldSchema = z.object({
  /** Where in the body: `networkProfile.networkPolicy`, `agentPoolProfiles.0.count`. */
  place: z.string(),
  /** The parts of Cluster that come from it: `network.policy`, `pools.0.count`. They hold what they would if the field were absent, and nothing may be judged by them. */
  facts: texts,
  message: z.string(),
});

/** The one declaration of a cluster: its type comes from here, and a queue's message is checked by it, so that no field gets lost on the way. */
export const clusterSchema = z.object({
  /** The lower-cased ARM id: the identity of a cluster everywhere. */
  id: z.string(),
  /** As the owner wrote it. */
  name: z.string(),
  subscriptionId: z.string(),
  /** The tenant of the subscription, where it is another one that has delegated it. */
  homeTenant: text,
  resourceGroup: z.string(),
  location: z.string(),
  kubernetesVersion: text,
  tags: z.record(z.string(), z.string()),
  /** Absent when the body carries no networkProfile at all. */
  network: networkSchema.exactOptional(),
  pools: z.array(poolSchema),
  /** Lower-cased; `running` or `stopped`; absent when the body does not say. */
  power: text,
  /** Lower-cased provisioningState: `succeeded`, `upgrading`, ... */
  provisioning: text,
  /** Lower-cased sku.name: `base`, `automatic`. */
  sku: text,
  /** Node auto-provisioning is on. */
  autoProvisioning: z.boolean(),
  entra: z.boolean(),
  azureRbac: z.boolean(),
  localAccountsDisabled: z.boolean(),
  privateApi: z.boolean(),
  /** The API server has its address in the cluster's virtual network; absent means no. */
  vnetApi: z.boolean().exactOptional(),
  authorizedIpRanges: texts,
  runCommandDisabled: z.boolean(),
  fqdn: text,
  /** Absent when the source of this body does not mention them. */
  managedNamespaces: z.array(managedNamespaceSchema).exactOptional(),
  /** Present when they were asked for and could not be read, or asking is switched off. */
  managedNamespacesUnread: z.object({ reason: z.enum(unknownReasons), message: z.string() }).exactOptional(),
  /** Absent when all of the body was understood. */
  unreadableFields: z.array(unreadableFieldSchema).exactOptional(),
});

/** Plain data all the way down, which nobody changes. */
export type Plain<T> = T extends readonly (infer Item)[]
  ? readonly Plain<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Plain<T[Key]> }
    : T;

export type Cluster = Plain<z.output<typeof clusterSchema>>;
export type NodePool = Plain<z.output<typeof poolSchema>>;
export type NetworkProfile = Plain<z.output<typeof networkSchema>>;
export type ManagedNamespace = Plain<z.output<typeof managedNamespaceSchema>>;
/** What a cluster knows about its managed namespaces: those it has, or why they could not be read. */
export type ManagedNamespaces = Pick<Cluster, 'managedNamespaces' | 'managedNamespacesUnread'>;
/** @param homeTenant of its subscription, where that is delegated; no body tells it */
export const ofTenant = (cluster: Cluster, homeTenant: string | undefined): Cluster =>
  homeTenant === undefined ? cluster : { ...cluster, homeTenant };

/** A field of the ARM body that makes no sense: what it should tell is not known. */
export type UnreadableField = Plain<z.output<typeof unreadableFieldSchema>>;

/** What the engine of a cluster depends on, in ARM's own words. */
export interface EngineFacts {
  readonly network?: Pick<NetworkProfile, 'plugin' | 'pluginMode' | 'policy' | 'dataplane'>;
  readonly pools: readonly Pick<NodePool, 'name' | 'os' | 'osSku' | 'kubernetesVersion'>[];
  readonly autoProvisioning: boolean;
  readonly kubernetesVersion?: string;
  readonly power?: string;
  readonly provisioning?: string;
}

/** What enforces network policy, by the ARM body alone. With bring-your-own CNI it may be wrong: see isByoCni. */
export function engineOf(cluster: Pick<EngineFacts, 'network'>): Engine {
  const { policy, dataplane } = cluster.network ?? {};
  if (policy === 'azure' || policy === 'calico' || policy === 'cilium') return policy;
  if (dataplane === 'cilium') return 'cilium';
  return policy === undefined || policy === 'none' ? 'none' : 'unrecognised';
}

/** True when the owner brings the CNI: what enforces policy there is not in the ARM body. */
export const isByoCni = (cluster: Pick<EngineFacts, 'network'>): boolean => cluster.network?.plugin === 'none';

export const hasWindowsPool = (cluster: Pick<EngineFacts, 'pools'>): boolean =>
  cluster.pools.some((pool) => pool.os === 'windows');

/** ARM values seen in the middle of an operation are not final: such a scan raises no drift. */
export const isMidOperation = (cluster: Pick<Cluster, 'provisioning'>): boolean =>
  cluster.provisioning !== undefined && !['succeeded', 'failed', 'canceled'].includes(cluster.provisioning);

/** @returns a sentence about a field of the ARM body that makes no sense */
export const describeUnreadable = ({ place, message }: UnreadableField): string =>
  `${place} in the ARM body cannot be understood: ${message.replace(/^Invalid input: /, '')}.`;
