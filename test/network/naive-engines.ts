// The naive evaluator for Cilium and Calico: one packet at a time, read literally.
import { tiersOf } from '../../shared/network/calico.ts';
import type {
  CalicoEntity,
  CalicoRule,
  CiliumPeer,
  CiliumRule,
  ClusterObjects,
  Pod,
  PortRule,
} from '../../shared/network/objects.ts';
import type { End, Packet } from './naive.ts';
import { inside, isolatingPolicies, portMatches, rulePasses, selects } from './naive.ts';

type Direction = 'ingress' | 'egress';

const labelsOf = (objects: ClusterObjects, namespace: string) =>
  objects.namespaces.find(({ name }) => name === namespace)!.labels;
const orTrue = (ports: readonly PortRule[] | undefined, packet: Packet): boolean =>
  ports === undefined || ports.some((port) => portMatches(port, packet));

/** Cilium's default filter as its documentation lists it: what a key begins with, and of two matches the longer one counts. */
const KEPT = ['io.kubernetes.pod.namespace', 'io.cilium.k8s.namespace.labels', 'app.kubernetes.io'];
const DROPPED = [
  'io.kubernetes',
  'kubernetes.io',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/controller-uid',
  'k8s.io',
  'pod-template-generation',
  'pod-template-hash',
  'controller-revision-hash',
  'annotation',
  'controller-uid',
  'etcd_node',
];
function identityLabels(labels: Readonly<Record<string, string>>, prefix = ''): Readonly<Record<string, string>> {
  const isKept = (key: string): boolean =>
    !key.includes('beta.kubernetes.io') &&
    (KEPT.some((start) => key.startsWith(start)) || !DROPPED.some((start) => key.startsWith(start)));
  return Object.fromEntries(Object.entries(labels).filter(([key]) => isKept(prefix + key)));
}

/** What Cilium knows of a cluster: pods and namespaces without the labels that it drops. */
function asIdentities(objects: ClusterObjects): ClusterObjects {
  const known = identities.get(objects);
  if (known) return known;
  const namespaces = objects.namespaces.map((namespace) => ({
    ...namespace,
    labels: identityLabels(namespace.labels, 'io.cilium.k8s.namespace.labels.'),
  }));
  identities.set(objects, { ...objects, namespaces });
  return identities.get(objects)!;
}
const identities = new WeakMap<ClusterObjects, ClusterObjects>();
const asIdentity = (pod: Pod): Pod => ({ ...pod, labels: identityLabels(pod.labels) });

/** Denials win; without anything that isolates, everything is allowed. */
export function ciliumSide(
  all: ClusterObjects,
  direction: Direction,
  selfWithAllLabels: Pod,
  otherWithAllLabels: End,
  packet: Packet,
): boolean {
  const objects = asIdentities(all);
  const self = asIdentity(selfWithAllLabels);
  const other = 'ip' in otherWithAllLabels ? otherWithAllLabels : { pod: asIdentity(otherWithAllLabels.pod) };
  const inNamespaces = (pod: Pod, namespaces: string | CiliumSelector): boolean =>
    typeof namespaces === 'string'
      ? pod.namespace === namespaces
      : selects(namespaces, labelsOf(objects, pod.namespace));
  const peerMatches = (peer: CiliumPeer): boolean => {
    if (peer.kind === 'pods')
      return 'pod' in other && inNamespaces(other.pod, peer.namespaces) && selects(peer.pods, other.pod.labels);
    if (peer.kind === 'world') return 'ip' in other;
    return (
      peer.kind === 'ip' &&
      'ip' in other &&
      inside(other.ip, peer.block.cidr) &&
      !peer.block.except.some((hole) => inside(other.ip, hole))
    );
  };
  const hits = (rule: CiliumRule): boolean =>
    !rule.conditional && (rule.peers === undefined || rule.peers.some(peerMatches)) && orTrue(rule.ports, packet);
  const sections = objects.ciliumPolicies
    .filter(({ subject }) => inNamespaces(self, subject.namespaces) && selects(subject.pods, self.labels))
    .map((policy) => policy[direction]);
  if (sections.some((section) => section.denies.some(hits))) return false;
  const plain = isolatingPolicies(objects, direction, self);
  if (plain.length === 0 && !sections.some((section) => section.isolates)) return true;
  return (
    plain.some((policy) =>
      policy[direction]!.some((rule) => rulePasses(objects, policy, rule, other, packet, false)),
    ) || sections.some((section) => section.allows.some(hits))
  );
}
type CiliumSelector = Exclude<Extract<CiliumPeer, { kind: 'pods' }>['namespaces'], string>;

/** Tier by tier, policy by policy, rule by rule. */
export function calicoSide(
  objects: ClusterObjects,
  direction: Direction,
  self: Pod,
  other: End,
  packet: Packet,
): boolean {
  const namespaceLabels = (name: string) => ({ ...labelsOf(objects, name), 'projectcalico.org/name': name });
  const podLabels = (pod: Pod) => ({
    ...pod.labels,
    'projectcalico.org/namespace': pod.namespace,
    'projectcalico.org/orchestrator': 'k8s',
  });
  const inNamespaces = (pod: Pod, namespaces: CalicoEntity['namespaces']): boolean =>
    namespaces === undefined ||
    (typeof namespaces === 'string'
      ? pod.namespace === namespaces
      : namespaces.matches(namespaceLabels(pod.namespace)));
  const addresses = (end: End): readonly string[] => ('ip' in end ? [end.ip] : end.pod.ips);
  const entityMatches = (entity: CalicoEntity, end: End): boolean => {
    if (
      entity.selector &&
      !('pod' in end && inNamespaces(end.pod, entity.namespaces) && entity.selector.matches(podLabels(end.pod)))
    )
      return false;
    if (
      !entity.selector &&
      entity.namespaces !== undefined &&
      !entity.not &&
      !('pod' in end && inNamespaces(end.pod, entity.namespaces))
    )
      return false;
    if (entity.nets && !addresses(end).some((ip) => entity.nets!.some((net) => inside(ip, net.cidr)))) return false;
    if (entity.notNets.length > 0 && addresses(end).some((ip) => entity.notNets.some((net) => inside(ip, net.cidr))))
      return false;
    return !(entity.not && 'pod' in end && entity.not.matches(podLabels(end.pod)));
  };
  const hits = (rule: CalicoRule): boolean => {
    if (!rule.protocols.includes(packet.protocol)) return false;
    if (!orTrue(rule.ports, packet) || rule.notPorts.some((port) => portMatches(port, packet))) return false;
    const me: End = { pod: self };
    const [source, destination] = direction === 'ingress' ? [other, me] : [me, other];
    return entityMatches(rule.source, source) && entityMatches(rule.destination, destination);
  };
  for (const tier of tiersOf(objects)) {
    const entries = [
      ...objects.calicoPolicies
        .filter(
          (p) =>
            p.tier === tier.name &&
            p[direction] !== undefined &&
            inNamespaces(self, p.subjectNamespaces) &&
            p.subject.matches(podLabels(self)),
        )
        .map((p) => ({
          order: p.order,
          name: `${p.name}/${p.namespace}`,
          decide: () => p[direction]!.find((rule) => rule.action !== 'Log' && hits(rule))?.action,
        })),
      ...(tier.name === 'default' ? isolatingPolicies(objects, direction, self) : []).map((p) => ({
        order: 1_000,
        name: `${p.name}/${p.namespace}`,
        decide: () =>
          p[direction]!.some((rule) => rulePasses(objects, p, rule, other, packet, true))
            ? ('Allow' as const)
            : undefined,
      })),
    ].toSorted((a, b) => (a.order === b.order ? (a.name < b.name ? -1 : 1) : a.order < b.order ? -1 : 1));
    if (entries.length === 0) continue;
    let decision: string | undefined;
    for (const entry of entries) if ((decision = entry.decide()) !== undefined) break;
    if (decision === 'Allow') return true;
    if (decision === 'Deny' || (decision === undefined && !tier.passes)) return false;
  }
  return true;
}
