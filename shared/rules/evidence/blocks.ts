// The address blocks of a policy.
import type { IpBlock, NetworkPolicy, PolicyRule } from '../../network/objects.ts';

const blocksOfRules = (rules: readonly PolicyRule[] | undefined): IpBlock[] =>
  (rules ?? []).flatMap((rule) => rule.peers ?? []).flatMap((peer) => (peer.kind === 'ip' ? [peer.block] : []));

/** @returns every ipBlock of a policy, in order, both directions */
export const blocksOf = (policy: NetworkPolicy): readonly IpBlock[] => [
  ...blocksOfRules(policy.ingress),
  ...blocksOfRules(policy.egress),
];
