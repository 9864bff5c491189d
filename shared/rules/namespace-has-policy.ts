// A namespace without any policy is open from and to everywhere.
import { denyAll } from './manifests.ts';
import { matches } from '../network/selectors.ts';
import type { Rule } from './rule.ts';
import { fail, pass } from './rule.ts';
import { namespaceSubject, viewOf } from './view.ts';

export const namespaceHasPolicy: Rule = {
  id: 'namespace-has-policy',
  title: 'The namespace has a network policy',
  rationale:
    'Without a policy every pod of the namespace can be reached from every pod of the cluster, and can reach all of them.',
  severity: 'high',
  subject: 'namespace',
  plane: 'in-cluster',
  controls: ['CIS AKS 1.8: 4.4.2', 'CIS Kubernetes 1.12: 5.3.2', 'Kubescape: C-0206, C-0049, C-0054'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const { namespaces, objects } = viewOf(snapshot);
    for (const { name, labels } of namespaces) {
      const own = [...objects.policies, ...objects.foreignPolicies].filter((policy) => policy.namespace === name);
      const wide = objects.adminPolicies.filter((policy) => matches(policy.subject.namespaces, labels));
      const global = objects.foreignPolicies.filter((policy) => policy.namespace === '');
      const subject = namespaceSubject(name);
      if (own.length > 0)
        yield pass('high', `${name} has ${own.length} polic${own.length === 1 ? 'y' : 'ies'}.`, subject);
      else if (wide.length > 0)
        yield pass('high', `${name} is selected by ${wide.map((policy) => policy.name).join(', ')}.`, subject);
      else if (global.length > 0)
        yield pass(
          'high',
          `Cluster-wide policies stand for ${name}: ${global.map((policy) => policy.name).join(', ')}.`,
          subject,
        );
      else yield fail('high', `${name} has no network policy.`, denyAll(name, 'Ingress'), subject);
    }
  },
};
