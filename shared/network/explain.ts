// Why one pair may or may not talk, in words: which policy and which of its rules, in each direction.
import type { Connectivity } from './compile.ts';
import { formatSelector } from './selectors.ts';
import type { Direction, NetworkPolicy, Peer, PolicyRule, PortRule } from './objects.ts';
import { refName } from './objects.ts';
import { NONE } from './port-sets.ts';
import type { Workload } from './reach.ts';
import { between, betweenWorkloads, workloadName, workloadsOf } from './reach.ts';

export interface Explanation {
  /** Connections in the notation of lines; `nothing` when there are none. */
  readonly allowed: string;
  readonly sentences: readonly string[];
}

/** @returns the workload a person means by `NAMESPACE/NAME`, `NAMESPACE/NAME[Kind]` or a name that is unique; else those it could be */
export function findWorkload(net: Connectivity, wanted: string): readonly Workload[] {
  const all = workloadsOf(net);
  const readings = [workloadName, (w: Workload) => `${w.namespace}/${w.name}`, (w: Workload) => w.name];
  for (const reading of readings) {
    const found = all.filter((workload) => reading(workload) === wanted);
    if (found.length > 0) return found;
  }
  return [];
}

/** @returns what is allowed from one workload to another, and why */
export function explain(net: Connectivity, source: Workload, destination: Workload): Explanation {
  const ports = betweenWorkloads(net, source, destination);
  const s = source.classes[0]!;
  const d = destination.classes[0]!;
  const sentences = [
    ...explainSide(net, 'egress', s, d, workloadName(source), workloadName(destination)),
    ...explainSide(net, 'ingress', d, s, workloadName(destination), workloadName(source)),
  ];
  if (between(net, s, d) === NONE && ports === NONE)
    sentences.push('A connection needs both sides to let the same port through.');
  for (const inert of net.inert) sentences.push(`${refName(inert.ref)} does nothing: ${inert.reason}.`);
  return { allowed: ports === NONE ? 'nothing' : net.ports.format(ports), sentences };
}

function explainSide(
  net: Connectivity,
  direction: Direction,
  self: number,
  other: number,
  selfName: string,
  otherName: string,
): string[] {
  const side = net[direction];
  const word = direction === 'egress' ? ['Leaving', 'to'] : ['Entering', 'from'];
  const policies = side.selectedBy[self]!.map((index) => net.policies[index]!);
  const admin = side.adminBy[self]!.map((index) => net.adminPolicies[index]!);
  const row = side.rowOf[self]!;
  const result = row === -1 ? 'everything' : net.ports.format(side.rows[row]![other]!) || 'nothing';
  const sentences = [`${word[0]} ${selfName} ${word[1]} ${otherName}: ${result}.`];
  if (policies.length === 0 && admin.length === 0)
    return [...sentences, `  No policy selects ${selfName} for ${direction}: everything is allowed.`];
  for (const policy of admin)
    sentences.push(`  ${refName(policy)} (${policy.tier} tier, priority ${policy.priority}) selects it.`);
  return [
    ...sentences,
    ...policies.flatMap((policy) => explainPolicy(net, policy, direction, other)),
    ...(policies.length > 0 ? ['  What no rule of these policies allows is denied.'] : []),
  ];
}

function explainPolicy(net: Connectivity, policy: NetworkPolicy, direction: Direction, other: number): string[] {
  const rules = policy[direction] ?? [];
  if (rules.length === 0) return [`  ${refName(policy)} selects it and has no ${direction} rule: it allows nothing.`];
  return rules.map((rule, index) => {
    const reached = (rule.peers ?? [undefined]).some(
      (peer) => peer === undefined || reaches(net, peer, policy.namespace, other),
    );
    return `  ${refName(policy)} rule ${index + 1} ${reached ? 'allows' : 'does not cover it:'} ${describeRule(rule, direction)}.`;
  });
}

function reaches(net: Connectivity, peer: Peer, namespace: string, other: number): boolean {
  return peer.kind === 'ip'
    ? net.columns.block(peer.block).includes(other)
    : net.columns.pods(peer.namespaces ?? namespace, peer.pods).includes(other);
}

function describeRule(rule: PolicyRule, direction: Direction): string {
  const who = rule.peers === undefined ? 'everybody' : rule.peers.map(describePeer).join(' or ');
  const what = rule.ports === undefined ? 'every port' : rule.ports.map(describePort).join(', ');
  return `${direction === 'ingress' ? 'from' : 'to'} ${who} on ${what}`;
}

function describePeer(peer: Peer): string {
  if (peer.kind === 'ip')
    return peer.block.except.length > 0 ? `${peer.block.cidr} except ${peer.block.except.join(', ')}` : peer.block.cidr;
  const where =
    peer.namespaces === undefined
      ? 'this namespace'
      : peer.namespaces.length === 0
        ? 'every namespace'
        : `namespaces with ${formatSelector(peer.namespaces)}`;
  return `${peer.pods.length === 0 ? 'all pods' : `pods with ${formatSelector(peer.pods)}`} in ${where}`;
}

const describePort = (port: PortRule): string =>
  'name' in port
    ? `${port.protocol} ${port.name}`
    : `${port.protocol} ${port.from}${port.to === port.from ? '' : `-${port.to}`}`;
