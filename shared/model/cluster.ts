// An AKS cluster as ARM describes it, normalised: enums and ids lower-cased, absent things absent, one shape whatever tool exported it.
import type { Engine, UnknownReason } from './verdict.ts';

export interface NodePool {
  readonly name: string;
  /** Lower-cased: `linux`, `windows` or a value nobody knows yet. Absent in some exports means Linux. */
  readonly os: string;
  readonly osSku?: string;
  /** Nodes now; undefined when the body does not say. */
  readonly count?: number;
  readonly autoscaling: boolean;
  /** The autoscaler's maximum; undefined without autoscaling. */
  readonly maxCount?: number;
  readonly kubernetesVersion?: string;
}

export interface NetworkProfile {
  /** Lower-cased `azure`, `kubenet`, `none` or a value nobody knows yet; undefined when absent. */
  readonly plugin?: string;
  readonly pluginMode?: string;
  /** Lower-cased networkPolicy as sent; undefined when absent, null or empty. */
  readonly policy?: string;
  readonly dataplane?: string;
  readonly ipFamilies: readonly string[];
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  readonly dnsServiceIp?: string;
  readonly outboundType?: string;
}

export interface ManagedNamespace {
  readonly name: string;
  /** Lower-cased `denyall`, `allowall`, `allowsamenamespace`; undefined when the body does not say. */
  readonly ingress?: string;
  readonly egress?: string;
}

/** A field of the ARM body that says something no cluster has: what it tells is not known. */
export interface UnreadableField {
  /** Where in the body: `networkProfile.networkPolicy`, `agentPoolProfiles.0.count`. */
  readonly place: string;
  /** The parts of Cluster that come from it: `network.policy`, `pools.0.count`. They hold what an absent field means, and nothing may be judged by it. */
  readonly facts: readonly string[];
  readonly message: string;
}

export interface Cluster {
  /** The lower-cased ARM id: the identity of a cluster everywhere. */
  readonly id: string;
  /** As the owner wrote it. */
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly kubernetesVersion?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** undefined when the body carries no networkProfile at all. */
  readonly network?: NetworkProfile;
  readonly pools: readonly NodePool[];
  /** Lower-cased; `running` or `stopped`; undefined when absent. */
  readonly power?: string;
  /** Lower-cased provisioningState: `succeeded`, `upgrading`, ... */
  readonly provisioning?: string;
  /** Lower-cased sku.name: `base`, `automatic`. */
  readonly sku?: string;
  /** Node auto-provisioning is on. */
  readonly autoProvisioning: boolean;
  readonly entra: boolean;
  readonly azureRbac: boolean;
  readonly localAccountsDisabled: boolean;
  readonly privateApi: boolean;
  readonly authorizedIpRanges: readonly string[];
  readonly runCommandDisabled: boolean;
  readonly fqdn?: string;
  /** undefined when the source of this body does not tell about them. */
  readonly managedNamespaces?: readonly ManagedNamespace[];
  /** Present when they were asked for and could not be read, or asking is switched off. */
  readonly managedNamespacesUnread?: { readonly reason: UnknownReason; readonly message: string };
  /** Absent when all of the body was understood. */
  readonly unreadableFields?: readonly UnreadableField[];
}

/** What enforces network policy, by the ARM body alone. With bring-your-own CNI it may be wrong: see isByoCni. */
export function engineOf(cluster: Pick<Cluster, 'network'>): Engine {
  const { policy, dataplane } = cluster.network ?? {};
  if (policy === 'azure' || policy === 'calico' || policy === 'cilium') return policy;
  if (dataplane === 'cilium') return 'cilium';
  return policy === undefined || policy === 'none' ? 'none' : 'unrecognised';
}

/** True when the owner brings the CNI: what enforces policy there is not in the ARM body. */
export const isByoCni = (cluster: Pick<Cluster, 'network'>): boolean => cluster.network?.plugin === 'none';

export const hasWindowsPool = (cluster: Pick<Cluster, 'pools'>): boolean =>
  cluster.pools.some((pool) => pool.os === 'windows');

/** ARM values seen in the middle of an operation are not final: such a scan raises no drift. */
export const isMidOperation = (cluster: Pick<Cluster, 'provisioning'>): boolean =>
  cluster.provisioning !== undefined && !['succeeded', 'failed', 'canceled'].includes(cluster.provisioning);
