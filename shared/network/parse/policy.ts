// networking.k8s.io/v1 NetworkPolicy, from a raw object to what it means.
import { directionsWhere, readable } from './readable.ts';
import type {
  Direction,
  IpBlock,
  NetworkPolicy,
  Peer,
  PolicyRule,
  PortRule,
  PossibleReach,
  Protocol,
} from '../objects.ts';
import { parseCidr, parseIp } from '../ip.ts';
import { protocols } from '../objects.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, listAt, objectAt, selectorAt, textAt, toLabels, shown } from './raw.ts';

/** @throws ObjectError with the path of what is wrong */
export function parseNetworkPolicy(raw: Raw, namespace: string, name: string): NetworkPolicy {
  const spec = objectAt(raw['spec'], 'spec');
  const types = directionsOf(spec['policyTypes'], listAt(spec['egress'], 'spec.egress').length > 0);
  const ingress = rules(spec['ingress'], 'spec.ingress', 'from');
  const egress = rules(spec['egress'], 'spec.egress', 'to');
  const unlisted = types.ingress
    ? { direction: 'egress' as const, rules: egress }
    : { direction: 'ingress' as const, rules: ingress };
  return {
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    namespace,
    name,
    selector: selectorAt(spec['podSelector'], 'spec.podSelector'),
    ingress: types.ingress ? ingress : undefined,
    egress: types.egress ? egress : undefined,
    ...((types.ingress && types.egress) || unlisted.rules.length === 0 ? {} : { unlisted }),
    annotations: toLabels(objectAt(raw['metadata'], 'metadata')['annotations']),
  };
}

/** @returns whom a policy may govern that `parseNetworkPolicy` could not understand */
export function policyReach(raw: Raw, namespace: string): readonly PossibleReach[] {
  const spec = readable(() => objectAt(raw['spec'], 'spec'), {});
  const pods = readable(() => selectorAt(spec['podSelector'], 'spec.podSelector'), []);
  const isolates = (side: Direction): boolean =>
    directionsOf(spec['policyTypes'], listAt(spec['egress'], 'spec.egress').length > 0)[side];
  return [{ namespaces: namespace, pods, directions: directionsWhere(isolates) }];
}

/** Absent types mean ingress, and egress where there is an egress rule; types that are given win. */
function directionsOf(value: unknown, hasEgress: boolean): { ingress: boolean; egress: boolean } {
  const given = listAt(value, 'spec.policyTypes');
  if (given.length === 0) return { ingress: true, egress: hasEgress };
  if (given.length > 2)
    throw new ObjectError('spec.policyTypes', `has ${given.length} items; there are only two types`);
  for (const [i, type] of given.entries())
    if (type !== 'Ingress' && type !== 'Egress')
      throw new ObjectError(`spec.policyTypes[${i}]`, `${shown(type)} is neither Ingress nor Egress`);
  return { ingress: given.includes('Ingress'), egress: given.includes('Egress') };
}

function rules(value: unknown, path: string, side: 'from' | 'to'): readonly PolicyRule[] {
  return listAt(value, path).map((raw, i) => {
    const place = `${path}[${i}]`;
    const rule = objectAt(raw, place);
    const peers = listAt(rule[side], `${place}.${side}`);
    const ports = listAt(rule['ports'], `${place}.ports`);
    return {
      // An empty list of peers or ports means the same as none: everybody, everything.
      peers: peers.length === 0 ? undefined : peers.map((peer, j) => parsePeer(peer, `${place}.${side}[${j}]`)),
      ports: ports.length === 0 ? undefined : ports.map((port, j) => parsePort(port, `${place}.ports[${j}]`)),
    };
  });
}

function parsePeer(raw: unknown, path: string): Peer {
  const { podSelector, namespaceSelector, ipBlock } = objectAt(raw, path);
  if (!isAbsent(ipBlock)) {
    if (!isAbsent(podSelector) || !isAbsent(namespaceSelector))
      throw new ObjectError(path, 'ipBlock cannot be combined with a selector in one peer');
    return { kind: 'ip', block: parseBlock(ipBlock, `${path}.ipBlock`) };
  }
  if (isAbsent(podSelector) && isAbsent(namespaceSelector))
    throw new ObjectError(path, 'a peer needs podSelector, namespaceSelector or ipBlock');
  return {
    kind: 'pods',
    ...(isAbsent(namespaceSelector) ? {} : { namespaces: selectorAt(namespaceSelector, `${path}.namespaceSelector`) }),
    pods: selectorAt(podSelector, `${path}.podSelector`),
  };
}

/** @returns what is wrong with a text that is not a block: of a single address, how to write it as one */
export function notBlock(text: string): string {
  if (parseIp(text) === undefined) return `${shown(text)} is not a CIDR block`;
  return `${shown(text)} is an address, not a CIDR block: write ${text}${text.includes(':') ? '/128' : '/32'}`;
}

/** @throws ObjectError when the block or an exception is not a CIDR, or an exception lies outside the block */
export function parseBlock(raw: unknown, path: string): IpBlock {
  const { cidr: rawCidr, except: rawExcept } = objectAt(raw, path);
  const cidr = textAt(rawCidr, `${path}.cidr`);
  const whole = parseCidr(cidr);
  if (!whole) throw new ObjectError(`${path}.cidr`, notBlock(cidr));
  const except = listAt(rawExcept, `${path}.except`).map((value, i) => {
    const place = `${path}.except[${i}]`;
    const text = textAt(value, place);
    const hole = parseCidr(text);
    if (!hole) throw new ObjectError(place, notBlock(text));
    if (hole.from < whole.from || hole.to > whole.to) throw new ObjectError(place, `${text} lies outside ${cidr}`);
    if (hole.from === whole.from && hole.to === whole.to)
      throw new ObjectError(place, `${text} is the whole of ${cidr}: nothing would be left`);
    return text;
  });
  return { cidr, except };
}

function parsePort(raw: unknown, path: string): PortRule {
  const { protocol: rawProtocol, port, endPort } = objectAt(raw, path);
  const protocol = protocolAt(rawProtocol, `${path}.protocol`);
  if (isAbsent(port)) {
    if (!isAbsent(endPort)) throw new ObjectError(`${path}.endPort`, 'needs a port beside it');
    return { protocol, from: 1, to: 65_535 };
  }
  if (typeof port === 'string') {
    if (!isAbsent(endPort)) throw new ObjectError(`${path}.endPort`, 'needs a port that is a number');
    return { protocol, name: portNameAt(port, `${path}.port`) };
  }
  const from = numberAt(port, `${path}.port`);
  const to = isAbsent(endPort) ? from : numberAt(endPort, `${path}.endPort`);
  if (to < from) throw new ObjectError(`${path}.endPort`, `${to} is below the port ${from}`);
  return { protocol, from, to };
}

export function protocolAt(value: unknown, path: string): Protocol {
  if (isAbsent(value)) return 'TCP';
  const protocol = protocols.find((known) => known === value);
  if (!protocol) throw new ObjectError(path, `${shown(value)} is not one of ${protocols.join(', ')}`);
  return protocol;
}

/** @throws ObjectError when it is not a port number */
export function numberAt(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65_535)
    throw new ObjectError(path, `${shown(value)} is not a port: 1 to 65535`);
  return value;
}

const PORT_NAME = /^(?=.*[a-z])[a-z0-9]+(-[a-z0-9]+)*$/;

/** @throws ObjectError when it is not a port's name (Kubernetes, validation of IANA_SVC_NAME: apimachinery, IsValidPortName) */
export function portNameAt(name: string, path: string): string {
  if (/^\d+$/.test(name))
    throw new ObjectError(path, `${shown(name)} is a string that looks like a number: write it without quotes`);
  if (name.length === 0 || name.length > 15) throw new ObjectError(path, 'a port name has 1 to 15 characters');
  if (!PORT_NAME.test(name))
    throw new ObjectError(
      path,
      `${shown(name)} is not a port name: lower-case letters, digits and single dashes inside, at least one letter`,
    );
  return name;
}
