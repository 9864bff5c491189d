// Admin policies of policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), ClusterNetworkPolicy (v1alpha2).
import { directionsWhere, readable } from './readable.ts';
import type { AdminAction, AdminPeer, AdminPolicy, AdminRule, PortRule, PossibleReach, Selector } from '../objects.ts';
import { parseBlock, numberAt, protocolAt } from './policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, selectorAt, textAt, shown } from './raw.ts';

type AdminKind = AdminPolicy['kind'];

/** @throws ObjectError with the path of what is wrong */
export function parseAdminPolicy(raw: Raw, kind: AdminKind, name: string): AdminPolicy {
  if (kind === 'BaselineAdminNetworkPolicy' && name !== 'default')
    throw new ObjectError('metadata.name', `${shown(name)} is not default, the only name it may have`);
  const spec = objectAt(raw['spec'], 'spec');
  const tier =
    kind === 'BaselineAdminNetworkPolicy' || (kind === 'ClusterNetworkPolicy' && spec['tier'] === 'Baseline')
      ? 'Baseline'
      : 'Admin';
  if (kind === 'ClusterNetworkPolicy' && spec['tier'] !== 'Admin' && spec['tier'] !== 'Baseline')
    throw new ObjectError('spec.tier', `${shown(spec['tier'])} is neither Admin nor Baseline`);
  const priority = kind === 'BaselineAdminNetworkPolicy' ? 0 : spec['priority'];
  if (typeof priority !== 'number' || !Number.isInteger(priority) || priority < 0 || priority > 1000)
    throw new ObjectError('spec.priority', `${shown(priority)} is not a priority: 0 to 1000`);
  return {
    group: 'policy.networking.k8s.io',
    kind,
    namespace: '',
    name,
    tier,
    priority,
    subject: podsOrNamespaces(spec['subject'], 'spec.subject') ?? fail('spec.subject', 'needs namespaces or pods'),
    ingress: rules(spec['ingress'], 'spec.ingress', 'from', kind),
    egress: rules(spec['egress'], 'spec.egress', 'to', kind),
  };
}

/** @returns whom a policy may govern that `parseAdminPolicy` could not understand */
export function adminReach(raw: Raw): readonly PossibleReach[] {
  const everybody = { namespaces: [], pods: [] };
  const spec = readable(() => objectAt(raw['spec'], 'spec'), {});
  return [
    {
      ...readable(() => podsOrNamespaces(spec['subject'], 'spec.subject') ?? everybody, everybody),
      directions: directionsWhere((side) => !isAbsent(spec[side])),
    },
  ];
}

function fail(path: string, message: string): never {
  throw new ObjectError(path, message);
}

function podsOrNamespaces(raw: unknown, path: string): { namespaces: Selector; pods: Selector } | undefined {
  const { namespaces, pods } = objectAt(raw, path);
  onlyOne(raw, ['namespaces', 'pods'], path);
  if (!isAbsent(namespaces)) return { namespaces: selectorAt(namespaces, `${path}.namespaces`), pods: [] };
  if (isAbsent(pods)) return undefined;
  const both = objectAt(pods, `${path}.pods`);
  if (isAbsent(both['podSelector'])) fail(`${path}.pods.podSelector`, 'is missing');
  return {
    namespaces: selectorAt(both['namespaceSelector'], `${path}.pods.namespaceSelector`),
    pods: selectorAt(both['podSelector'], `${path}.pods.podSelector`),
  };
}

/** What the API definitions of each kind list, and what it means. */
const ACTIONS: Readonly<Record<AdminKind, Readonly<Record<string, AdminAction>>>> = {
  AdminNetworkPolicy: { Allow: 'Allow', Deny: 'Deny', Pass: 'Pass' },
  BaselineAdminNetworkPolicy: { Allow: 'Allow', Deny: 'Deny' },
  ClusterNetworkPolicy: { Accept: 'Allow', Deny: 'Deny', Pass: 'Pass' },
};

function actionAt(value: unknown, path: string, kind: AdminKind): AdminAction {
  const known = ACTIONS[kind];
  if (typeof value === 'string' && Object.hasOwn(known, value)) return known[value]!;
  return fail(path, `${shown(value)} is not one of ${Object.keys(known).join(', ')}`);
}

/** Of these fields the API takes one: they are what a peer, a subject or a port is. */
function onlyOne(raw: unknown, fields: readonly string[], path: string): void {
  const given = fields.filter((field) => isObject(raw) && !isAbsent(raw[field]));
  if (given.length > 1) fail(path, `has ${given.join(' and ')}, but only one of them is allowed`);
}

/** Rules in a direction, and peers in a rule, that the API takes: v1alpha1 and v1alpha2. */
const MOST: Readonly<Record<AdminKind, number>> = {
  AdminNetworkPolicy: 100,
  BaselineAdminNetworkPolicy: 100,
  ClusterNetworkPolicy: 25,
};

function shortListAt(value: unknown, path: string, most: number): readonly unknown[] {
  const list = listAt(value, path);
  if (list.length > most) throw new ObjectError(path, `has ${list.length} items; at most ${most} are allowed`);
  return list;
}

function rules(value: unknown, path: string, side: 'from' | 'to', kind: AdminKind): readonly AdminRule[] {
  return shortListAt(value, path, MOST[kind]).map((raw, i) => {
    const place = `${path}[${i}]`;
    const rule = objectAt(raw, place);
    const action = actionAt(rule['action'], `${place}.action`, kind);
    const peers = shortListAt(rule[side], `${place}.${side}`, MOST[kind]);
    if (peers.length === 0) throw new ObjectError(`${place}.${side}`, 'must name at least one peer');
    return {
      name: typeof rule['name'] === 'string' ? rule['name'] : `#${i + 1}`,
      action,
      peers: peers.flatMap((peer, j) => parsePeer(peer, `${place}.${side}[${j}]`, action, side)),
      ports: parsePorts(rule, place, kind),
    };
  });
}

const PEERS = ['namespaces', 'pods', 'networks', 'nodes', 'domainNames'];

function parsePeer(raw: unknown, path: string, action: AdminAction, side: 'from' | 'to'): readonly AdminPeer[] {
  const peer = objectAt(raw, path);
  onlyOne(peer, PEERS, path);
  if (Object.keys(peer).length === 0) fail(path, 'a peer needs namespaces, pods or another field that says who it is');
  const pods = podsOrNamespaces(peer, path);
  if (pods) return [{ kind: 'pods', ...pods }];
  const outside = PEERS.slice(2).find((field) => !isAbsent(peer[field]));
  if (side === 'from' && outside) fail(`${path}.${outside}`, 'is allowed only in egress rules');
  if (!isAbsent(peer['networks'])) {
    const networks = listAt(peer['networks'], `${path}.networks`);
    if (networks.length === 0) fail(`${path}.networks`, 'must name at least one CIDR block');
    return networks.map((cidr, i) => ({ kind: 'ip', block: parseBlock({ cidr }, `${path}.networks[${i}]`) }));
  }
  if (!isAbsent(peer['nodes'])) return [];
  // Only an allowance may be by domain names.
  return [{ kind: action === 'Allow' && !isAbsent(peer['domainNames']) ? 'names' : 'unknown' }];
}

/** v1alpha1 calls them `ports`, v1alpha2 `protocols`; no list means every port. */
function parsePorts(rule: Raw, place: string, kind: AdminKind): readonly PortRule[] | undefined {
  const [key, other] = kind === 'ClusterNetworkPolicy' ? ['protocols', 'ports'] : ['ports', 'protocols'];
  if (!isAbsent(rule[other!])) fail(`${place}.${other}`, `is not a field of ${kind}: there it is ${key}`);
  if (isAbsent(rule[key!])) return undefined;
  const parse = kind === 'ClusterNetworkPolicy' ? parseV2Protocol : parseV1Port;
  const ports = listAt(rule[key!], `${place}.${key}`).flatMap((port, i) => parse(port, `${place}.${key}[${i}]`));
  if (ports.length === 0 && kind === 'ClusterNetworkPolicy') fail(`${place}.${key}`, 'must name at least one protocol');
  return ports.length === 0 ? undefined : ports;
}

/** The API has no protocol with a name: it is the one that the destination pod declares (network-policy-api, apis/). */
function namedPort(value: unknown, path: string): readonly PortRule[] {
  const name = textAt(value, path);
  return (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({ protocol, name }));
}

/** v1alpha1: `portNumber`, `portRange` or `namedPort`. */
function parseV1Port(raw: unknown, path: string): PortRule | readonly PortRule[] {
  const { portNumber, portRange, namedPort: name } = objectAt(raw, path);
  onlyOne(raw, ['portNumber', 'portRange', 'namedPort'], path);
  if (isObject(portNumber)) {
    const port = numberAt(portNumber['port'], `${path}.portNumber.port`);
    return { protocol: protocolAt(portNumber['protocol'], `${path}.portNumber.protocol`), from: port, to: port };
  }
  if (isObject(portRange))
    return {
      protocol: protocolAt(portRange['protocol'], `${path}.portRange.protocol`),
      ...range(portRange, `${path}.portRange`),
    };
  return namedPort(name, `${path}.namedPort`);
}

/** v1alpha2: `tcp`, `udp`, `sctp` with a `destinationPort`, or `destinationNamedPort`. */
function parseV2Protocol(raw: unknown, path: string): PortRule | readonly PortRule[] {
  const entry = objectAt(raw, path);
  onlyOne(entry, ['tcp', 'udp', 'sctp', 'destinationNamedPort'], path);
  for (const [key, protocol] of [
    ['tcp', 'TCP'],
    ['udp', 'UDP'],
    ['sctp', 'SCTP'],
  ] as const) {
    if (isAbsent(entry[key])) continue;
    const place = `${path}.${key}.destinationPort`;
    const { destinationPort } = objectAt(entry[key], `${path}.${key}`);
    if (isAbsent(destinationPort)) fail(place, 'is missing');
    const port = objectAt(destinationPort, place);
    onlyOne(port, ['number', 'range'], place);
    if (isObject(port['range'])) return { protocol, ...range(port['range'], `${place}.range`) };
    const number = numberAt(port['number'], `${place}.number`);
    return { protocol, from: number, to: number };
  }
  return namedPort(entry['destinationNamedPort'], `${path}.destinationNamedPort`);
}

function range(raw: Raw, path: string): { from: number; to: number } {
  const [from, to] = [numberAt(raw['start'], `${path}.start`), numberAt(raw['end'], `${path}.end`)];
  if (to < from) throw new ObjectError(`${path}.end`, `${to} is below the start ${from}`);
  return { from, to };
}
