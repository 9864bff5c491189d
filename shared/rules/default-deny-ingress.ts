// A namespace should be closed for ingress unless a policy opens it.
import { defaultDeny } from './evidence/default-deny.ts';
import type { Rule } from './rule.ts';

export const defaultDenyIngress: Rule = {
  id: 'default-deny-ingress',
  title: 'The namespace is closed for ingress by default',
  rationale:
    'With a default deny a new pod starts closed, and forgetting a policy breaks something visible instead of opening something silently.',
  severity: 'medium',
  subject: 'namespace',
  plane: 'in-cluster',
  controls: ['Kubernetes documentation: default policies', 'kubeaudit: netpols'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies'],
  evaluate: (snapshot) => defaultDeny(snapshot, 'ingress'),
};
