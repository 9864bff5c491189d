// Pods that no policy covers: on nodes where the engine does not run, on the network of their node, or finished.
import type { Workload } from '../../network/index.ts';
import { editWorkload } from '../remedies/manifests.ts';
import type { Judgement } from '../rule.ts';
import { about } from '../rule.ts';
import type { View } from './view.ts';
import { workloadSubject } from './view.ts';

/** @param who the beginning of the sentence: whether all of its pods are meant @returns that nothing protects a workload there */
export function outOfReach({ net }: View, workload: Workload, who: string): Judgement {
  const isVirtual = workload.classes.some((index) => net.classes[index]!.platform === 'virtual');
  const where = isVirtual ? 'on virtual nodes' : 'on Windows nodes';
  const lead = isVirtual
    ? 'the node selector and the toleration of virtual-kubelet.io/provider'
    : 'the node selector and spec.os';
  return about(workloadSubject(workload)).fail(
    `${who} ${where}, where the engine enforces no policy.`,
    editWorkload(workload, `No policy helps there. Let it run on Linux nodes: change ${lead} in the pod template`),
  );
}

/** Pods on the network of their node and finished ones: counted and shown, for no policy governs them. */
export function* withoutPolicy({ objects, judged, workloads, ungoverned }: View): Iterable<Judgement> {
  const counts = new Map<string, { host: number; finished: number }>();
  for (const { namespace, owner, hostNetwork, finished, replicas } of objects.pods) {
    if (!judged(namespace) || (!hostNetwork && !finished)) continue;
    const subject = workloadSubject({ namespace, ...owner });
    const count = counts.get(subject) ?? { host: 0, finished: 0 };
    count[finished ? 'finished' : 'host'] += replicas;
    counts.set(subject, count);
  }
  const shown = new Set([...workloads, ...ungoverned].map(workloadSubject));
  for (const [subject, { host, finished }] of counts) {
    if (shown.has(subject)) continue;
    const why = [
      ...(host > 0 ? [`${host} on the network of their node`] : []),
      ...(finished > 0 ? [`${finished} finished`] : []),
    ];
    yield about(subject).notApplicable(`Policies cover none of its pods: ${why.join(', ')}.`);
  }
}
