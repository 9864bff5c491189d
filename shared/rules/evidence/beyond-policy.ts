// Pods that policies mean nothing for: those on the network of their node, and finished ones.
import type { Subject } from '../../model/finding.ts';
import { workloadSubject } from '../subjects.ts';
import type { View } from './view.ts';

export interface BeyondPolicy {
  /** Pods on the network of their node. */
  readonly host: number;
  readonly finished: number;
}

/** @returns how many such pods each workload of a judged namespace has, for workloads that have no other pods */
export function beyondPolicy({ objects, judged, workloads, ungoverned }: View): ReadonlyMap<Subject, BeyondPolicy> {
  const shown = new Set([...workloads, ...ungoverned].map(workloadSubject));
  const counts = new Map<Subject, { host: number; finished: number }>();
  for (const { namespace, owner, hostNetwork, finished, replicas } of objects.pods) {
    const subject = workloadSubject({ namespace, ...owner });
    if (!judged(namespace) || (!hostNetwork && !finished) || shown.has(subject)) continue;
    const count = counts.get(subject) ?? { host: 0, finished: 0 };
    count[finished ? 'finished' : 'host'] += replicas;
    counts.set(subject, count);
  }
  return counts;
}
