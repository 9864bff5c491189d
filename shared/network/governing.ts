// Policies by kind, and what the kinds have in common.
import type {
  AdminPeer,
  AdminPolicy,
  CalicoPolicy,
  CalicoRule,
  CiliumPeer,
  CiliumPolicy,
  NetworkPolicy,
  Peer,
  PortRule,
  Selector,
} from './objects.ts';

export type AnyPolicy = NetworkPolicy | AdminPolicy | CiliumPolicy | CalicoPolicy;

/** Policies that an engine enforces: all of a cluster, or those that select one class. */
export interface Governing {
  readonly policies: readonly NetworkPolicy[];
  readonly admin: readonly AdminPolicy[];
  readonly cilium: readonly CiliumPolicy[];
  readonly calico: readonly CalicoPolicy[];
}

export const noPolicies: Governing = { policies: [], admin: [], cilium: [], calico: [] };

export type AnyPeer = Peer | AdminPeer | CiliumPeer;

/** What rules of every kind but Calico's say. */
export interface PeerRule {
  /** undefined: everybody. */
  readonly peers: readonly AnyPeer[] | undefined;
  /** undefined: every port of every protocol. */
  readonly ports: readonly PortRule[] | undefined;
}

/** @returns the rules of all kinds but Calico's, in both directions, allowing or denying */
export const peerRules = ({ policies, admin, cilium }: Governing): readonly PeerRule[] => [
  ...[...policies, ...admin].flatMap(({ ingress, egress }): readonly PeerRule[] => [
    ...(ingress ?? []),
    ...(egress ?? []),
  ]),
  ...cilium
    .flatMap(({ ingress, egress }) => [ingress, egress])
    .flatMap(({ allows, denies }): readonly PeerRule[] => [...allows, ...denies]),
];

/** @returns Calico's rules, in both directions */
export const calicoRules = ({ calico }: Governing): readonly CalicoRule[] =>
  calico.flatMap(({ ingress, egress }) => [...(ingress ?? []), ...(egress ?? [])]);

/** @returns what the labels of a pod must be for policies of every kind but Calico's to select it */
export const podSelectors = ({ policies, admin, cilium }: Governing): readonly Selector[] => [
  ...policies.map(({ selector }) => selector),
  ...[...admin, ...cilium].map(({ subject }) => subject.pods),
];
