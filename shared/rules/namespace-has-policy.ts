// A namespace without any policy is open from and to everywhere.
import { matches } from '../network/selectors.ts';
import type { Rule } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';
import { namespaceSubject, viewOf } from './view.ts';
import { dnsRule, policyManifest } from './yaml-text.ts';

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
    const { namespaces, objects, doubt } = viewOf(snapshot);
    for (const { name, labels } of namespaces) {
      const own = [...objects.policies, ...objects.foreignPolicies].filter((policy) => policy.namespace === name);
      const wide = [
        ...objects.adminPolicies.map((policy) => ({ policy, namespaces: policy.subject.namespaces })),
        ...objects.ciliumPolicies.map((policy) => ({ policy, namespaces: policy.subject.namespaces })),
      ].filter(
        ({ policy, namespaces: whom }) => policy.namespace === '' && typeof whom !== 'string' && matches(whom, labels),
      );
      const unsure = doubt(name);
      const subject = namespaceSubject(name);
      if (own.length > 0)
        yield pass('high', `${name} has ${own.length} polic${own.length === 1 ? 'y' : 'ies'}.`, subject);
      else if (wide.length > 0)
        yield pass('high', `${name} is selected by ${wide.map(({ policy }) => policy.name).join(', ')}.`, subject);
      else if (unsure) yield unknown('high', unsure.reason, unsure.message, undefined, subject);
      else yield fail('high', `${name} has no network policy.`, firstPolicy(name), subject);
    }
  },
};

const firstPolicy = (namespace: string): string =>
  [
    '# Closes the namespace to others; its own pods and DNS stay reachable. Add what else it needs.',
    policyManifest(namespace, 'same-namespace-only', [
      'podSelector: {}',
      'policyTypes: [Ingress, Egress]',
      'ingress:',
      '  - from: [{ podSelector: {} }]',
      'egress:',
      '  - to: [{ podSelector: {} }]',
      ...dnsRule,
    ]),
  ].join('\n');
