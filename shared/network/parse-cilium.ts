// CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, from a raw object to what they mean. Not like NetworkPolicy where it looks the same.
import type { CidrGroups } from './cilium-groups.ts';
import { seenPods } from './cilium-labels.ts';
import { directionsWhere, readable } from './doubt.ts';
import { parseCidr } from './ip.ts';
import type {
  CiliumDirection,
  CiliumPeer,
  CiliumPolicy,
  CiliumRule,
  Direction,
  PortRule,
  PossibleReach,
  Requirement,
  Selector,
} from './objects.ts';
import { directions } from './objects.ts';
import { parseBlock, numberAt } from './parse-policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, selectorAt, textAt, shown } from './raw.ts';

const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/** Keys that no label of a pod or namespace carries: service accounts, other clusters. */
const UNDECIDABLE = /^io\.cilium\.k8s\.policy\./;

const L3: Readonly<Record<Direction, readonly string[]>> = {
  ingress: ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromNodes', 'fromGroups'],
  egress: ['toEndpoints', 'toCIDR', 'toCIDRSet', 'toEntities', 'toFQDNs', 'toServices', 'toNodes', 'toGroups'],
};

/** @returns one policy for each of `spec` and `specs`; host policies govern no pod @throws ObjectError with the path of what is wrong */
export function parseCiliumPolicies(
  raw: Raw,
  kind: CiliumPolicy['kind'],
  namespace: string,
  name: string,
  groups: CidrGroups,
): readonly CiliumPolicy[] {
  const own = kind === 'CiliumNetworkPolicy' ? namespace : undefined;
  return specsOf(raw).flatMap(([value, path]) => {
    const spec = objectAt(value, path);
    checkSubject(spec, path, own);
    if (isAbsent(spec['endpointSelector'])) return [];
    const strange = UNWEIGHED.find((field) => !isAbsent(spec[field]));
    if (strange) throw new ObjectError(`${path}.${strange}`, 'is not weighed by this version');
    const policy: CiliumPolicy = {
      group: 'cilium.io',
      kind,
      namespace: own ?? '',
      name,
      subject: subjectOf(spec['endpointSelector'], `${path}.endpointSelector`, own),
      ingress: direction(spec, 'ingress', path, { own, groups }),
      egress: direction(spec, 'egress', path, { own, groups }),
    };
    return [policy];
  });
}

/** `spec`, then `specs`, with their paths. */
function specsOf(raw: Raw): readonly (readonly [unknown, string])[] {
  const more = listAt(raw['specs'], 'specs').map((spec, i) => [spec, `specs[${i}]`] as const);
  return isAbsent(raw['spec']) ? more : [[raw['spec'], 'spec'], ...more];
}

/** One subject, and hosts only cluster-wide (Cilium, pkg/policy/api/rule_validation.go). */
function checkSubject(spec: Raw, path: string, own: string | undefined): void {
  const [pods, nodes] = [!isAbsent(spec['endpointSelector']), !isAbsent(spec['nodeSelector'])];
  if (pods && nodes) throw new ObjectError(path, 'has both endpointSelector and nodeSelector: Cilium takes one');
  if (!pods && !nodes) throw new ObjectError(path, 'needs an endpointSelector (or a nodeSelector): Cilium refuses it');
  if (nodes && own !== undefined)
    throw new ObjectError(`${path}.nodeSelector`, 'governs hosts, which only a cluster-wide policy may');
}

/** What newer versions of Cilium order policies by. */
const UNWEIGHED = ['order', 'tier', 'priority'];

/** @returns whom a policy may govern that `parseCiliumPolicies` could not understand: nobody where it selects no pods */
export function ciliumReach(raw: Raw, kind: CiliumPolicy['kind'], namespace: string): readonly PossibleReach[] {
  const own = kind === 'CiliumNetworkPolicy' ? namespace : undefined;
  const anybody = { namespaces: own ?? [], pods: [] };
  return readable(
    () =>
      specsOf(raw).flatMap(([value, path]): PossibleReach[] => {
        if (!isObject(value)) return [{ ...anybody, directions }];
        const selector = value['endpointSelector'];
        if (isAbsent(selector)) return [];
        const known = readable<Pick<Selectors, 'namespaces' | 'pods'>>(() => toSelectors(selector, path, own), anybody);
        return [
          { ...seenPods({ namespaces: own ?? known.namespaces, pods: known.pods }), directions: sectionsOf(value) },
        ];
      }),
    [{ ...anybody, directions }],
  );
}

/** Directions about which a spec says anything. */
const sectionsOf = (spec: Raw): readonly Direction[] =>
  directionsWhere((side) => {
    const { [side]: closes } = objectAt(spec['enableDefaultDeny'], '');
    return closes === true || !isAbsent(spec[side]) || !isAbsent(spec[`${side}Deny`]);
  });

/** A namespaced policy selects pods of its own namespace, whatever its selector says of the namespace's name. */
function subjectOf(raw: unknown, path: string, own: string | undefined): CiliumPolicy['subject'] {
  const selectors = toSelectors(raw, path, own);
  const { namespaces, pods, undecidable } = selectors;
  if (undecidable) throw new ObjectError(path, 'selects by what neither pods nor namespaces carry');
  if (own === undefined || typeof namespaces === 'string') return { namespaces, pods };
  const others = namespaces.filter(({ key }) => key !== NAMESPACE_NAME);
  const itself: Requirement = { key: NAMESPACE_NAME, operator: 'In', values: [own] };
  return { namespaces: others.length === 0 ? own : [itself, ...others], pods };
}

/** What the peers of a rule are understood by. */
interface Scope {
  /** The namespace that a selector means when it names none; undefined for cluster-wide policies. */
  readonly own: string | undefined;
  readonly groups: CidrGroups;
}

/** A section that is absent or empty does nothing; one with rules isolates unless enableDefaultDeny says otherwise. */
function direction(spec: Raw, side: Direction, path: string, scope: Scope): CiliumDirection {
  const rules = listAt(spec[side], `${path}.${side}`);
  const denials = listAt(spec[`${side}Deny`], `${path}.${side}Deny`);
  const { [side]: asked } = objectAt(spec['enableDefaultDeny'], `${path}.enableDefaultDeny`);
  return {
    isolates: typeof asked === 'boolean' ? asked : rules.length + denials.length > 0,
    allows: rules.flatMap((rule, i) => parseRule(rule, side, `${path}.${side}[${i}]`, scope)),
    denies: denials.flatMap((rule, i) => parseDenial(rule, side, `${path}.${side}Deny[${i}]`, scope)),
  };
}

/** Names and requests are known too late to deny by them. */
function parseDenial(raw: unknown, side: Direction, path: string, scope: Scope): readonly CiliumRule[] {
  const rule = objectAt(raw, path);
  const refuse = (place: string, what: string): never => {
    throw new ObjectError(place, `${what} cannot be denied, only allowed`);
  };
  if (!isAbsent(rule['toFQDNs'])) refuse(path, 'toFQDNs');
  const toPorts = listAt(rule['toPorts'], `${path}.toPorts`);
  if (toPorts.some((entry) => isObject(entry) && !isAbsent(entry['rules']))) refuse(`${path}.toPorts`, 'rules');
  return parseRule(rule, side, path, scope);
}

/** An empty rule allows nothing: the opposite of NetworkPolicy. */
function parseRule(raw: unknown, side: Direction, path: string, scope: Scope): readonly CiliumRule[] {
  const rule = objectAt(raw, path);
  if (!isAbsent(rule['fromRequires']) || !isAbsent(rule['toRequires']))
    throw new ObjectError(path, 'requirements beside peers are not weighed by this version');
  const named = L3[side].filter((field) => !isAbsent(rule[field]));
  if (named[0] === 'toServices' && !isAbsent(rule['toPorts'])) named.push('toPorts');
  if (named.length > 1) throw new ObjectError(path, `combines ${named.join(' and ')}, which Cilium rejects`);
  const [field] = named;
  const { ports, filtered } = parsePorts(rule['toPorts'], `${path}.toPorts`);
  if (field === undefined && isAbsent(rule['toPorts'])) return [];
  // ICMP is on none of the three protocols that are modelled.
  if (!isAbsent(rule['icmps']) && isAbsent(rule['toPorts'])) return [];
  const peers =
    field === undefined
      ? undefined
      : listAt(rule[field], `${path}.${field}`).flatMap((peer, i) =>
          parsePeer(field, peer, `${path}.${field}[${i}]`, scope),
        );
  const isConditional = (peer: CiliumPeer): boolean => peer.kind === 'conditional';
  if (!peers?.some(isConditional)) return [{ peers, ports, conditional: filtered }];
  const certain = peers.filter((peer) => !isConditional(peer));
  return [
    ...(certain.length > 0 ? [{ peers: certain, ports, conditional: filtered }] : []),
    { peers: peers.filter(isConditional), ports, conditional: true },
  ];
}

function parsePeer(field: string, raw: unknown, path: string, scope: Scope): readonly CiliumPeer[] {
  if (field.endsWith('Endpoints')) return endpoints(raw, path, scope.own);
  if (field.endsWith('CIDR')) {
    const cidr = textAt(raw, path);
    if (!parseCidr(cidr)) throw new ObjectError(path, `${shown(cidr)} is no CIDR block`);
    return [{ kind: 'ip', block: { cidr, except: [] } }];
  }
  if (field.endsWith('CIDRSet')) return cidrSet(objectAt(raw, path), path, scope.groups);
  if (field.endsWith('Entities')) return entity(textAt(raw, path), path);
  // Nodes are no pods; names, services and groups are addresses that are known only at run time.
  return field.endsWith('Nodes') ? [] : [{ kind: 'conditional', addresses: field !== 'toFQDNs' }];
}

/** Cilium, pkg/policy/api/rule_validation.go: one of the three. It does not say what exceptions mean beside a group. */
function cidrSet(set: Raw, path: string, groups: CidrGroups): readonly CiliumPeer[] {
  const { cidr, cidrGroupRef: name, cidrGroupSelector: selector } = set;
  if ([cidr, name, selector].filter((given) => !isAbsent(given)).length !== 1)
    throw new ObjectError(path, 'must have exactly one of cidr, cidrGroupRef and cidrGroupSelector');
  if (!isAbsent(cidr)) return [{ kind: 'ip', block: parseBlock(set, path) }];
  const blocks = isAbsent(name)
    ? groups.selected(selectorAt(selector, `${path}.cidrGroupSelector`))
    : groups.named(textAt(name, `${path}.cidrGroupRef`));
  if (!blocks || listAt(set['except'], `${path}.except`).length > 0) return [{ kind: 'conditional', addresses: true }];
  return blocks.map((block) => ({ kind: 'ip', block }));
}

const everyIpv4 = { kind: 'ip', block: { cidr: '0.0.0.0/0', except: [] } } as const;
const everyIpv6 = { kind: 'ip', block: { cidr: '::/0', except: [] } } as const;
const everyPod = { kind: 'pods', namespaces: [], pods: [] } as const;

/** Entities that are no pods and no addresses outside. */
const HOSTS = ['host', 'remote-node', 'kube-apiserver', 'ingress', 'init', 'health', 'unmanaged', 'none'];

function entity(name: string, path: string): readonly CiliumPeer[] {
  if (name === 'all') return [everyPod, { kind: 'world' }];
  if (name === 'cluster') return [everyPod];
  if (name === 'world') return [{ kind: 'world' }];
  if (name === 'world-ipv4') return [everyIpv4];
  if (name === 'world-ipv6') return [everyIpv6];
  if (HOSTS.includes(name)) return [];
  throw new ObjectError(path, `${shown(name)} is no entity`);
}

/** A selector that names a reserved identity means no pod, and loses the namespace it would have otherwise. */
function endpoints(raw: unknown, path: string, own: string | undefined): readonly CiliumPeer[] {
  const { reserved, undecidable, ...selectors } = toSelectors(raw, path, own);
  if (undecidable) return [{ kind: 'conditional' }];
  const named = reserved.filter(isPositive);
  if (reserved.length === 0) return [{ kind: 'pods', ...selectors }];
  if (named.length === 0) return [{ kind: 'conditional' }];
  const isAlone = selectors.pods.length === 1 && named.length === 1;
  return isAlone ? entity(named[0]!.key.slice(RESERVED.length), path) : [];
}

const RESERVED = 'reserved:';
const isPositive = ({ operator }: Requirement): boolean => operator === 'In' || operator === 'Exists';

interface Selectors {
  readonly namespaces: Selector | string;
  readonly pods: Selector;
  /** Requirements of identities that are not pods: health checks, hosts, pods without labels yet. */
  readonly reserved: Selector;
  /** It also asks for what neither pods nor namespaces carry, which is left out. */
  readonly undecidable: boolean;
}

/**
 * Reads a selector as Cilium does: a key without a source is of any, the labels of pods are of the source k8s, and no
 * pod has a label of another one (Cilium, pkg/labels, GetExtendedKeyFrom; pkg/k8s/apis/cilium.io/utils).
 * @param own the namespace that a selector means when it names none; undefined for cluster-wide policies
 */
function toSelectors(raw: unknown, path: string, own: string | undefined): Selectors {
  const pods: Requirement[] = [];
  const namespaces: Requirement[] = [];
  const reserved: Requirement[] = [];
  let undecidable = false;
  for (const requirement of selectorAt(raw, path)) {
    const key = requirement.key.replace(/^(k8s|any):/, '');
    if (key === `${RESERVED}all`) undecidable = true;
    else if (key.startsWith(RESERVED)) {
      reserved.push({ ...requirement, key });
      if (isPositive(requirement)) pods.push(nobody(key));
    } else if (UNDECIDABLE.test(key)) undecidable = true;
    else if (key === NAMESPACE_KEY) namespaces.push({ ...requirement, key: NAMESPACE_NAME });
    else if (key.startsWith(NAMESPACE_LABEL))
      namespaces.push({ ...requirement, key: key.slice(NAMESPACE_LABEL.length) });
    else if (!key.includes(':')) pods.push({ ...requirement, key });
    else if (isPositive(requirement)) pods.push(nobody(key));
  }
  return { namespaces: namespaces.length > 0 || own === undefined ? namespaces : own, pods, reserved, undecidable };
}

/** A requirement that no pod meets. */
const nobody = (key: string): Requirement => ({ key, operator: 'In', values: [] });

/** Cilium, pkg/policy/api/rule_validation.go. */
const MOST_PORTS = 40;

function parsePorts(raw: unknown, path: string): { ports: readonly PortRule[] | undefined; filtered: boolean } {
  const entries = listAt(raw, path).map((entry, i) => ({
    entry: objectAt(entry, `${path}[${i}]`),
    place: `${path}[${i}].ports`,
  }));
  const filtered = entries.some(
    ({ entry }) => isObject(entry['rules']) && Object.keys(entry['rules']).some((key) => key !== 'dns'),
  );
  const lists = entries.map(({ entry, place }) => {
    const list = listAt(entry['ports'], place);
    if (list.length > MOST_PORTS)
      throw new ObjectError(place, `has ${list.length} ports; Cilium takes at most ${MOST_PORTS}`);
    return list.flatMap((port, i) => parsePort(port, `${place}[${i}]`));
  });
  // No list of ports anywhere means every port.
  return { ports: lists.every((list) => list.length === 0) ? undefined : lists.flat(), filtered };
}

function parsePort(raw: unknown, path: string): readonly PortRule[] {
  const { port, endPort, protocol } = objectAt(raw, path);
  const asked = isAbsent(protocol) ? 'ANY' : textAt(protocol, `${path}.protocol`).toUpperCase();
  if (!['ANY', 'TCP', 'UDP', 'SCTP'].includes(asked)) return [];
  const all = (['TCP', 'UDP', 'SCTP'] as const).filter((known) => asked === 'ANY' || asked === known);
  const text = isAbsent(port) ? '0' : typeof port === 'number' ? String(port) : textAt(port, `${path}.port`);
  if (text === '0') return all.map((one) => ({ protocol: one, from: 1, to: 65_535 }));
  if (!/^\d+$/.test(text)) return all.map((one) => ({ protocol: one, name: text }));
  const from = numberAt(text, `${path}.port`);
  const to = isAbsent(endPort) || endPort === 0 ? from : numberAt(endPort, `${path}.endPort`);
  if (to < from) throw new ObjectError(`${path}.endPort`, `${to} is below the port ${from}`);
  return all.map((one) => ({ protocol: one, from, to }));
}
