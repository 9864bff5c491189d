// Who can reach whom: between classes, workloads and address ranges.
import type { PodClass } from './classes.ts';
import type { Connectivity } from './compile.ts';
import type { IpRange } from './ip.ts';
import type { Pod } from './objects.ts';
import { ALL, NONE } from './port-sets.ts';

/** @returns the ports that pods of one class may reach on pods of another: what both sides let through */
export function between(net: Connectivity, source: number, destination: number): number {
  const out = net.egress.rowOf[source]!;
  const into = net.ingress.rowOf[destination]!;
  const leaves = out === -1 ? ALL : net.egress.rows[out]![destination]!;
  if (leaves === NONE || into === -1) return leaves;
  return net.ports.intersect(leaves, net.ingress.rows[into]![source]!);
}

/** @returns the ports between a class and an address range, out of it or into it */
export function withAtom(net: Connectivity, direction: 'ingress' | 'egress', index: number, atom: number): number {
  const side = net[direction];
  const row = side.rowOf[index]!;
  return row === -1 ? ALL : side.rows[row]![net.classes.length + atom]!;
}

/** Pods of one owner. */
export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  readonly classes: readonly number[];
  readonly pods: number;
}

/** `NAMESPACE/NAME[Kind]` */
export const workloadName = ({ namespace, name, kind }: Pick<Workload, 'namespace' | 'name' | 'kind'>): string =>
  `${namespace}/${name}[${kind}]`;

const ownerKey = (pod: Pod): string => `${pod.namespace}/${pod.owner.name}[${pod.owner.kind}]`;

/** @param counts which classes; all of them unless told @returns the workloads of their pods, in the order of their names */
export function workloadsOf(net: Connectivity, counts: (c: PodClass) => boolean = () => true): readonly Workload[] {
  const found = new Map<string, { pod: Pod; classes: number[]; pods: number }>();
  for (const [index, c] of net.classes.entries())
    for (const member of counts(c) ? c.members : []) {
      const pod = net.objects.pods[member]!;
      const key = ownerKey(pod);
      const known = found.get(key) ?? { pod, classes: [], pods: 0 };
      if (known.classes.at(-1) !== index) known.classes.push(index);
      known.pods += pod.replicas;
      found.set(key, known);
    }
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { pod, classes, pods }]) => ({
      namespace: pod.namespace,
      name: pod.owner.name,
      kind: pod.owner.kind,
      classes,
      pods,
    }));
}

/** @returns the ports that some pod of one workload may reach on some pod of another */
export function betweenWorkloads(net: Connectivity, source: Workload, destination: Workload): number {
  let sum = NONE;
  for (const s of source.classes) for (const d of destination.classes) sum = net.ports.union(sum, between(net, s, d));
  return sum;
}

/** @returns whether something that a workload may send or receive is decided only at run time */
export const dependsOnRunTime = (net: Connectivity, { classes }: Workload): boolean =>
  classes.some((index) => net.ingress.conditional.has(index) || net.egress.conditional.has(index));

export interface AddressReach {
  readonly range: IpRange;
  readonly ports: number;
}

/** @returns the address ranges that a workload may talk to, joined where they do not differ */
export function addressReach(
  net: Connectivity,
  direction: 'ingress' | 'egress',
  workload: Workload,
): readonly AddressReach[] {
  const reach: { range: IpRange; ports: number }[] = [];
  for (const [atom, range] of net.atoms.entries()) {
    const ports = workload.classes.reduce((sum, c) => net.ports.union(sum, withAtom(net, direction, c, atom)), NONE);
    const last = reach.at(-1);
    if (ports === NONE) continue;
    if (last && last.ports === ports && last.range.to + 1n === range.from && sameFamily(last.range, range))
      last.range = { from: last.range.from, to: range.to };
    else reach.push({ range, ports });
  }
  return reach;
}

const FIRST_IPV6 = 1n << 32n;
const sameFamily = (a: IpRange, b: IpRange): boolean => a.from >= FIRST_IPV6 === b.from >= FIRST_IPV6;
