// The pods of a workload, and the labels that its owner gave them.
import type { Connectivity, Workload } from '../../network/index.ts';
import type { Labels, Owner, Pod } from '../../network/objects.ts';
import { isGenerated } from '../facts/generated-labels.ts';

/** @returns the pods of a workload that policies can mean */
export function podsOf(net: Connectivity, workload: Workload): readonly Pod[] {
  let byWorkload = podsByWorkload.get(net);
  if (!byWorkload) {
    const members = net.classes.flatMap((one) => one.members.map((member) => net.objects.pods[member]!));
    byWorkload = Map.groupBy(members, ({ namespace, owner }) => keyOf(namespace, owner));
    podsByWorkload.set(net, byWorkload);
  }
  return byWorkload.get(keyOf(workload.namespace, workload)) ?? [];
}

/** Of thousands of pods without an owner each is a workload of its own: they are looked through once, not once for each. */
const podsByWorkload = new WeakMap<Connectivity, ReadonlyMap<string, readonly Pod[]>>();
const keyOf = (namespace: string, { kind, name }: Pick<Owner, 'kind' | 'name'>): string =>
  `${namespace}/${kind}/${name}`;

/** @returns the labels that all pods of the workload carry and that their owner wrote: they select it, and perhaps others */
export function labelsOf(net: Connectivity, workload: Workload): Labels {
  const [first = {}, ...others] = podsOf(net, workload).map(({ labels }) => ownLabels(labels));
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((labels) => labels[key] === value)),
  );
}

const ownLabels = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !isGenerated(key)));
