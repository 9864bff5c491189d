// The naive evaluator for Cilium and Calico: one packet at a time, read literally.
import { tiersOf } from '../../shared/network/calico-order.ts';
import type {
  IpBlock,
  CalicoEntity,
  CalicoRule,
  CiliumPeer,
  CiliumRule,
  ClusterObjects,
  Pod,
  PortRule,
} from '../../shared/network/objects.ts';
import type { End, Packet } from './naive.ts';
import { inside, isUnplaced, isolatingPolicies, portMatches, rulePasses, selects } from './naive.ts';

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
  const lies = (end: End, nets: readonly IpBlock[]): boolean =>
    nets.some((net) =>
      isUnplaced(end) ? net.cidr === '0.0.0.0/0' : addresses(end).some((ip) => inside(ip, net.cidr)),
    );
  const inSets = (end: End, entity: CalicoEntity, selector: CalicoEntity['selector']): boolean =>
    objects.networkSets
      .filter(({ namespace }) => {
        if (entity.global) return namespace === '';
        if (entity.namespaces === undefined) return true;
        if (namespace === '') return false;
        return typeof entity.namespaces === 'string'
          ? namespace === entity.namespaces
          : entity.namespaces.matches(namespaceLabels(namespace));
      })
      .filter(({ namespace, labels }) =>
        selector === undefined
          ? true
          : selector.matches(namespace === '' ? labels : { ...labels, 'projectcalico.org/namespace': namespace }),
      )
      .some(({ nets }) => lies(end, nets));
  const everywhere = { namespaces: undefined, global: false };
  const entityMatches = (entity: CalicoEntity, end: End): boolean => {
    const { selector, not, namespaces, global, nets, notNets } = entity;
    if (selector || namespaces !== undefined || global) {
      const isPod =
        !global &&
        'pod' in end &&
        inNamespaces(end.pod, namespaces) &&
        (selector === undefined || selector.matches(podLabels(end.pod)));
      if (!isPod && !inSets(end, entity, selector)) return false;
    }
    if (nets && !lies(end, nets)) return false;
    if (lies(end, notNets)) return false;
    if (not === undefined) return true;
    return !('pod' in end && not.matches(podLabels(end.pod))) && !inSets(end, { ...entity, ...everywhere }, not);
  };
  const isIpv6 = (address: string): boolean => address.includes(':');
  const familiesOf = (end: End): readonly boolean[] => {
    const own = addresses(end);
    return own.length === 0 ? [false] : [false, true].filter((six) => own.some((ip) => isIpv6(ip) === six));
  };
  /** A rule is written once for IPv4 and once for IPv6, and not at all where a list of its nets would become empty. */
  const isWritten = (rule: CalicoRule, six: boolean): boolean => {
    const lists = [rule.source.nets, rule.source.notNets, rule.destination.nets, rule.destination.notNets];
    if (rule.ipVersion !== undefined && (rule.ipVersion === 6) !== six) return false;
    return lists.every((list) => !list || list.length === 0 || list.some(({ cidr }) => isIpv6(cidr) === six));
  };
  const isForFamily = (rule: CalicoRule): boolean => {
    const own = familiesOf({ pod: self });
    const common = 'ip' in other ? familiesOf(other) : familiesOf(other).filter((six) => own.includes(six));
    // Ends that share no family cannot talk; a rule of both speaks of them all the same.
    return common.length === 0
      ? isWritten(rule, false) && isWritten(rule, true)
      : common.some((six) => isWritten(rule, six));
  };
  const hits = (rule: CalicoRule): boolean => {
    if (!rule.protocols.includes(packet.protocol) || !isForFamily(rule)) return false;
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
          name: `${p.name}/${p.namespace}/${p.kind}`,
          decide: () => p[direction]!.find((rule) => rule.action !== 'Log' && hits(rule))?.action,
        })),
      ...(tier.name === 'default' ? isolatingPolicies(objects, direction, self) : []).map((p) => ({
        order: 1_000,
        name: `${p.name}/${p.namespace}/KubernetesNetworkPolicy`,
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
