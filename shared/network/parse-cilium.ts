// CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, from a raw object to what they mean. Not like NetworkPolicy where it looks the same.
import { parseCidr } from './ip.ts';
import type {
  CiliumDirection,
  CiliumPeer,
  CiliumPolicy,
  CiliumRule,
  PortRule,
  Requirement,
  Selector,
} from './objects.ts';
import { parseBlock, numberAt } from './parse-policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, selectorAt, textAt, shown } from './raw.ts';

const NAMESPACE_KEY = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABEL = 'io.cilium.k8s.namespace.labels.';
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
/** Keys that no label of a pod or namespace carries: service accounts, other clusters. */
const UNDECIDABLE = /^io\.cilium\.k8s\.policy\./;

type Side = 'ingress' | 'egress';
const L3: Readonly<Record<Side, readonly string[]>> = {
  ingress: ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromNodes', 'fromGroups'],
  egress: ['toEndpoints', 'toCIDR', 'toCIDRSet', 'toEntities', 'toFQDNs', 'toServices', 'toNodes', 'toGroups'],
};

/** @returns one policy for each of `spec` and `specs`; host policies govern no pod @throws ObjectError with the path of what is wrong */
export function parseCiliumPolicies(
  raw: Raw,
  kind: CiliumPolicy['kind'],
  namespace: string,
  name: string,
): readonly CiliumPolicy[] {
  const specs: [unknown, string][] = listAt(raw['specs'], 'specs').map((spec, i) => [spec, `specs[${i}]`]);
  if (!isAbsent(raw['spec'])) specs.unshift([raw['spec'], 'spec']);
  return specs.flatMap(([value, path]) => {
    const spec = objectAt(value, path);
    const own = kind === 'CiliumNetworkPolicy' ? namespace : undefined;
    const strange = UNWEIGHED.find((field) => !isAbsent(spec[field]));
    if (strange) throw new ObjectError(`${path}.${strange}`, 'is not weighed by this version');
    if (isAbsent(spec['endpointSelector'])) {
      if (own === undefined || isAbsent(spec['nodeSelector'])) return [];
      throw new ObjectError(`${path}.nodeSelector`, 'governs hosts, which only a cluster-wide policy may');
    }
    const policy: CiliumPolicy = {
      group: 'cilium.io',
      kind,
      namespace: own ?? '',
      name,
      subject: subjectOf(spec['endpointSelector'], `${path}.endpointSelector`, own),
      ingress: direction(spec, 'ingress', path, own),
      egress: direction(spec, 'egress', path, own),
    };
    return [policy];
  });
}

/** What newer versions of Cilium order policies by. */
const UNWEIGHED = ['order', 'tier', 'priority'];

/** A namespaced policy selects pods of its own namespace, whatever its selector says of the namespace's name. */
function subjectOf(raw: unknown, path: string, own: string | undefined): CiliumPolicy['subject'] {
  const selectors = toSelectors(raw, path, own);
  if (selectors === 'undecidable') throw new ObjectError(path, 'selects by what neither pods nor namespaces carry');
  if (own === undefined || typeof selectors.namespaces === 'string') return selectors;
  const others = selectors.namespaces.filter(({ key }) => key !== NAMESPACE_NAME);
  const itself: Requirement = { key: NAMESPACE_NAME, operator: 'In', values: [own] };
  return { ...selectors, namespaces: others.length === 0 ? own : [itself, ...others] };
}

/** A section that is absent or empty does nothing; one with rules isolates unless enableDefaultDeny says otherwise. */
function direction(spec: Raw, side: Side, path: string, own: string | undefined): CiliumDirection {
  const rules = listAt(spec[side], `${path}.${side}`);
  const denials = listAt(spec[`${side}Deny`], `${path}.${side}Deny`);
  const { [side]: asked } = objectAt(spec['enableDefaultDeny'], `${path}.enableDefaultDeny`);
  return {
    isolates: typeof asked === 'boolean' ? asked : rules.length + denials.length > 0,
    allows: rules.flatMap((rule, i) => parseRule(rule, side, `${path}.${side}[${i}]`, own)),
    denies: denials.flatMap((rule, i) => parseDenial(rule, side, `${path}.${side}Deny[${i}]`, own)),
  };
}

/** Names and requests are known too late to deny by them. */
function parseDenial(raw: unknown, side: Side, path: string, own: string | undefined): readonly CiliumRule[] {
  const rule = objectAt(raw, path);
  const refuse = (place: string, what: string): never => {
    throw new ObjectError(place, `${what} cannot be denied, only allowed`);
  };
  if (!isAbsent(rule['toFQDNs'])) refuse(path, 'toFQDNs');
  const toPorts = listAt(rule['toPorts'], `${path}.toPorts`);
  if (toPorts.some((entry) => isObject(entry) && !isAbsent(entry['rules']))) refuse(`${path}.toPorts`, 'rules');
  return parseRule(rule, side, path, own);
}

/** An empty rule allows nothing: the opposite of NetworkPolicy. */
function parseRule(raw: unknown, side: Side, path: string, own: string | undefined): readonly CiliumRule[] {
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
          parsePeer(field, peer, `${path}.${field}[${i}]`, own),
        );
  const conditional = filtered || (peers?.some((peer) => peer.kind === 'conditional') ?? false);
  return [{ peers, ports, conditional }];
}

function parsePeer(field: string, raw: unknown, path: string, own: string | undefined): readonly CiliumPeer[] {
  if (field.endsWith('Endpoints')) {
    const selectors = toSelectors(raw, path, own);
    return selectors === 'undecidable' ? [{ kind: 'conditional' }] : [{ kind: 'pods', ...selectors }];
  }
  if (field.endsWith('CIDR')) {
    const cidr = textAt(raw, path);
    if (!parseCidr(cidr)) throw new ObjectError(path, `${shown(cidr)} is no CIDR block`);
    return [{ kind: 'ip', block: { cidr, except: [] } }];
  }
  if (field.endsWith('CIDRSet')) {
    const set = objectAt(raw, path);
    return isAbsent(set['cidr']) ? [{ kind: 'conditional' }] : [{ kind: 'ip', block: parseBlock(set, path) }];
  }
  if (field.endsWith('Entities')) return entity(textAt(raw, path), path);
  // Nodes are no pods; names, services and groups are addresses that are known only at run time.
  return field.endsWith('Nodes') ? [] : [{ kind: 'conditional' }];
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

/** @param own the namespace that a selector means when it names none; undefined for cluster-wide policies */
function toSelectors(
  raw: unknown,
  path: string,
  own: string | undefined,
): { namespaces: Selector | string; pods: Selector } | 'undecidable' {
  const pods: Requirement[] = [];
  const namespaces: Requirement[] = [];
  for (const requirement of selectorAt(raw, path)) {
    const key = requirement.key.replace(/^(k8s|any)[:.]/, '');
    if (key.startsWith('reserved:') || UNDECIDABLE.test(key)) return 'undecidable';
    if (key === NAMESPACE_KEY) namespaces.push({ ...requirement, key: NAMESPACE_NAME });
    else if (key.startsWith(NAMESPACE_LABEL))
      namespaces.push({ ...requirement, key: key.slice(NAMESPACE_LABEL.length) });
    else pods.push({ ...requirement, key });
  }
  return { namespaces: namespaces.length > 0 || own === undefined ? namespaces : own, pods };
}

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
