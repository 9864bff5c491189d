// Whether policies close a workload at all, and the labels by which to select it.
import type { Connectivity, Workload } from '../network/index.ts';
import type { Direction, Labels, Pod } from '../network/objects.ts';
import { ALL } from '../network/port-sets.ts';
import { ownLabels } from './yaml-text.ts';

/** @returns true when a policy isolates the class, or one takes away from what it may */
export function isIsolated(net: Connectivity, direction: Direction, index: number): boolean {
  const side = net[direction];
  if (side.selectedBy[index]!.length > 0) return true;
  if (side.ciliumBy[index]!.some((policy) => net.ciliumPolicies[policy]![direction].isolates)) return true;
  const row = side.rowOf[index]!;
  return row !== -1 && side.rows[row]!.some((set) => set !== ALL);
}

/** @returns some pod of the workload */
function podOf(net: Connectivity, workload: Workload): Pod {
  for (const index of workload.classes)
    for (const member of net.classes[index]!.members) {
      const pod = net.objects.pods[member]!;
      if (pod.namespace === workload.namespace && pod.owner.name === workload.name && pod.owner.kind === workload.kind)
        return pod;
    }
  throw new Error(`${workload.namespace}/${workload.name} has no pod`);
}

/** @returns labels that select the workload */
export const labelsOf = (net: Connectivity, workload: Workload): Labels => ownLabels(podOf(net, workload).labels);
