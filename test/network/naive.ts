// A deliberately naive evaluator: one packet at a time, the policies read literally. Slow, and obviously right.
import type {
  AdminPolicy,
  AdminRule,
  ClusterObjects,
  NetworkPolicy,
  Peer,
  Pod,
  PolicyRule,
  PortRule,
  Protocol,
  Requirement,
  Selector,
} from '../../shared/network/objects.ts';

/** A pod, or an address outside the cluster. */
export type End = { readonly pod: Pod } | { readonly ip: string };

export interface Packet {
  readonly source: End;
  readonly destination: End;
  readonly protocol: Protocol;
  readonly port: number;
}

/** How the policies of one engine decide one side of a packet. */
export type SideRule = (
  objects: ClusterObjects,
  direction: 'ingress' | 'egress',
  self: Pod,
  other: End,
  packet: Packet,
) => boolean;

/** Both sides must let a packet through; an address outside lets everything through. */
export function allowed(objects: ClusterObjects, packet: Packet, side: SideRule = kubernetesSide): boolean {
  const { source, destination } = packet;
  const leaves = 'ip' in source || side(objects, 'egress', source.pod, destination, packet);
  return leaves && ('ip' in destination || side(objects, 'ingress', destination.pod, source, packet));
}

const namespaceLabels = (objects: ClusterObjects, name: string) =>
  objects.namespaces.find((namespace) => namespace.name === name)!.labels;

function matchesPods(objects: ClusterObjects, other: End, namespaces: Selector | string, pods: Selector): boolean {
  if (!('pod' in other)) return false;
  const within =
    typeof namespaces === 'string'
      ? other.pod.namespace === namespaces
      : selects(namespaces, namespaceLabels(objects, other.pod.namespace));
  return within && selects(pods, other.pod.labels);
}

/** A pod that has no address yet will have one, somewhere in IPv4. */
export const isUnplaced = (end: End): boolean => 'pod' in end && end.pod.ips.length === 0;

function matchesBlock(other: End, cidr: string, except: readonly string[], ipCoversPods: boolean): boolean {
  const addresses = 'ip' in other ? [other.ip] : ipCoversPods ? other.pod.ips : [];
  if (ipCoversPods && isUnplaced(other)) return cidr === '0.0.0.0/0' && except.length === 0;
  return addresses.some((ip) => inside(ip, cidr) && !except.some((hole) => inside(ip, hole)));
}

export function portMatches(port: PortRule, packet: Packet): boolean {
  if (port.protocol !== packet.protocol) return false;
  if ('from' in port) return port.from <= packet.port && packet.port <= port.to;
  if ('ip' in packet.destination) return false;
  return packet.destination.pod.ports.some(
    (p) => p.name === port.name && p.protocol === port.protocol && p.port === packet.port,
  );
}

const portsMatch = (ports: readonly PortRule[] | undefined, packet: Packet): boolean =>
  ports === undefined || ports.some((port) => portMatches(port, packet));

/** The network policies that select a pod in a direction. */
export const isolatingPolicies = (
  objects: ClusterObjects,
  direction: 'ingress' | 'egress',
  self: Pod,
): readonly NetworkPolicy[] =>
  objects.policies.filter(
    (policy) =>
      policy.namespace === self.namespace && policy[direction] !== undefined && selects(policy.selector, self.labels),
  );

export function rulePasses(
  objects: ClusterObjects,
  policy: NetworkPolicy,
  rule: PolicyRule,
  other: End,
  packet: Packet,
  ipCoversPods: boolean,
): boolean {
  const peerPasses = (peer: Peer): boolean =>
    peer.kind === 'pods'
      ? matchesPods(objects, other, peer.namespaces ?? policy.namespace, peer.pods)
      : matchesBlock(other, peer.block.cidr, peer.block.except, ipCoversPods);
  return (rule.peers === undefined || rule.peers.some(peerPasses)) && portsMatch(rule.ports, packet);
}

/** networking.k8s.io between the two admin tiers. */
export const kubernetesSide: SideRule = (objects, direction, self, other, packet) => {
  const adminTier = (tier: AdminPolicy['tier']): 'Allow' | 'Deny' | undefined => {
    const selecting = objects.adminPolicies
      .filter(
        (policy) =>
          policy.tier === tier &&
          selects(policy.subject.namespaces, namespaceLabels(objects, self.namespace)) &&
          selects(policy.subject.pods, self.labels),
      )
      .toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
    for (const rule of selecting.flatMap((policy): readonly AdminRule[] => policy[direction])) {
      const strange = rule.peers.some((peer) => peer.kind === 'unknown');
      if (strange && rule.action !== 'Allow') return 'Deny';
      const hit = rule.peers.some((peer) =>
        peer.kind === 'pods'
          ? matchesPods(objects, other, peer.namespaces, peer.pods)
          : peer.kind === 'ip' && matchesBlock(other, peer.block.cidr, peer.block.except, true),
      );
      if (!hit || !portsMatch(rule.ports, packet)) continue;
      return rule.action === 'Pass' ? undefined : rule.action;
    }
    return undefined;
  };
  const admin = adminTier('Admin');
  if (admin !== undefined) return admin === 'Allow';
  const isolating = isolatingPolicies(objects, direction, self);
  if (isolating.length > 0)
    return isolating.some((policy) =>
      policy[direction]!.some((rule) => rulePasses(objects, policy, rule, other, packet, true)),
    );
  return adminTier('Baseline') !== 'Deny';
};

export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement: Requirement) => {
    const has = Object.hasOwn(labels, requirement.key);
    const named = has && requirement.values.includes(labels[requirement.key]!);
    if (requirement.operator === 'In') return named;
    if (requirement.operator === 'NotIn') return !named;
    return requirement.operator === 'Exists' ? has : !has;
  });
}

/** Bit by bit, IPv4 and IPv6 apart. */
export function inside(ip: string, cidr: string): boolean {
  const [base, prefix] = cidr.split('/') as [string, string];
  if (ip.includes(':') !== base.includes(':')) return false;
  return bits(ip).slice(0, Number(prefix)) === bits(base).slice(0, Number(prefix));
}

function bits(ip: string): string {
  if (!ip.includes(':'))
    return ip
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [head = '', tail = ''] = ip.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const groups = ip.includes('::')
    ? [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right]
    : left;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
