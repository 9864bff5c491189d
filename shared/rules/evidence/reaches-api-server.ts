// Whether policies let a class of pods out to the API server.
import { findAtom, parseCidr, parseIp } from '../../network/ip.ts';
import type { IpRange } from '../../network/ip.ts';
import { withAtom } from '../../network/index.ts';
import type { CiliumRule, PortRule } from '../../network/objects.ts';
import { publicParts } from '../../network/public-addresses.ts';
import type { View } from './view.ts';

/** The API server of AKS answers on this port. */
export const API_PORT = 443;
/** Where a private one may be. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((cidr) => parseCidr(cidr)!);

/** @returns undefined when it cannot be told: the address is not known, and only some of those that it may have are open */
export type ReachesApiServer = (index: number) => boolean | undefined;

/**
 * By its address where that is known: policies are applied after the address of the Service has given way to it.
 * Cilium may also be told to let pods out to it as an entity, which AKS supports for egress (cilium/cilium pull request 32464).
 * @returns a function that answers for a class of pods
 */
export function apiServerReach(view: View): ReachesApiServer {
  const { net } = view;
  const byAddress = reachByAddress(view);
  return (index) => {
    const sections = net.egress.selected[index]!.cilium.map(({ egress }) => egress);
    if (sections.some(({ denies }) => denies.some(namesApiServer))) return false;
    if (sections.some(({ allows }) => allows.some((rule) => !rule.conditional && namesApiServer(rule)))) return true;
    return byAddress(index);
  };
}

function reachByAddress({ net, objects, cluster }: View): ReachesApiServer {
  const opens = (index: number, atom: number, ports: readonly number[]): boolean =>
    (ports.length > 0 ? ports : [API_PORT]).every((port) =>
      net.ports.includes(withAtom(net, 'egress', index, atom), 'TCP', port),
    );
  const servers = objects.surroundings.apiServers.map(({ address, ports }) => {
    const ip = parseIp(address);
    // Where no policy mentions IPv6, no range stands for it: what is closed is closed to it, too.
    return { atom: ip === undefined ? -1 : findAtom(net.atoms, ip), ports };
  });
  if (servers.length > 0)
    return (index) => servers.every(({ atom, ports }) => atom !== -1 && opens(index, atom, ports));
  const isPrivate = cluster.privateApi || cluster.vnetApi === true;
  const possible = net.atoms.flatMap((range, atom) => (mayHold(range, isPrivate) ? [atom] : []));
  return (index) => {
    const open = possible.filter((atom) => opens(index, atom, []));
    return open.length === 0 ? false : open.length === possible.length ? true : undefined;
  };
}

const mayHold = (range: IpRange, isPrivate: boolean): boolean =>
  isPrivate ? PRIVATE.some((block) => range.from <= block.to && block.from <= range.to) : publicParts(range).length > 0;

const namesApiServer = ({ peers, ports }: CiliumRule): boolean =>
  (peers ?? []).some(({ kind }) => kind === 'apiServer') && covers(ports);

const covers = (ports: readonly PortRule[] | undefined): boolean =>
  ports === undefined ||
  ports.some((port) => 'from' in port && port.protocol === 'TCP' && port.from <= API_PORT && API_PORT <= port.to);
