// Meshes without sidecars (Istio's ambient mode, Cilium's mTLS): between two pods of theirs TCP travels in a tunnel, and
// engines, which look from outside the pod, see the tunnel's port and no other.
import type { Labels } from './objects.ts';
import type { PortSets } from './port-sets.ts';
import { NONE } from './port-sets.ts';

/**
 * HBONE. Istio documentation, "Ambient and Kubernetes NetworkPolicy": policies are enforced on the host and need an exception
 * for this port. Cilium documentation, "Ztunnel Transparent Encryption": L4 policies do not work except for this port.
 */
export const TUNNEL_PORT = 15_008;

const ISTIO = 'istio.io/dataplane-mode';
/** AKS enrols namespaces by it (Cilium mTLS of Advanced Container Networking Services); pods have no say. */
const CILIUM = 'io.cilium/mtls-enabled';

/** @returns whether a pod is in a mesh without sidecars; for Istio its own label wins over its namespace's */
export const isMeshed = (pod: Labels, namespace: Labels): boolean =>
  (pod[ISTIO] ?? namespace[ISTIO]) === 'ambient' || namespace[CILIUM] === 'true';

/** @returns whether ports are told apart in a set that a tunnel does not tell apart: some TCP is let through, and some is not */
export function splitsTcp(ports: PortSets, set: number): boolean {
  const everyTcp = ports.range('TCP', 1, 65_535);
  const tcp = ports.intersect(set, everyTcp);
  return tcp !== NONE && tcp !== everyTcp;
}
