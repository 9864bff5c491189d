// Whether policies let a class of pods out to the API server.
import { findAtom } from '../network/classes.ts';
import type { IpRange } from '../network/ip.ts';
import { parseCidr, parseIp } from '../network/ip.ts';
import { withAtom } from '../network/index.ts';
import type { PortRule } from '../network/objects.ts';
import { publicParts } from '../network/public-addresses.ts';
import type { View } from './view.ts';

/** The API server of AKS answers on this port. */
export const API_PORT = 443;
/** Where a private one may be. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((cidr) => parseCidr(cidr)!);

/**
 * By its address where that is known: policies are applied after the address of the Service has given way to it.
 * Cilium may also be told to let pods out to it as an entity, which AKS supports for egress (cilium/cilium pull request 32464).
 * @returns undefined when it cannot be told: its address is not known, and only a part of the addresses that it may have is open
 */
export function reachesApiServer({ net, objects, cluster }: View, index: number): boolean | undefined {
  const { denies, allows } = ciliumRules(net, index);
  if (denies.some(({ peers, ports }) => (peers ?? []).some(({ kind }) => kind === 'apiServer') && covers(ports)))
    return false;
  if (
    allows.some(
      ({ peers, ports, conditional }) =>
        !conditional && (peers ?? []).some(({ kind }) => kind === 'apiServer') && covers(ports),
    )
  )
    return true;
  const servers = objects.surroundings.apiServers;
  if (servers.length > 0)
    return servers.every(({ address, ports }) => {
      const ip = parseIp(address);
      const atom = ip === undefined ? -1 : findAtom(net.atoms, ip);
      // IPv6 is on no line where no policy speaks of it: what is closed is closed to it, too.
      return (
        atom !== -1 &&
        portsOr(ports).every((port) => net.ports.includes(withAtom(net, 'egress', index, atom), 'TCP', port))
      );
    });
  const isPrivate = cluster.privateApi || cluster.vnetApi === true;
  const possible = net.atoms.flatMap((range, atom) => (mayHold(range, isPrivate) ? [atom] : []));
  const open = possible.filter((atom) => net.ports.includes(withAtom(net, 'egress', index, atom), 'TCP', API_PORT));
  return open.length === 0 ? false : open.length === possible.length ? true : undefined;
}

const portsOr = (ports: readonly number[]): readonly number[] => (ports.length > 0 ? ports : [API_PORT]);

const mayHold = (range: IpRange, isPrivate: boolean): boolean =>
  isPrivate ? PRIVATE.some((block) => range.from <= block.to && block.from <= range.to) : publicParts(range).length > 0;

function ciliumRules(net: View['net'], index: number) {
  const sections = net.egress.ciliumBy[index]!.map((i) => net.ciliumPolicies[i]!.egress);
  return { allows: sections.flatMap(({ allows }) => allows), denies: sections.flatMap(({ denies }) => denies) };
}

const covers = (ports: readonly PortRule[] | undefined): boolean =>
  ports === undefined ||
  ports.some((port) => 'from' in port && port.protocol === 'TCP' && port.from <= API_PORT && API_PORT <= port.to);
