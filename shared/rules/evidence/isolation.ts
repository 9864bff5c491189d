// Whether policies close a workload at all, and the labels by which to select it.
import type { AnyPolicy, Connectivity, Workload } from '../../network/index.ts';
import { governingOf, restricting, selecting } from '../../network/index.ts';
import type { Direction, Labels, Owner, Pod, PolicyRef } from '../../network/objects.ts';
import { ALL } from '../../network/port-sets.ts';
import type { Doubt, View } from './view.ts';
import { ownLabels } from '../remedies/yaml-text.ts';

/** @returns true when a policy isolates the class, or one takes away from what it may */
export function isIsolated(net: Connectivity, direction: Direction, index: number): boolean {
  const side = net[direction];
  if (side.selectedBy[index]!.length > 0) return true;
  if (side.ciliumBy[index]!.some((policy) => net.ciliumPolicies[policy]![direction].isolates)) return true;
  const row = side.rowOf[index]!;
  return row !== -1 && side.rows[row]!.some((set) => set !== ALL);
}

/** @returns the policies of every kind that select the class in this direction, whatever they do with it */
export function selectedBy(net: Connectivity, direction: Direction, index: number): readonly AnyPolicy[] {
  const { policies, cilium, admin, calico } = selecting(net, direction, index);
  return [...policies, ...cilium, ...admin, ...calico];
}

/** @returns the policies that select the class and take away from what it may */
export const restrictingBy = (net: Connectivity, direction: Direction, index: number): readonly PolicyRef[] =>
  restricting(governingOf(net), net[direction], direction, index);

/** The pods of a workload. */
const podsOf = (net: Connectivity, workload: Workload): readonly Pod[] => {
  let byWorkload = podsByWorkload.get(net);
  if (!byWorkload) {
    const members = net.classes.flatMap((one) => one.members.map((member) => net.objects.pods[member]!));
    byWorkload = Map.groupBy(members, ({ namespace, owner }) => keyOf(namespace, owner));
    podsByWorkload.set(net, byWorkload);
  }
  return byWorkload.get(keyOf(workload.namespace, workload)) ?? [];
};

/** Thousands of pods that belong to nobody may be of one class and each its own workload: looked through once, and not for each. */
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

/** @returns why an answer about the workload in this direction may depend on what could not be read or understood */
export function doubtAbout({ net, doubt }: View, workload: Workload, direction: Direction): Doubt | undefined {
  const { namespace } = workload;
  if (!doubt(namespace, undefined, direction)) return undefined;
  for (const { labels } of podsOf(net, workload)) {
    const found = doubt(namespace, labels, direction);
    if (found) return found;
  }
  return undefined;
}
