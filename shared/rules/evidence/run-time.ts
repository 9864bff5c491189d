// Whether a question about a class of pods depends on a rule that is decided only at run time: one that filters requests, or names what the objects do not tell.
import type { Connectivity } from '../../network/index.ts';
import type { CiliumPeer, Direction } from '../../network/objects.ts';

/** @param concerns whether a peer of such a rule has to do with the question; a rule without peers has */
export function runTimeDecides(
  net: Connectivity,
  direction: Direction,
  index: number,
  concerns: (peer: CiliumPeer) => boolean,
): boolean {
  const side = net[direction];
  if (!side.conditional.has(index)) return false;
  const { cilium, calico } = side.selected[index]!;
  const byCilium = cilium.some((policy) =>
    policy[direction].allows.some(
      ({ conditional, peers }) => conditional && (peers === undefined || peers.some(concerns)),
    ),
  );
  const byCalico = calico.some((policy) =>
    policy[direction]?.some(({ action, conditional }) => conditional && (action === 'Allow' || action === 'Pass')),
  );
  return byCilium || byCalico;
}

/** Which addresses a domain name leads to cannot be told beforehand, but none of them belongs to the cluster. */
export const mayBeAddress = (peer: CiliumPeer): boolean =>
  peer.kind === 'world' || peer.kind === 'ip' || (peer.kind === 'conditional' && peer.addresses === true);

/** What selects pods by more than their labels, and Services. */
export const mayBePod = (peer: CiliumPeer): boolean =>
  peer.kind === 'pods' || (peer.kind === 'conditional' && peer.addresses !== false);
