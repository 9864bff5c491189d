// Why one pair may or may not talk, in words: which policy and which of its rules, in each direction.
import type { Connectivity } from './compile.ts';
import type { Question } from './explain-rules.ts';
import { tellPolicies } from './explain-rules.ts';
import { TUNNEL_PORT } from './mesh.ts';
import { refName } from './objects.ts';
import { NONE } from './port-sets.ts';
import type { Workload } from './reach.ts';
import { between, betweenWorkloads, workloadName, workloadsOf } from './reach.ts';

export interface Explanation {
  /** Connections in the notation of lines; `nothing` when there are none. */
  readonly allowed: string;
  /** Something about it is decided only at run time. */
  readonly runTime: boolean;
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
export function explainReach(net: Connectivity, source: Workload, destination: Workload): Explanation {
  const ports = betweenWorkloads(net, source, destination);
  const [s, d] = typicalPair(net, source, destination);
  const sides = [
    tellSide({ net, direction: 'egress', self: s, other: d }, workloadName(source), workloadName(destination)),
    tellSide({ net, direction: 'ingress', self: d, other: s }, workloadName(destination), workloadName(source)),
  ];
  return {
    allowed: ports === NONE ? 'nothing' : net.ports.format(ports),
    runTime: net.egress.conditional.has(s) || net.ingress.conditional.has(d),
    sentences: [
      ...sides.flat(),
      ...(ports === NONE ? ['A connection needs both sides to let the same port through.'] : []),
      ...net.inert.map((inert) => `${refName(inert.ref)} does nothing: ${inert.reason}.`),
    ],
  };
}

/** Pods of a workload may differ: those that can talk tell more than those that cannot. */
function typicalPair(net: Connectivity, source: Workload, destination: Workload): readonly [number, number] {
  for (const s of source.classes) for (const d of destination.classes) if (between(net, s, d) !== NONE) return [s, d];
  return [source.classes[0]!, destination.classes[0]!];
}

function tellSide(question: Question, selfName: string, otherName: string): readonly string[] {
  const { net, direction, self, other } = question;
  const side = net[direction];
  const row = side.rowOf[self]!;
  const result = row === -1 ? 'everything' : net.ports.format(side.rows[row]![other]!) || 'nothing';
  const [verb, preposition] = direction === 'egress' ? ['Egress from', 'to'] : ['Ingress to', 'from'];
  const told = tellPolicies(question);
  return [
    `${verb} ${selfName} ${preposition} ${otherName}: ${result}.`,
    ...(told.length === 0 ? [`  ${whyOpen(question, selfName)}: everything is allowed.`] : told),
    ...afterRules(question, told.length > 0),
    ...(net.classes[self]!.meshed && net.classes[other]!.meshed && row !== -1
      ? [`  Both are in a mesh that tunnels TCP: policies see it on port ${TUNNEL_PORT}, whatever the port behind it.`]
      : []),
    ...(side.conditional.has(self)
      ? ['  What is really allowed may differ: names, requests and the like are decided only at run time.']
      : []),
  ];
}

const whyOpen = ({ net, direction, self }: Question, name: string): string => {
  const { governed, platform } = net.classes[self]!;
  if (governed) return `No policy selects ${name} for ${direction}`;
  return `${name} runs on ${platform === 'virtual' ? 'virtual' : 'Windows'} nodes, where the engine enforces nothing`;
};

/** What becomes of what no rule decided. */
function afterRules({ net, direction, self }: Question, isSelected: boolean): readonly string[] {
  const { policies, cilium, calico } = net[direction].selected[self]!;
  if (calico.length > 0)
    return ['  What no rule of a tier decides is denied at its end, unless the tier passes it on.'];
  const isolates = policies.length > 0 || cilium.some((policy) => policy[direction].isolates);
  if (isolates) return ['  What no rule of these policies allows is denied.'];
  return isSelected ? ['  What no rule of these policies decides is allowed.'] : [];
}
