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

/** @param ipCoversPods false under Cilium */
export function allowed(objects: ClusterObjects, packet: Packet, ipCoversPods = true): boolean {
  const { source, destination } = packet;
  const leaves = 'ip' in source || side(objects, 'egress', source.pod, destination, packet, ipCoversPods);
  const enters = 'ip' in destination || side(objects, 'ingress', destination.pod, source, packet, ipCoversPods);
  return leaves && enters;
}

function side(
  objects: ClusterObjects,
  direction: 'ingress' | 'egress',
  self: Pod,
  other: End,
  packet: Packet,
  ipCoversPods: boolean,
): boolean {
  const namespaceLabels = (name: string) => objects.namespaces.find((namespace) => namespace.name === name)!.labels;
  const matchesPeer = (namespaces: Selector | string, pods: Selector): boolean =>
    'pod' in other &&
    (typeof namespaces === 'string'
      ? other.pod.namespace === namespaces
      : selects(namespaces, namespaceLabels(other.pod.namespace))) &&
    selects(pods, other.pod.labels);
  const matchesBlock = (cidr: string, except: readonly string[]): boolean => {
    const addresses = 'ip' in other ? [other.ip] : ipCoversPods ? other.pod.ips : [];
    return addresses.some((ip) => inside(ip, cidr) && !except.some((hole) => inside(ip, hole)));
  };
  const matchesPort = (ports: readonly PortRule[] | undefined): boolean => {
    if (ports === undefined) return true;
    return ports.some((port) => {
      if (port.protocol !== packet.protocol) return false;
      if ('from' in port) return port.from <= packet.port && packet.port <= port.to;
      if ('ip' in packet.destination) return false;
      return packet.destination.pod.ports.some(
        (p) => p.name === port.name && p.protocol === port.protocol && p.port === packet.port,
      );
    });
  };
  const adminTier = (tier: AdminPolicy['tier']): 'Allow' | 'Deny' | undefined => {
    const selecting = objects.adminPolicies
      .filter(
        (policy) =>
          policy.tier === tier &&
          selects(policy.subject.namespaces, namespaceLabels(self.namespace)) &&
          selects(policy.subject.pods, self.labels),
      )
      .toSorted((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1));
    for (const rule of selecting.flatMap((policy): readonly AdminRule[] => policy[direction])) {
      const strange = rule.peers.some((peer) => peer.kind === 'unknown');
      if (strange && rule.action !== 'Allow') return 'Deny';
      const hit = rule.peers.some((peer) =>
        peer.kind === 'pods'
          ? matchesPeer(peer.namespaces, peer.pods)
          : peer.kind === 'ip' && matchesBlock(peer.block.cidr, peer.block.except),
      );
      if (!hit || !matchesPort(rule.ports)) continue;
      return rule.action === 'Pass' ? undefined : rule.action;
    }
    return undefined;
  };
  const rulePasses = (policy: NetworkPolicy, rule: PolicyRule): boolean => {
    const peerPasses = (peer: Peer): boolean =>
      peer.kind === 'pods'
        ? matchesPeer(peer.namespaces ?? policy.namespace, peer.pods)
        : matchesBlock(peer.block.cidr, peer.block.except);
    return (rule.peers === undefined || rule.peers.some(peerPasses)) && matchesPort(rule.ports);
  };

  const admin = adminTier('Admin');
  if (admin !== undefined) return admin === 'Allow';
  const isolating = objects.policies.filter(
    (policy) =>
      policy.namespace === self.namespace && policy[direction] !== undefined && selects(policy.selector, self.labels),
  );
  if (isolating.length > 0)
    return isolating.some((policy) => policy[direction]!.some((rule) => rulePasses(policy, rule)));
  return adminTier('Baseline') !== 'Deny';
}

function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement: Requirement) => {
    const has = Object.hasOwn(labels, requirement.key);
    const named = has && requirement.values.includes(labels[requirement.key]!);
    if (requirement.operator === 'In') return named;
    if (requirement.operator === 'NotIn') return !named;
    return requirement.operator === 'Exists' ? has : !has;
  });
}

/** Bit by bit, IPv4 and IPv6 apart. */
function inside(ip: string, cidr: string): boolean {
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
