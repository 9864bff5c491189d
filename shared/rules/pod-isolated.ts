// A workload that no policy selects is open in that direction.
import { denyAll } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import { viewOf, workloadSubject } from './view.ts';

export const podIsolated: Rule = {
  id: 'pod-isolated',
  title: 'The workload is selected by a policy in both directions',
  rationale:
    'A pod that no policy selects accepts every connection, or may open any: policies on its neighbours do not protect it.',
  severity: { worst: 'high', depends: 'the direction: ingress (high), egress alone (medium)' },
  subject: 'workload',
  plane: 'in-cluster',
  controls: ['Checkov: CKV2_K8S_6', 'Kubescape: C-0260, C-0030', 'kube-score: pod-networkpolicy'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const { workloads, net, objects, judged, unweighed } = viewOf(snapshot);
    for (const workload of workloads) {
      const open = (['ingress', 'egress'] as const).filter((direction) =>
        workload.classes.some(
          (c) => net[direction].selectedBy[c]!.length === 0 && net[direction].adminBy[c]!.length === 0,
        ),
      );
      const subject = workloadSubject(workload);
      if (open.length === 0) yield pass('high', 'Policies select it for ingress and egress.', subject);
      else if (unweighed.length > 0)
        yield unknown(
          'high',
          'error',
          'Policies of the engine’s own kinds exist, which this version cannot weigh.',
          undefined,
          subject,
        );
      else {
        const severity = open.includes('ingress') ? 'high' : 'medium';
        const remedy = open
          .map((direction) => denyAll(workload.namespace, direction === 'ingress' ? 'Ingress' : 'Egress'))
          .join('\n---\n');
        yield fail(severity, `No policy selects it for ${open.join(' or ')}.`, remedy, subject);
      }
    }
    const left = new Map<string, string>();
    for (const pod of objects.pods)
      if (judged(pod.namespace) && (pod.hostNetwork || pod.finished))
        left.set(
          `workload/${pod.namespace}/${pod.owner.name}[${pod.owner.kind}]`,
          pod.hostNetwork ? 'It uses the network of its node, which no policy covers.' : 'It has finished.',
        );
    const shown = new Set(workloads.map(workloadSubject));
    for (const [subject, why] of left) if (!shown.has(subject)) yield notApplicable('high', why, subject);
  },
};
