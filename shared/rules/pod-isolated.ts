// A workload that no policy selects is open in that direction.
import type { Connectivity, Workload } from '../network/index.ts';
import type { Direction } from '../network/objects.ts';
import { beyondPolicy } from './evidence/beyond-policy.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { isIsolated, selectedBy } from './evidence/isolation.ts';
import { listedPolicies } from '../model/listed.ts';
import { dnsRule } from './remedies/dns-rule.ts';
import { editWorkload, engineFirst, manifestFor } from './remedies/manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';

export const podIsolated: Rule = {
  id: 'pod-isolated',
  title: 'Policies isolate the workload in both directions',
  failing: 'is not isolated in both directions',
  rationale:
    'A pod that no policy selects accepts every connection, or may open any: policies on its neighbours do not protect it.',
  severity: { high: 'ingress', medium: 'egress alone' },
  subject: 'workload',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['Checkov: CKV2_K8S_6', 'Kubescape: C-0260, C-0030', 'kube-score: pod-networkpolicy'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const strays = new Map(view.ungoverned.map((workload) => [workloadSubject(workload), workload]));
    for (const workload of view.workloads) {
      const judgement = judge(view, workload);
      const stray = strays.get(judgement.subject);
      strays.delete(judgement.subject);
      yield stray && judgement.verdict === 'pass' ? outOfReach(view, stray, 'Some of its pods run') : judgement;
    }
    for (const stray of strays.values()) yield outOfReach(view, stray, 'It runs');
    // Counted and shown, so that nobody takes them for protected.
    for (const [subject, { host, finished }] of beyondPolicy(view)) {
      const where = host > 0 ? [`${host} on the network of their node`] : [];
      const over = finished > 0 ? [`${finished} finished`] : [];
      yield about(subject).notApplicable(`Policies cover none of its pods: ${[...where, ...over].join(', ')}.`);
    }
  },
};

function judge(view: View, workload: Workload): Judgement {
  const open = (['ingress', 'egress'] as const).filter((direction) =>
    workload.classes.some((index) => !isIsolated(view.net, direction, index)),
  );
  const it = about(workloadSubject(workload), open.includes('egress') && open.length === 1 ? 'medium' : 'high');
  if (open.length === 0) return it.pass('Policies isolate it for ingress and egress.');
  const doubt = open.map((direction) => doubtAbout(view, workload, direction)).find((found) => found !== undefined);
  if (doubt) return it.unknown(doubt.reason, doubt.message);
  if (view.engine === 'none')
    return it.fail(`No engine is on, so no policy isolates it for ${open.join(' or ')}.`, engineFirst(view));
  return it.fail(causes(view.net, workload, open), isolate(view, workload, open));
}

/** A policy may select it but close nothing: a Calico or admin policy that only allows, a Cilium policy without a default deny. */
function causes(net: Connectivity, workload: Workload, open: readonly Direction[]): string {
  const byCause = Map.groupBy(open, (direction) => {
    const bare = workload.classes.filter((index) => !isIsolated(net, direction, index));
    const selecting = [...new Set(bare.flatMap((index) => selectedBy(net, direction, index)))];
    if (selecting.length === 0) return 'No policy selects it';
    const names = listedPolicies(selecting);
    return selecting.length === 1 ? `${names} selects it but closes nothing` : `${names} select it but close nothing`;
  });
  return [...byCause].map(([cause, directions]) => `${cause} for ${directions.join(' or ')}.`).join(' ');
}

function isolate(view: View, workload: Workload, open: readonly Direction[]): string {
  const ways = [
    ...(open.includes('ingress') ? ['from its own namespace'] : []),
    ...(open.includes('egress') ? ['to its own namespace and DNS'] : []),
  ].join(', and ');
  const types = open.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress'));
  return [
    `# Allows only traffic ${ways}. First add what else it needs, or it breaks.`,
    manifestFor(view, workload, 'isolate', [
      `policyTypes: [${types.join(', ')}]`,
      ...(open.includes('ingress') ? ['ingress:', '  - from: [{ podSelector: {} }]'] : []),
      ...(open.includes('egress') ? ['egress:', '  - to: [{ podSelector: {} }]', ...dnsRule(view)] : []),
    ]),
  ].join('\n');
}

/** @param who the beginning of the sentence: whether all of its pods are meant @returns that nothing protects a workload there */
function outOfReach({ net }: View, workload: Workload, who: string): Judgement {
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
