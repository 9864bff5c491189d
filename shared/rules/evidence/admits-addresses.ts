// Which policies let public addresses in to a class of pods: those to change when too many get in.
import type { Connectivity } from '../../network/index.ts';
import { parseCidr } from '../../network/ip.ts';
import type { IpBlock, PolicyRef } from '../../network/objects.ts';
import { publicParts } from '../../network/public-addresses.ts';

const isPublic = ({ cidr }: IpBlock): boolean => publicParts(parseCidr(cidr)!).length > 0;

/** @returns the policies of a class by which public addresses get in; all that govern it where none can be singled out */
export function admitsAddresses(net: Connectivity, index: number): readonly PolicyRef[] {
  const { policies: plain, admin, cilium, calico } = net.ingress.selected[index]!;
  const found: PolicyRef[] = [
    ...plain.filter(({ ingress }) =>
      ingress?.some(
        ({ peers }) => peers === undefined || peers.some((peer) => peer.kind === 'ip' && isPublic(peer.block)),
      ),
    ),
    ...cilium.filter(({ ingress }) =>
      ingress.allows.some(
        ({ peers }) =>
          peers === undefined ||
          peers.some((peer) => peer.kind === 'world' || (peer.kind === 'ip' && isPublic(peer.block))),
      ),
    ),
    ...calico.filter(({ ingress }) =>
      ingress?.some(
        ({ action, source }) =>
          action === 'Allow' &&
          source.selector === undefined &&
          source.namespaces === undefined &&
          (source.nets === undefined || source.nets.some(isPublic)),
      ),
    ),
  ];
  return found.length > 0 ? found : [...plain, ...cilium, ...calico, ...admin];
}
