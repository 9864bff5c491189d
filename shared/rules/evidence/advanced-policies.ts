// Cilium policies about domain names and requests, and whether the cluster's Advanced Container Networking Services enforce them.
import type { Cluster } from '../../model/cluster.ts';
import type { CiliumNeed, CiliumPolicy } from '../../network/objects.ts';
import { isBelow } from '../facts/version.ts';

/** What the services enforce; `unrecognised` is a value that nobody knows yet. */
export type AdvancedPolicies = 'none' | 'fqdn' | 'l7' | 'unrecognised';

/** @returns by the ARM body; where the body does not mention policies, security covers domain names (advancedNetworkPolicies in API 2026-05-01) */
export function advancedPoliciesOf({ network }: Cluster): AdvancedPolicies {
  const { enabled = false, security = false, policies = 'fqdn' } = network?.advanced ?? {};
  if (!enabled || !security) return 'none';
  return policies === 'none' || policies === 'fqdn' || policies === 'l7' ? policies : 'unrecognised';
}

export interface Lack {
  readonly policy: CiliumPolicy;
  /** Stands in brackets after the policy's name. */
  readonly reason: string;
}

/** The most that a policy needs: services that enforce rules about requests enforce those about names too. */
export const needOf = ({ needs = [] }: CiliumPolicy): CiliumNeed | undefined =>
  needs.includes('l7') ? 'l7' : needs[0];

export const isClusterWide = ({ kind }: CiliumPolicy): boolean => kind === 'CiliumClusterwideNetworkPolicy';
export const isTooOld = (cluster: Cluster): boolean => isBelow(cluster.kubernetesVersion, 1, 29);

export function isGiven(need: CiliumNeed, cluster: Cluster): boolean {
  const has = advancedPoliciesOf(cluster);
  return has === 'l7' || has === need;
}

/**
 * AKS, "Configure Azure CNI Powered by Cilium" (features with and without the services), "FQDN filtering" (Kubernetes 1.29) and "L7 policy".
 * Cilium refuses a policy with rules about requests while its proxy is off (pkg/policy/api/rule_validation.go); `toFQDNs` alone then allows nobody.
 * @returns what the policy lacks; undefined when all of it is enforced
 */
export function lackOf(policy: CiliumPolicy, cluster: Cluster): Lack | undefined {
  const need = needOf(policy);
  if (need === undefined) return undefined;
  const what = need === 'l7' ? 'rules about requests' : 'rules about domain names';
  if (need === 'l7' && isClusterWide(policy))
    return { policy, reason: `AKS does not accept ${what} in a cluster-wide policy` };
  if (isTooOld(cluster)) return { policy, reason: `${what} need Kubernetes 1.29 or later` };
  const services = `Advanced Container Networking Services with ${need.toUpperCase()}`;
  return isGiven(need, cluster) ? undefined : { policy, reason: `${what} need ${services}` };
}
