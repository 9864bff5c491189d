// CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy, from a raw object to what they mean. Not like NetworkPolicy where it looks the same.
import type { CidrGroups } from './cilium-groups.ts';
import { seenPods } from '../cilium-labels.ts';
import { needsOf } from './cilium-needs.ts';
import { ciliumPortsAt } from './cilium-ports.ts';
import type { CiliumSelectors } from './cilium-selectors.ts';
import { NAMESPACE_NAME, RESERVED, isPositive, toSelectors, withoutSource } from './cilium-selectors.ts';
import { directionsWhere, readable } from './readable.ts';
import { parseCidr } from '../ip.ts';
import type {
  CiliumDirection,
  CiliumPeer,
  CiliumPolicy,
  CiliumRule,
  Direction,
  PossibleReach,
  Requirement,
} from '../objects.ts';
import { directions } from '../objects.ts';
import { notBlock, parseBlock } from './policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, isObject, listAt, objectAt, selectorAt, textAt, shown } from './raw.ts';

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
    if (strange) throw new ObjectError(`${path}.${strange}`, 'is a field that this version of Bulkhead does not judge');
    const needs = needsOf(spec);
    const policy: CiliumPolicy = {
      group: 'cilium.io',
      kind,
      namespace: own ?? '',
      name,
      subject: subjectOf(spec['endpointSelector'], `${path}.endpointSelector`, own),
      ingress: direction(spec, 'ingress', path, { own, groups }),
      egress: direction(spec, 'egress', path, { own, groups }),
      ...(needs.length > 0 ? { needs } : {}),
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
  if (pods && nodes) throw new ObjectError(path, 'has both endpointSelector and nodeSelector: Cilium takes only one');
  if (!pods && !nodes) throw new ObjectError(path, 'needs an endpointSelector (or a nodeSelector): Cilium refuses it');
  if (nodes && own !== undefined)
    throw new ObjectError(`${path}.nodeSelector`, 'selects nodes, which only a cluster-wide policy may do');
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
        const known = readable<Pick<CiliumSelectors, 'namespaces' | 'pods'>>(
          () => toSelectors(selector, path, own),
          anybody,
        );
        return [
          { ...seenPods({ namespaces: own ?? known.namespaces, pods: known.pods }), directions: sectionsOf(value) },
        ];
      }),
    [{ ...anybody, directions }],
  );
}

/** The directions about which a spec says anything. */
const sectionsOf = (spec: Raw): readonly Direction[] =>
  directionsWhere((side) => {
    const { [side]: closes } = objectAt(spec['enableDefaultDeny'], '');
    return closes === true || !isAbsent(spec[side]) || !isAbsent(spec[`${side}Deny`]);
  });

/** A namespaced policy selects pods of its own namespace, whatever its selector says of the namespace's name. */
function subjectOf(raw: unknown, path: string, own: string | undefined): CiliumPolicy['subject'] {
  const selectors = toSelectors(raw, path, own);
  const { namespaces, pods, undecidable } = selectors;
  if (undecidable) throw new ObjectError(path, 'selects by labels that neither pods nor namespaces carry');
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
  if (!isEmpty(rule['toFQDNs'])) refuse(path, 'toFQDNs');
  const toPorts = listAt(rule['toPorts'], `${path}.toPorts`);
  if (toPorts.some((entry) => isObject(entry) && !isAbsent(entry['rules']))) refuse(`${path}.toPorts`, 'rules');
  return parseRule(rule, side, path, scope);
}

/** An empty rule allows nothing: the opposite of NetworkPolicy. */
function parseRule(raw: unknown, side: Direction, path: string, scope: Scope): readonly CiliumRule[] {
  const rule = objectAt(raw, path);
  if (!isEmpty(rule['fromRequires']) || !isEmpty(rule['toRequires']))
    throw new ObjectError(path, 'this version of Bulkhead does not judge fromRequires and toRequires');
  const hasPorts = listAt(rule['toPorts'], `${path}.toPorts`).length > 0;
  const field = peerField(rule, side, path, hasPorts);
  const { ports, filtered } = ciliumPortsAt(rule['toPorts'], `${path}.toPorts`);
  if (hasPorts && !isEmpty(rule['icmps']))
    throw new ObjectError(path, 'combines icmps and toPorts, which Cilium rejects');
  // ICMP is not one of the three protocols modelled here.
  if (!hasPorts && (field === undefined || !isEmpty(rule['icmps']))) return [];
  const peers =
    field === undefined
      ? undefined
      : listAt(rule[field], `${path}.${field}`).flatMap((peer, i) =>
          parsePeer(field, peer, `${path}.${field}[${i}]`, scope),
        );
  const conditional = filtered || authenticates(rule, path);
  // Beside an empty list of these, whatever else the rule names means nobody (pkg/policy, mergeEndpointSelectors).
  if (L3[side].some((name) => SELECTS_NOBODY.test(name) && isEmptyList(rule[name])))
    return [{ peers: [], ports, conditional }];
  const isConditional = (peer: CiliumPeer): boolean => peer.kind === 'conditional';
  if (!peers?.some(isConditional)) return [{ peers, ports, conditional }];
  const certain = peers.filter((peer) => !isConditional(peer));
  return [
    ...(certain.length > 0 ? [{ peers: certain, ports, conditional }] : []),
    { peers: peers.filter(isConditional), ports, conditional: true },
  ];
}

/** These select nobody when they are empty; any other list of peers counts as absent then. */
const SELECTS_NOBODY = /(Endpoints|Nodes|Entities|CIDR|CIDRSet)$/;
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const isEmpty = (value: unknown): boolean => isAbsent(value) || isEmptyList(value);

/** @returns the one field that names peers; an empty one only when there is no other */
function peerField(rule: Raw, side: Direction, path: string, hasPorts: boolean): string | undefined {
  const named = L3[side].filter((field) => !isEmpty(rule[field]));
  if (named[0] === 'toServices' && hasPorts) named.push('toPorts');
  if (named.length > 1) throw new ObjectError(path, `combines ${named.join(' and ')}, which Cilium rejects`);
  return named[0] ?? L3[side].find((field) => SELECTS_NOBODY.test(field) && !isAbsent(rule[field]));
}

/** Mutual authentication succeeds or fails at run time. */
function authenticates(rule: Raw, path: string): boolean {
  const { mode } = objectAt(rule['authentication'], `${path}.authentication`);
  return !isAbsent(mode) && mode !== '' && mode !== 'disabled';
}

function parsePeer(field: string, raw: unknown, path: string, scope: Scope): readonly CiliumPeer[] {
  if (field.endsWith('Endpoints')) return endpoints(raw, path, scope.own);
  if (field.endsWith('CIDR')) {
    const cidr = textAt(raw, path);
    if (!parseCidr(cidr)) throw new ObjectError(path, notBlock(cidr));
    return [{ kind: 'ip', block: { cidr, except: [] } }];
  }
  if (field.endsWith('CIDRSet')) return cidrSet(objectAt(raw, path), path, scope.groups);
  if (field.endsWith('Entities')) return entity(textAt(raw, path), path);
  // Nodes are not pods; names, services and groups are addresses that are known only at run time.
  return field.endsWith('Nodes') ? [] : [{ kind: 'conditional', addresses: field !== 'toFQDNs' }];
}

/** Cilium, pkg/policy/api/rule_validation.go: one of the three. It does not say what exceptions mean next to a group. */
function cidrSet(set: Raw, path: string, groups: CidrGroups): readonly CiliumPeer[] {
  const { cidr, cidrGroupRef: name, cidrGroupSelector: selector } = set;
  if ([cidr, name, selector].filter((given) => !isAbsent(given)).length !== 1)
    throw new ObjectError(path, 'must have exactly one of cidr, cidrGroupRef and cidrGroupSelector');
  if (!isAbsent(cidr)) return [{ kind: 'ip', block: parseBlock(set, path) }];
  const blocks = isAbsent(name)
    ? groups.selected(selectorAt(selector, `${path}.cidrGroupSelector`, withoutSource))
    : groups.named(textAt(name, `${path}.cidrGroupRef`));
  if (!blocks || listAt(set['except'], `${path}.except`).length > 0) return [{ kind: 'conditional', addresses: true }];
  return blocks.map((block) => ({ kind: 'ip', block }));
}

const everyIpv4 = { kind: 'ip', block: { cidr: '0.0.0.0/0', except: [] } } as const;
const everyIpv6 = { kind: 'ip', block: { cidr: '::/0', except: [] } } as const;
const everyPod = { kind: 'pods', namespaces: [], pods: [] } as const;

/** Entities that are neither pods nor addresses outside. */
const HOSTS = ['host', 'remote-node', 'ingress', 'init', 'health', 'unmanaged', 'none'];

function entity(name: string, path: string): readonly CiliumPeer[] {
  if (name === 'all') return [everyPod, { kind: 'world' }, { kind: 'apiServer' }];
  // The cluster is its pods, its hosts and its API server, wherever that stands (cilium, pkg/policy/api/entity.go).
  if (name === 'cluster') return [everyPod, { kind: 'apiServer' }];
  if (name === 'kube-apiserver') return [{ kind: 'apiServer' }];
  if (name === 'world') return [{ kind: 'world' }];
  if (name === 'world-ipv4') return [everyIpv4];
  if (name === 'world-ipv6') return [everyIpv6];
  if (HOSTS.includes(name)) return [];
  throw new ObjectError(path, `${shown(name)} is not an entity`);
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
