// Admin policies of policy.networking.k8s.io: AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1), ClusterNetworkPolicy (v1alpha2).
import { directionsWhere, readable } from './doubt.ts';
import type { AdminAction, AdminPeer, AdminPolicy, AdminRule, PortRule, PossibleReach, Selector } from './objects.ts';
import { parseBlock, numberAt, protocolAt } from './parse-policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, selectorAt, textAt, shown } from './raw.ts';

/** @returns undefined for a kind that is no policy @throws ObjectError with the path of what is wrong */
export function parseAdminPolicy(raw: Raw, kind: string, name: string): AdminPolicy | undefined {
  if (kind !== 'AdminNetworkPolicy' && kind !== 'BaselineAdminNetworkPolicy' && kind !== 'ClusterNetworkPolicy')
    return undefined;
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
    throw new ObjectError('spec.priority', `${shown(priority)} is no priority: 0 to 1000`);
  return {
    group: 'policy.networking.k8s.io',
    kind,
    namespace: '',
    name,
    tier,
    priority,
    subject: podsOrNamespaces(spec['subject'], 'spec.subject') ?? fail('spec.subject', 'needs namespaces or pods'),
    ingress: rules(spec['ingress'], 'spec.ingress', 'from', MOST[kind]),
    egress: rules(spec['egress'], 'spec.egress', 'to', MOST[kind]),
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
  if (!isAbsent(namespaces)) return { namespaces: selectorAt(namespaces, `${path}.namespaces`), pods: [] };
  if (isAbsent(pods)) return undefined;
  const both = objectAt(pods, `${path}.pods`);
  return {
    namespaces: selectorAt(both['namespaceSelector'], `${path}.pods.namespaceSelector`),
    pods: selectorAt(both['podSelector'], `${path}.pods.podSelector`),
  };
}

const ACTIONS: Readonly<Record<string, AdminAction>> = { Allow: 'Allow', Accept: 'Allow', Deny: 'Deny', Pass: 'Pass' };

/** Rules in a direction, and peers in a rule, that the API takes: v1alpha1 and v1alpha2. */
const MOST: Readonly<Record<AdminPolicy['kind'], number>> = {
  AdminNetworkPolicy: 100,
  BaselineAdminNetworkPolicy: 100,
  ClusterNetworkPolicy: 25,
};

function shortListAt(value: unknown, path: string, most: number): readonly unknown[] {
  const list = listAt(value, path);
  if (list.length > most) throw new ObjectError(path, `has ${list.length} items; at most ${most} are allowed`);
  return list;
}

function rules(value: unknown, path: string, side: 'from' | 'to', most: number): readonly AdminRule[] {
  return shortListAt(value, path, most).map((raw, i) => {
    const place = `${path}[${i}]`;
    const rule = objectAt(raw, place);
    const given = rule['action'];
    const action = typeof given === 'string' ? ACTIONS[given] : undefined;
    if (!action) throw new ObjectError(`${place}.action`, `${shown(given)} is not Allow, Accept, Deny or Pass`);
    const peers = shortListAt(rule[side], `${place}.${side}`, most);
    if (peers.length === 0) throw new ObjectError(`${place}.${side}`, 'must name at least one peer');
    return {
      name: typeof rule['name'] === 'string' ? rule['name'] : `#${i + 1}`,
      action,
      peers: peers.flatMap((peer, j) => parsePeer(peer, `${place}.${side}[${j}]`, action)),
      ports: parsePorts(rule, place),
    };
  });
}

function parsePeer(raw: unknown, path: string, action: AdminAction): readonly AdminPeer[] {
  const peer = objectAt(raw, path);
  const pods = podsOrNamespaces(peer, path);
  if (pods) return [{ kind: 'pods', ...pods }];
  if (!isAbsent(peer['networks']))
    return listAt(peer['networks'], `${path}.networks`).map((cidr, i) => ({
      kind: 'ip',
      block: parseBlock({ cidr }, `${path}.networks[${i}]`),
    }));
  if (!isAbsent(peer['nodes'])) return [];
  // Only an allowance may be by domain names.
  return [{ kind: action === 'Allow' && !isAbsent(peer['domainNames']) ? 'names' : 'unknown' }];
}

function parsePorts(rule: Raw, place: string): readonly PortRule[] | undefined {
  const [key, list] = isAbsent(rule['protocols'])
    ? (['ports', rule['ports']] as const)
    : (['protocols', rule['protocols']] as const);
  if (isAbsent(list)) return undefined;
  const ports = listAt(list, `${place}.${key}`).flatMap((port, i) =>
    (key === 'ports' ? parseV1Port : parseV2Protocol)(port, `${place}.${key}[${i}]`),
  );
  return ports.length === 0 ? undefined : ports;
}

/** The API has no protocol beside a name: it is the one that the destination pod declares (network-policy-api, apis/). */
function namedPort(value: unknown, path: string): readonly PortRule[] {
  const name = textAt(value, path);
  return (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({ protocol, name }));
}

/** v1alpha1: `portNumber`, `portRange` or `namedPort`. */
function parseV1Port(raw: unknown, path: string): PortRule | readonly PortRule[] {
  const { portNumber, portRange, namedPort: name } = objectAt(raw, path);
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
  for (const [key, protocol] of [
    ['tcp', 'TCP'],
    ['udp', 'UDP'],
    ['sctp', 'SCTP'],
  ] as const) {
    if (isAbsent(entry[key])) continue;
    const place = `${path}.${key}.destinationPort`;
    const { destinationPort } = objectAt(entry[key], `${path}.${key}`);
    if (isAbsent(destinationPort)) return { protocol, from: 1, to: 65_535 };
    const port = objectAt(destinationPort, place);
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
