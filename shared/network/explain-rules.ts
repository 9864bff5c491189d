// What each rule of the policies that select a pod says about one other end, in words.
import { createCalicoLookup } from './calico.ts';
import type { Connectivity } from './compile.ts';
import type { AnyPeer } from './governing.ts';
import type {
  AdminPolicy,
  CalicoEntity,
  CalicoPolicy,
  CiliumPolicy,
  Direction,
  IpBlock,
  NetworkPolicy,
  PortRule,
  Selector,
} from './objects.ts';
import { refName } from './objects.ts';
import { formatSelector } from './selectors.ts';

/** A direction of one class, asked about another. */
export interface Question {
  readonly net: Connectivity;
  readonly direction: Direction;
  readonly self: number;
  readonly other: number;
}

/** @returns a line for each rule of each policy that selects the class, in the order in which engines ask them */
export function tellPolicies(question: Question): readonly string[] {
  const { net, direction, self } = question;
  const { policies, admin, cilium, calico } = net[direction].selected[self]!;
  const tier = (wanted: AdminPolicy['tier']): string[] =>
    admin.filter((policy) => policy.tier === wanted).flatMap((policy) => tellAdmin(policy, question));
  return [
    ...tier('Admin'),
    ...calico.flatMap((policy) => tellCalico(policy, question)),
    ...policies.flatMap((policy) => tellNetworkPolicy(policy, question)),
    ...cilium.flatMap((policy) => tellCilium(policy, question)),
    ...tier('Baseline'),
  ];
}

/** @param verb of a rule that covers the other end @param who and what it speaks of */
const line = (name: string, rule: string, covers: boolean, verb: string, who: string): string =>
  `  ${name} ${rule} ${covers ? verb : 'does not cover it:'} ${who}.`;

function tellNetworkPolicy(policy: NetworkPolicy, question: Question): string[] {
  const rules = policy[question.direction] ?? [];
  const name = refName(policy);
  if (rules.length === 0) return [`  ${name} selects it and has no ${question.direction} rule: it allows nothing.`];
  return rules.map(({ peers, ports }, i) => {
    const covers = peers === undefined || peers.some((peer) => reaches(question, peer, policy.namespace));
    return line(name, `rule ${i + 1}`, covers, 'allows', `${toWhom(question, peers)} on ${describePorts(ports)}`);
  });
}

const ADMIN_VERBS = { Allow: 'allows', Deny: 'denies', Pass: 'passes on what is' };

function tellAdmin(policy: AdminPolicy, question: Question): string[] {
  const name = `${refName(policy)} (${policy.tier} tier, priority ${policy.priority})`;
  return policy[question.direction].map(({ action, peers, ports }, i) => {
    const failsClosed = action !== 'Allow' && peers.some((peer) => peer.kind === 'unknown');
    const covers = failsClosed || peers.some((peer) => reaches(question, peer, ''));
    const verb = failsClosed
      ? 'has a peer that this version of Bulkhead does not know, and denies'
      : ADMIN_VERBS[action];
    return line(name, `rule ${i + 1}`, covers, verb, `${toWhom(question, peers)} on ${describePorts(ports)}`);
  });
}

function tellCilium(policy: CiliumPolicy, question: Question): string[] {
  const name = refName(policy);
  const { isolates, allows, denies } = policy[question.direction];
  if (allows.length === 0 && denies.length === 0)
    return isolates ? [`  ${name} selects it and allows nothing for ${question.direction}.`] : [];
  const tell = (list: typeof allows, rule: string, sure: string, unsure: string): string[] =>
    list.map(({ peers, ports, conditional }, i) => {
      const covers =
        peers === undefined || peers.some((peer) => peer.kind === 'conditional' || reaches(question, peer, ''));
      const what = `${toWhom(question, peers)} on ${describePorts(ports)}`;
      return line(name, `${rule} ${i + 1}`, covers, conditional ? unsure : sure, what);
    });
  return [
    ...tell(denies, 'denial', 'denies', 'may deny (decided only at run time)'),
    ...tell(allows, 'rule', 'allows', 'may allow (decided only at run time)'),
  ];
}

const CALICO_VERBS = { ...ADMIN_VERBS, Log: 'logs' };

function tellCalico(policy: CalicoPolicy, question: Question): string[] {
  const { net, direction, self, other } = question;
  const lookup = createCalicoLookup(net);
  const order = Number.isFinite(policy.order) ? `order ${policy.order}` : 'without order';
  const name = `${refName(policy)} (tier ${policy.tier}, ${order})`;
  const rules = policy[direction] ?? [];
  if (rules.length === 0) return [`  ${name} selects it and has no ${direction} rule: it allows nothing.`];
  return rules.map((rule, i) => {
    const { action, source, destination, ports, protocols, conditional } = rule;
    const [own, peer] = direction === 'ingress' ? [destination, source] : [source, destination];
    const covers =
      lookup.isSelf(own, self) && lookup.columnsOf(peer).includes(other) && lookup.carries(rule, self)(other);
    const verb = conditional ? 'decides only at run time about' : CALICO_VERBS[action];
    const what = ports === undefined ? `every port of ${protocols.join(', ')}` : describePorts(ports);
    return line(name, `rule ${i + 1}`, covers, verb, `${preposition(direction)} ${describeEntity(peer)} on ${what}`);
  });
}

function reaches({ net, other }: Question, peer: AnyPeer, namespace: string): boolean {
  if (peer.kind === 'pods') return net.columns.pods(peer.namespaces ?? namespace, peer.pods).includes(other);
  return peer.kind === 'ip' && net.profile.engine !== 'cilium' && net.columns.block(peer.block).includes(other);
}

const preposition = (direction: Direction): string => (direction === 'ingress' ? 'from' : 'to');
const toWhom = ({ direction }: Question, peers: readonly AnyPeer[] | undefined): string =>
  `${preposition(direction)} ${peers === undefined ? 'everybody' : peers.map(describePeer).join(' or ') || 'nobody'}`;

function describePeer(peer: AnyPeer): string {
  switch (peer.kind) {
    case 'pods':
      return `${peer.pods.length === 0 ? 'all pods' : `pods with ${formatSelector(peer.pods)}`} in ${describeNamespaces(peer.namespaces)}`;
    case 'ip':
      return describeBlock(peer.block);
    case 'world':
      return 'everything outside the cluster';
    case 'apiServer':
      return 'the API server';
    case 'names':
      return 'domain names';
    case 'conditional':
      return 'names, services or groups';
    case 'unknown':
      return 'a peer that this version of Bulkhead does not know';
  }
}

function describeNamespaces(namespaces: Selector | string | undefined): string {
  if (namespaces === undefined) return 'this namespace';
  if (typeof namespaces === 'string') return `namespace ${namespaces}`;
  return namespaces.length === 0 ? 'every namespace' : `namespaces with ${formatSelector(namespaces)}`;
}

const describeBlock = ({ cidr, except }: IpBlock): string =>
  except.length > 0 ? `${cidr} except ${except.join(', ')}` : cidr;

function describeEntity({ selector, not, namespaces, nets, notNets }: CalicoEntity): string {
  const parts = [
    ...(selector ? [`those with ${selector.text}`] : []),
    ...(not ? [`those without ${not.text}`] : []),
    ...(namespaces === undefined
      ? []
      : [typeof namespaces === 'string' ? `in namespace ${namespaces}` : `in namespaces with ${namespaces.text}`]),
    ...(nets ? [nets.map(describeBlock).join(' or ')] : []),
    ...(notNets.length > 0 ? [`outside ${notNets.map(describeBlock).join(' and ')}`] : []),
  ];
  return parts.length === 0 ? 'everybody' : parts.join(', ');
}

const describePorts = (ports: readonly PortRule[] | undefined): string =>
  ports === undefined ? 'every port' : ports.map(describePort).join(', ');

const describePort = (port: PortRule): string =>
  'name' in port
    ? `${port.protocol} ${port.name}`
    : `${port.protocol} ${port.from}${port.to === port.from ? '' : `-${port.to}`}`;
