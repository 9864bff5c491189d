// A workload that no policy selects is open in that direction.
import type { Workload } from '../network/index.ts';
import { isIsolated, labelsOf } from './isolation.ts';
import type { Judgement, Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './view.ts';
import { viewOf, workloadSubject } from './view.ts';
import { dnsRule, policyManifest, yamlSelector } from './yaml-text.ts';

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
    const view = viewOf(snapshot);
    for (const workload of view.workloads) yield judge(view, workload);
    yield* beyondPolicy(view);
  },
};

function judge(view: View, workload: Workload): Judgement {
  const subject = workloadSubject(workload);
  const open = (['ingress', 'egress'] as const).filter((direction) =>
    workload.classes.some((index) => !isIsolated(view.net, direction, index)),
  );
  if (open.length === 0) return pass('high', 'Policies select it for ingress and egress.', subject);
  const severity = open.includes('ingress') ? 'high' : 'medium';
  const doubt = view.doubt(workload.namespace);
  if (doubt) return unknown(severity, doubt.reason, doubt.message, undefined, subject);
  const cause = view.engine === 'none' ? 'No engine is on, so no policy isolates it' : 'No policy selects it';
  return fail(severity, `${cause} for ${open.join(' or ')}.`, isolate(view, workload, open), subject);
}

function isolate({ net }: View, workload: Workload, open: readonly ('ingress' | 'egress')[]): string {
  const types = open.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  return [
    '# Lets its own namespace in, or it out to there and to DNS; add what else it needs.',
    policyManifest(workload.namespace, `isolate-${workload.name}`, [
      `podSelector: ${yamlSelector(labelsOf(net, workload))}`,
      `policyTypes: [${types.join(', ')}]`,
      ...(open.includes('ingress') ? ['ingress:', '  - from: [{ podSelector: {} }]'] : []),
      ...(open.includes('egress') ? ['egress:', '  - to: [{ podSelector: {} }]', ...dnsRule] : []),
    ]),
  ].join('\n');
}

/** Pods on the network of their node and finished ones: counted and shown, for no policy governs them. */
function* beyondPolicy({ objects, judged, workloads }: View): Iterable<Judgement> {
  const counts = new Map<string, { host: number; finished: number }>();
  for (const { namespace, owner, hostNetwork, finished, replicas } of objects.pods) {
    if (!judged(namespace) || (!hostNetwork && !finished)) continue;
    const subject = `workload/${namespace}/${owner.name}[${owner.kind}]`;
    const count = counts.get(subject) ?? { host: 0, finished: 0 };
    count[finished ? 'finished' : 'host'] += replicas;
    counts.set(subject, count);
  }
  const shown = new Set(workloads.map(workloadSubject));
  for (const [subject, { host, finished }] of counts) {
    if (shown.has(subject)) continue;
    const why = [
      ...(host > 0 ? [`${host} on the network of their node, which no policy covers`] : []),
      ...(finished > 0 ? [`${finished} finished`] : []),
    ];
    yield notApplicable('high', `Its pods: ${why.join(', ')}.`, subject);
  }
}
