// A namespace should be closed for egress unless a policy opens it.
import { judgeDefault } from './default-deny-ingress.ts';
import type { Rule } from './rule.ts';

export const defaultDenyEgress: Rule = {
  id: 'default-deny-egress',
  title: 'The namespace is closed for egress by default',
  failing: 'is open for egress by default',
  rationale:
    'A compromised pod that may open any connection can carry data out and reach every service that trusts the cluster.',
  severity: 'low',
  subject: 'namespace',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['Kubernetes documentation: default policies', 'kubeaudit: netpols'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies'],
  evaluate: (snapshot) => judgeDefault(snapshot, 'egress'),
};
