// What the egress rules of a policy open on every port beyond its own namespace, whatever its kind.
import type { AnyPolicy } from '../../network/index.ts';
import type {
  AdminPolicy,
  CalicoEntity,
  CiliumPeer,
  Peer,
  PortRule,
  Requirement,
  Selector,
} from '../../network/objects.ts';

export type Beyond = 'everybody' | 'other namespaces' | 'IP addresses' | 'domain names';

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** @returns for each rule of a policy that allows every port of a protocol beyond its own namespace, to whom; undefined when it says nothing about egress */
export function egressOpenings(policy: AnyPolicy): readonly (readonly Beyond[])[] | undefined {
  if ('selector' in policy)
    return policy.egress && openings(policy.egress, ({ peers }) => peersBeyond(peers, policy.namespace));
  if ('subjectNamespaces' in policy)
    return (
      policy.egress &&
      openings(policy.egress, ({ action, protocols, destination, conditional }) =>
        action !== 'Allow' || protocols.length === 0 || conditional ? [] : entityBeyond(destination, policy.namespace),
      )
    );
  if ('tier' in policy)
    return policy.egress.length === 0
      ? undefined
      : openings(policy.egress, ({ action, peers }) =>
          action === 'Allow' ? peers.flatMap((peer) => ADMIN_PEERS[peer.kind]) : [],
        );
  const { isolates, allows, denies } = policy.egress;
  if (!isolates && allows.length + denies.length === 0) return undefined;
  return openings(allows, ({ peers }) => peersBeyond(peers, policy.namespace));
}

function openings<R extends { readonly ports: readonly PortRule[] | undefined }>(
  rules: readonly R[],
  beyondOf: (rule: R) => readonly Beyond[],
): readonly (readonly Beyond[])[] {
  return rules
    .filter((rule) => opensEveryPort(rule.ports))
    .map(beyondOf)
    .filter((beyond) => beyond.length > 0);
}

/** Of one protocol at least: to name a protocol is not to name a port. */
const opensEveryPort = (ports: readonly PortRule[] | undefined): boolean =>
  ports === undefined || ports.some((port) => 'from' in port && port.from <= 1 && port.to >= 65_535);

const ADMIN_PEERS: Readonly<Record<AdminPolicy['egress'][number]['peers'][number]['kind'], readonly Beyond[]>> = {
  pods: ['other namespaces'],
  ip: ['IP addresses'],
  names: ['domain names'],
  unknown: [],
};

/** @param own the policy's namespace; empty for the whole cluster */
const peersBeyond = (peers: readonly (Peer | CiliumPeer)[] | undefined, own: string): readonly Beyond[] =>
  peers === undefined
    ? ['everybody']
    : peers.flatMap((peer): readonly Beyond[] => {
        if (peer.kind === 'pods') return isOwn(peer.namespaces, own) ? [] : ['other namespaces'];
        // Services and groups bring their own ports; that leaves domain names.
        if (peer.kind === 'conditional') return peer.addresses === false ? ['domain names'] : [];
        return peer.kind === 'apiServer' ? [] : ['IP addresses'];
      });

/** A selector that is pinned to the policy's own namespace by name means no other. */
const isOwn = (namespaces: Selector | string | undefined, own: string): boolean =>
  namespaces === undefined || typeof namespaces === 'string'
    ? own !== '' && (namespaces ?? own) === own
    : namespaces.some(
        ({ key, operator, values }: Requirement) =>
          key === NAMESPACE_NAME && operator === 'In' && values.every((value) => value === own),
      );

function entityBeyond({ selector, not, namespaces, global, nets }: CalicoEntity, own: string): readonly Beyond[] {
  if (nets !== undefined || global) return ['IP addresses'];
  if (namespaces === undefined && selector === undefined && not === undefined) return ['everybody'];
  return typeof namespaces === 'string' && namespaces === own ? [] : ['other namespaces'];
}
