// What a new pod gets for which nobody wrote a policy: whether its namespace is closed by default.
import type { Connectivity } from './compile.ts';
import type { Governing } from './governing.ts';
import { noPolicies } from './governing.ts';
import type { Direction, Namespace, PolicyRef } from './objects.ts';
import { NONE } from './port-sets.ts';
import type { Side } from './side.ts';
import { matches } from './selectors.ts';
import { restricting } from './restricting.ts';
import { suppose, unusedLabels } from './suppose.ts';

export interface ByDefault {
  readonly closed: boolean;
  /** The policies that close it. */
  readonly by: readonly PolicyRef[];
  /** Whether it is closed is not certain: some of it is decided only at run time. */
  readonly atRunTime: boolean;
}

const nothing: ByDefault = { closed: false, by: [], atRunTime: false };

/**
 * @returns whether a new pod of the namespace would be isolated in that direction by what the engine enforces, whether it carries no label
 * or labels that nobody has used: a NetworkPolicy or Cilium policy isolates what it selects, whatever its rules allow; tiers of Calico and
 * of admin policies do when they leave a pod without labels, of a namespace that nobody named, denied on every port
 */
export function closedByDefault(net: Connectivity, namespace: Namespace, direction: Direction): ByDefault {
  const governing = policiesFor(net, namespace);
  const tiers = governing.admin.length + governing.calico.length > 0;
  if (!tiers && governing.policies.length + governing.cilium.length === 0) return nothing;
  const pods = unusedLabels(governing).map((labels) => ({ namespace, labels }));
  // Only tiers are asked whom they let in: without them no address matters.
  const side = suppose(tiers ? net : { ...net, atoms: [] }, direction, governing, [...pods, { labels: {} }]);
  const closers = pods.map((_, pod) => closedBy(side, direction, pod, pods.length));
  return {
    closed: closers.every((by) => by.length > 0),
    by: [...new Set(closers.flat())],
    atRunTime: closers.some((by, pod) => by.length === 0 && side.conditional.has(pod)),
  };
}

/** @returns the policies that close a supposed pod; none when it is open to the stranger */
function closedBy(side: Side, direction: Direction, pod: number, stranger: number): readonly PolicyRef[] {
  const { policies, admin, cilium, calico } = side.selected[pod]!;
  const isolating = [...policies, ...cilium.filter((policy) => policy[direction].isolates)];
  const row = side.rowOf[pod]!;
  if (isolating.length > 0 || row === -1 || side.rows[row]![stranger] !== NONE) return isolating;
  return [...admin, ...calico];
}

/** @returns the policies by which a new pod of the namespace would be restricted, in whichever direction */
export function restrictingByDefault(net: Connectivity, namespace: Namespace): readonly PolicyRef[] {
  const governing = policiesFor(net, namespace);
  const pods = unusedLabels(governing).map((labels) => ({ namespace, labels }));
  const found = (['ingress', 'egress'] as const).flatMap((direction) => {
    const side = suppose(net, direction, governing, [...pods, { labels: {} }]);
    return pods.flatMap((_, pod) => restricting(side, direction, pod));
  });
  return [...new Set(found)];
}

/** The policies that may govern pods of a namespace. */
function policiesFor(net: Connectivity, { name, labels }: Namespace): Governing {
  const { byNamespace, wide } = sorted(net);
  const own = byNamespace.get(name) ?? noPolicies;
  return {
    policies: own.policies,
    cilium: [
      ...own.cilium,
      ...wide.cilium.filter(
        ({ subject }) => typeof subject.namespaces !== 'string' && matches(subject.namespaces, labels),
      ),
    ],
    calico: [...own.calico, ...wide.calico],
    admin: wide.admin.filter(({ subject }) => matches(subject.namespaces, labels)),
  };
}

interface Sorted {
  readonly byNamespace: ReadonlyMap<string, Governing>;
  readonly wide: Governing;
}
const known = new WeakMap<Connectivity, Sorted>();

/** A thousand namespaces ask: each policy is filed under its own once. */
function sorted(net: Connectivity): Sorted {
  const made = known.get(net);
  if (made) return made;
  const { policies, admin, cilium, calico } = net.governing;
  const names = {
    policies: Map.groupBy(policies, ({ namespace }) => namespace),
    cilium: Map.groupBy(cilium, ({ subject }) => (typeof subject.namespaces === 'string' ? subject.namespaces : '')),
    calico: Map.groupBy(calico, ({ subjectNamespaces: own }) => (typeof own === 'string' ? own : '')),
  };
  const of = (name: string): Governing => ({
    ...noPolicies,
    policies: names.policies.get(name) ?? [],
    cilium: names.cilium.get(name) ?? [],
    calico: names.calico.get(name) ?? [],
  });
  const all = new Set([...names.policies.keys(), ...names.cilium.keys(), ...names.calico.keys()]);
  const result = {
    byNamespace: new Map([...all].filter((name) => name !== '').map((name) => [name, of(name)])),
    wide: { ...of(''), admin },
  };
  known.set(net, result);
  return result;
}
