// A selector that matches nothing is a typo, or what is left of something that is gone.
import { formatSelector } from '../network/selectors.ts';
import type { NetworkPolicy } from '../network/objects.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, pass } from './rule.ts';
import type { View } from './view.ts';
import { policySubject, viewOf } from './view.ts';

export const noDanglingPolicy: Rule = {
  id: 'no-dangling-policy',
  title: 'Every selector of the policy matches something',
  rationale:
    'A policy whose selector matches no pod protects nothing, and a peer that matches nothing allows nothing: both usually are mistakes.',
  severity: 'low',
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['Kubescape: C-0299', 'kube-score: networkpolicy-targets-pod', 'kube-linter: dangling-networkpolicy'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    for (const policy of view.policies) {
      const dangling = findDangling(view, policy);
      const subject = policySubject(policy);
      if (dangling.length === 0) yield pass('low', 'Its selectors match pods.', subject);
      else
        yield fail(
          'low',
          dangling.join(' '),
          editPolicy(policy, 'Correct the selector, or delete the policy when what it selected is gone.'),
          subject,
        );
    }
  },
};

function findDangling({ net }: View, policy: NetworkPolicy): string[] {
  const found: string[] = [];
  if (policy.selector.length > 0 && net.columns.pods(policy.namespace, policy.selector).length === 0)
    found.push(`Its podSelector (${formatSelector(policy.selector)}) matches no pod.`);
  for (const direction of ['ingress', 'egress'] as const)
    for (const rule of policy[direction] ?? [])
      for (const peer of rule.peers ?? []) {
        if (peer.kind === 'ip' || net.columns.pods(peer.namespaces ?? policy.namespace, peer.pods).length > 0) continue;
        const where =
          peer.namespaces === undefined ? 'this namespace' : `namespaces with ${formatSelector(peer.namespaces)}`;
        found.push(`A peer for ${direction} (${formatSelector(peer.pods)} in ${where}) matches nothing.`);
      }
  return [...new Set(found)];
}
