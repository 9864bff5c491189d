// A rule that admits everyone on every port undoes the isolation its policy stands for.
import { admitsEveryone } from '../network/index.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { PolicyObject } from './evidence/policy-objects.ts';
import { policyObjects } from './evidence/policy-objects.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const noAllowAll: Rule = {
  id: 'no-allow-all',
  title: 'No rule of the policy admits everyone on every port',
  failing: 'admits everyone on every port',
  rationale:
    'Policies add up: one rule that admits everyone opens the pods it selects, whatever all other policies say.',
  severity: { high: 'ingress', low: 'egress alone' },
  subject: 'policy',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['kubeaudit: netpols', 'Trivy: KUBE-0001, KUBE-0002'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    for (const object of policyObjects(view)) yield judge(view, object);
    // Told here, because this rule judges each policy by itself.
    for (const { ref, path, message } of view.objects.problems)
      if (ref.kind.endsWith('NetworkPolicy') && (ref.namespace === '' || view.judged(ref.namespace)))
        yield about(policySubject(ref)).unknown(
          'error',
          `It cannot be understood, and is left out: ${path} ${message}.`,
        );
  },
};

function judge({ net }: View, { subject, policies, idle }: PolicyObject): Judgement {
  const it = about(subject);
  if (idle !== undefined) return it.notApplicable(`It does nothing: ${idle}.`);
  const open = (['ingress', 'egress'] as const).filter((direction) =>
    policies.some((policy) => admitsEveryone(net, policy, direction)),
  );
  if (open.length === 0) return it.pass('It does not admit everyone on every port.');
  return about(subject, open.includes('ingress') ? 'high' : 'low').fail(
    `It admits everyone on every port for ${open.join(' and ')}.`,
    editPolicy(policies[0]!, 'Name the peers and ports that are needed, in place of everyone and every port.'),
  );
}
