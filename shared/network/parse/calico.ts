// Calico NetworkPolicy, GlobalNetworkPolicy, Tier and network sets, from raw objects to what they mean.
import { parseCalicoSelector } from './calico-selector.ts';
import { directionsWhere, readable } from './readable.ts';
import { parseCidr, parseIp } from '../ip.ts';
import type {
  CalicoAction,
  CalicoEntity,
  CalicoPolicy,
  CalicoRule,
  CalicoSelector,
  CalicoTier,
  Direction,
  IpBlock,
  NetworkSet,
  PortRule,
  PossibleReach,
  Protocol,
} from '../objects.ts';
import { numberAt } from './policy.ts';
import type { Raw } from './raw.ts';
import { ObjectError, isAbsent, listAt, objectAt, textAt, toLabels, shown } from './raw.ts';

const DEFAULT_TIER = 'default';

/** @param group the API group that serves it @param namespace undefined for a GlobalNetworkPolicy @returns undefined for what governs hosts only @throws ObjectError with the path of what is wrong */
export function parseCalicoPolicy(
  raw: Raw,
  group: string,
  namespace: string | undefined,
  name: string,
): CalicoPolicy | undefined {
  const spec = objectAt(raw['spec'], 'spec');
  if (spec['doNotTrack'] === true || spec['preDNAT'] === true) return undefined;
  if (!isAbsent(spec['serviceAccountSelector']) && spec['serviceAccountSelector'] !== '')
    throw new ObjectError('spec.serviceAccountSelector', 'this version of Bulkhead does not judge service accounts');
  const ingress = listAt(spec['ingress'], 'spec.ingress');
  const egress = listAt(spec['egress'], 'spec.egress');
  const types = typesOf(spec['types'], ingress.length > 0, egress.length > 0);
  return {
    group,
    kind: namespace === undefined ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
    namespace: namespace ?? '',
    name,
    tier: typeof spec['tier'] === 'string' && spec['tier'] !== '' ? spec['tier'] : DEFAULT_TIER,
    order: orderAt(spec['order'], 'spec.order'),
    subject: selectorAt(spec['selector'], 'spec.selector'),
    subjectNamespaces:
      namespace ??
      (isBlank(spec['namespaceSelector'])
        ? undefined
        : selectorAt(spec['namespaceSelector'], 'spec.namespaceSelector')),
    ingress: types.ingress ? ingress.map((rule, i) => parseRule(rule, `spec.ingress[${i}]`, namespace)) : undefined,
    egress: types.egress ? egress.map((rule, i) => parseRule(rule, `spec.egress[${i}]`, namespace)) : undefined,
  };
}

/** No types: ingress, unless there are only egress rules. Not as in NetworkPolicy, where ingress always applies. */
function typesOf(value: unknown, hasIngress: boolean, hasEgress: boolean): { ingress: boolean; egress: boolean } {
  const given = listAt(value, 'spec.types');
  for (const [i, type] of given.entries())
    if (type !== 'Ingress' && type !== 'Egress')
      throw new ObjectError(`spec.types[${i}]`, `${shown(type)} is neither Ingress nor Egress`);
  if (given.length === 0) return { ingress: hasIngress || !hasEgress, egress: hasEgress };
  return { ingress: given.includes('Ingress'), egress: given.includes('Egress') };
}

/** @returns whom a policy may govern that `parseCalicoPolicy` could not understand */
export function calicoReach(raw: Raw, namespace: string | undefined): readonly PossibleReach[] {
  const spec = readable(() => objectAt(raw['spec'], 'spec'), {});
  const of = (field: string): CalicoSelector =>
    readable(() => selectorAt(spec[field], `spec.${field}`), selectorAt('', ''));
  const has = (side: Direction): boolean => listAt(spec[side], `spec.${side}`).length > 0;
  return [
    {
      namespaces: namespace ?? (isBlank(spec['namespaceSelector']) ? undefined : of('namespaceSelector')),
      pods: of('selector'),
      directions: directionsWhere((side) => typesOf(spec['types'], has('ingress'), has('egress'))[side]),
    },
  ];
}

const isBlank = (value: unknown): boolean => isAbsent(value) || value === '';
const selectorAt = (value: unknown, path: string): CalicoSelector =>
  parseCalicoSelector(isBlank(value) ? 'all()' : textAt(value, path), path);

/** Policies and tiers without an order come last. */
function orderAt(value: unknown, path: string): number {
  if (isAbsent(value)) return Number.POSITIVE_INFINITY;
  if (typeof value !== 'number' || Number.isNaN(value)) throw new ObjectError(path, 'must be a number');
  return value;
}

const ACTIONS: readonly CalicoAction[] = ['Allow', 'Deny', 'Pass', 'Log'];

function parseRule(raw: unknown, path: string, namespace: string | undefined): CalicoRule {
  const rule = objectAt(raw, path);
  const action = ACTIONS.find((known) => known === rule['action']);
  if (!action) throw new ObjectError(`${path}.action`, `${shown(rule['action'])} is not one of ${ACTIONS.join(', ')}`);
  const source = objectAt(rule['source'], `${path}.source`);
  const destination = objectAt(rule['destination'], `${path}.destination`);
  const protocols = protocolsOf(rule, path);
  for (const field of ['ports', 'notPorts'])
    if (listAt(destination[field], `${path}.destination.${field}`).length > 0 && isBlank(rule['protocol']))
      throw new ObjectError(`${path}.destination.${field}`, 'needs the protocol TCP, UDP or SCTP beside it');
  const destinationPorts = portsAt(destination['ports'], `${path}.destination.ports`, protocols);
  return {
    action,
    ...ipVersionAt(rule['ipVersion'], `${path}.ipVersion`),
    protocols,
    negatesProtocol: !isAbsent(rule['notProtocol']),
    ports: listAt(destination['ports'], `${path}.destination.ports`).length === 0 ? undefined : destinationPorts,
    notPorts: portsAt(destination['notPorts'], `${path}.destination.notPorts`, protocols),
    source: entity(source, `${path}.source`, namespace),
    destination: entity(destination, `${path}.destination`, namespace),
    conditional:
      [source, destination].some(isUndecidable) ||
      !isAbsent(rule['http']) ||
      !isAbsent(source['ports']) ||
      !isAbsent(source['notPorts']),
  };
}

function ipVersionAt(value: unknown, path: string): Pick<CalicoRule, 'ipVersion'> {
  if (isAbsent(value)) return {};
  if (value !== 4 && value !== 6) throw new ObjectError(path, `${shown(value)} is neither 4 nor 6`);
  return { ipVersion: value };
}

/** Services and service accounts are not in the objects that are read. */
const isUndecidable = (raw: Raw): boolean =>
  !isAbsent(raw['services']) || !isAbsent(raw['serviceAccounts']) || !isAbsent(raw['domains']);

const ALL: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];
const NUMBERS: Readonly<Record<string, Protocol>> = { '6': 'TCP', '17': 'UDP', '132': 'SCTP' };

/** A protocol other than the three modelled here matches none of them. */
function protocolsOf(rule: Raw, path: string): readonly Protocol[] {
  const named = (field: string): readonly Protocol[] => {
    const text = textOrNumber(rule[field], `${path}.${field}`, 'protocol').toUpperCase();
    return ALL.filter((protocol) => protocol === text || NUMBERS[text] === protocol);
  };
  if (!isAbsent(rule['protocol'])) return named('protocol');
  if (isAbsent(rule['notProtocol'])) return ALL;
  const without = named('notProtocol');
  return ALL.filter((protocol) => !without.includes(protocol));
}

function textOrNumber(value: unknown, path: string, what: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new ObjectError(path, `${shown(value)} is not a ${what}`);
}

function portsAt(value: unknown, path: string, protocols: readonly Protocol[]): readonly PortRule[] {
  return listAt(value, path).flatMap((raw, i) => {
    const place = `${path}[${i}]`;
    const text = textOrNumber(raw, place, 'port');
    const range = /^(\d+)(?::(\d+))?$/.exec(text);
    if (!range) return protocols.map((protocol): PortRule => ({ protocol, name: text }));
    const from = numberAt(Number(range[1]), place);
    const to = range[2] === undefined ? from : numberAt(Number(range[2]), place);
    if (to < from) throw new ObjectError(place, `${to} is below the port ${from}`);
    return protocols.map((protocol): PortRule => ({ protocol, from, to }));
  });
}

function entity(raw: Raw, path: string, namespace: string | undefined): CalicoEntity {
  const selector = isBlank(raw['selector']) ? undefined : selectorAt(raw['selector'], `${path}.selector`);
  const not = isBlank(raw['notSelector']) ? undefined : selectorAt(raw['notSelector'], `${path}.notSelector`);
  const asked = isBlank(raw['namespaceSelector'])
    ? undefined
    : selectorAt(raw['namespaceSelector'], `${path}.namespaceSelector`);
  const nets = netsAt(raw['nets'], `${path}.nets`);
  const global = asked?.text.replaceAll(/\s/g, '') === 'global()';
  return {
    selector,
    not,
    // Without a namespaceSelector the selectors of a namespaced policy, notSelector too, mean its own namespace (Calico, updateprocessors/rules.go).
    namespaces: asked ?? (namespace !== undefined && (selector ?? not) !== undefined ? namespace : undefined),
    global,
    // An empty list asks for nothing.
    nets: nets.length === 0 ? undefined : nets,
    notNets: netsAt(raw['notNets'], `${path}.notNets`),
  };
}

/** Calico takes single addresses for blocks of one (libcalico-go/lib/net, ParseCIDROrIP). */
const netsAt = (value: unknown, path: string): readonly IpBlock[] =>
  listAt(value, path).map((raw, i) => {
    const text = textAt(raw, `${path}[${i}]`);
    const cidr = parseIp(text) === undefined ? text : `${text}${text.includes(':') ? '/128' : '/32'}`;
    if (!parseCidr(cidr))
      throw new ObjectError(`${path}[${i}]`, `${shown(text)} is neither an address nor a CIDR block`);
    return { cidr, except: [] };
  });

export function parseTier(raw: Raw, name: string): CalicoTier {
  const spec = objectAt(raw['spec'], 'spec');
  return { name, order: orderAt(spec['order'], 'spec.order'), passes: spec['defaultAction'] === 'Pass' };
}

/** @param namespace empty for a GlobalNetworkSet */
export function parseNetworkSet(raw: Raw, namespace: string): NetworkSet {
  const spec = objectAt(raw['spec'], 'spec');
  const nets = netsAt(spec['nets'], 'spec.nets');
  return { namespace, labels: toLabels(objectAt(raw['metadata'], 'metadata')['labels']), nets };
}
