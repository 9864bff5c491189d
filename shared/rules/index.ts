// The catalogue: every rule, in the one order in which they are run and listed.
import { apiServerExposed } from './api-server-exposed.ts';
import { auditorVisibility } from './auditor-visibility.ts';
import { engineEnabled } from './engine-enabled.ts';
import { engineSupported } from './engine-supported.ts';
import { exemptionValid } from './exemption-valid.ts';
import { kubenetRetirement } from './kubenet-retirement.ts';
import { managedNamespacePolicy } from './managed-namespace-policy.ts';
import { nodePublicIp } from './node-public-ip.ts';
import { npmIpv6 } from './npm-ipv6.ts';
import { npmNodeLimit } from './npm-node-limit.ts';
import { npmRetirement } from './npm-retirement.ts';
import { recommendedEngine } from './recommended-engine.ts';
import { engineRunning } from './engine-running.ts';
import { policyEnforced } from './policy-enforced.ts';
import { namespaceHasPolicy } from './namespace-has-policy.ts';
import { podIsolated } from './pod-isolated.ts';
import { defaultDenyIngress } from './default-deny-ingress.ts';
import { defaultDenyEgress } from './default-deny-egress.ts';
import { noAllowAll } from './no-allow-all.ts';
import { crossNamespaceIngress } from './cross-namespace-ingress.ts';
import { noDanglingPolicy } from './no-dangling-policy.ts';
import { noPodIp } from './no-pod-ip.ts';
import { dnsReachable } from './dns-reachable.ts';
import { metadataEndpointBlocked } from './metadata-endpoint-blocked.ts';
import { npmIpblockCount } from './npm-ipblock-count.ts';
import { npmWindowsConstructs } from './npm-windows-constructs.ts';
import { npmLoadBalancerBypass } from './npm-load-balancer-bypass.ts';
import { ciliumIpBlock } from './cilium-ip-block.ts';
import { ciliumEndPort } from './cilium-end-port.ts';
import { internetIngress } from './internet-ingress.ts';
import { hostNetwork } from './host-network.ts';
import { egressPorts } from './egress-ports.ts';
import { requiredEgress } from './required-egress.ts';
import { policyLabels } from './policy-labels.ts';
import { externalIps } from './external-ips.ts';
import type { Rule } from './rule.ts';

export const rules: readonly Rule[] = [
  engineEnabled,
  engineSupported,
  npmRetirement,
  kubenetRetirement,
  npmNodeLimit,
  npmIpv6,
  managedNamespacePolicy,
  recommendedEngine,
  apiServerExposed,
  nodePublicIp,
  auditorVisibility,
  exemptionValid,
  engineRunning,
  policyEnforced,
  namespaceHasPolicy,
  podIsolated,
  defaultDenyIngress,
  defaultDenyEgress,
  noAllowAll,
  crossNamespaceIngress,
  noDanglingPolicy,
  noPodIp,
  dnsReachable,
  metadataEndpointBlocked,
  npmIpblockCount,
  npmWindowsConstructs,
  npmLoadBalancerBypass,
  ciliumIpBlock,
  ciliumEndPort,
  internetIngress,
  hostNetwork,
  egressPorts,
  policyLabels,
  requiredEgress,
  externalIps,
];

const failing = new Map(rules.map((rule) => [rule.id, rule.failing]));

/** @returns what is said of a subject that fails a rule, after its name; undefined for a rule that has left the catalogue */
export const failingWords = (rule: string): string | undefined => failing.get(rule);

/** @returns the one rule that declares to tell it */
export const ruleThatTells = (what: NonNullable<Rule['tells']>): Rule => rules.find(({ tells }) => tells === what)!;

/**
 * Raise it when rules come or judge differently, and say so on each of them (`since`): what they find first in a cluster that was
 * judged without them is told as the catalogue's, not as the cluster's.
 */
export const catalogueRevision = 3;
export const catalogueVersion = `${catalogueRevision}.${rules.length}`;

/** The rules to judge by, and the version that results keep of them. */
export interface Catalogue {
  readonly version: string;
  readonly rules: readonly Rule[];
}
export const catalogue: Catalogue = { version: catalogueVersion, rules };

/** @returns the revision of a catalogue, by its version as a result keeps it */
export const revisionOf = (version: string): number => Number.parseInt(version, 10) || 1;
