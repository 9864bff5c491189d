// A namespace without any policy is open from and to everywhere.
import { restrictedBy, restrictingByDefault } from '../network/index.ts';
import type { Namespace, PolicyRef } from '../network/objects.ts';
import { listedPolicies } from '../model/listed.ts';
import { dnsRule } from './remedies/dns-rule.ts';
import { engineFirst, manifest } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { classesByNamespace, viewOf } from './evidence/view.ts';
import { namespaceSubject } from './subjects.ts';

export const namespaceHasPolicy: Rule = {
  id: 'namespace-has-policy',
  title: 'The namespace has a network policy',
  failing: 'has no network policy in force',
  rationale:
    'Without a policy every pod of the namespace can be reached from every pod of the cluster, and can reach all of them.',
  severity: 'high',
  subject: 'namespace',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['CIS AKS 1.8: 4.4.2', 'CIS Kubernetes 1.12: 5.3.2', 'Kubescape: C-0206, C-0049, C-0054'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const classes = classesByNamespace(view);
    for (const namespace of view.namespaces) {
      const { name } = namespace;
      const own = classes.get(name) ?? [];
      const by = own.length > 0 ? restrictedBy(view.net, own) : wouldRestrict(view, namespace);
      const unsure = view.doubt(name);
      const it = about(namespaceSubject(name));
      if (by.length > 0)
        yield it.pass(
          own.length > 0
            ? `Its pods are restricted by ${listedPolicies(by)}.`
            : `It has no pods; ${listedPolicies(by)} would restrict new ones.`,
        );
      else if (unsure) yield it.unknown(unsure.reason, unsure.message);
      else if (view.engine === 'none')
        yield it.fail(`No engine is on, so no policy restricts ${name}.`, engineFirst(view));
      else yield it.fail(`No policy that is enforced restricts any pod in ${name}.`, firstPolicy(view, name));
    }
  },
};

/** A namespace without pods: its own policies are for pods to come, and cluster-wide ones count when they would select a new one. */
const wouldRestrict = ({ net }: View, namespace: Namespace): readonly PolicyRef[] => [
  ...new Set([
    ...net.governing.policies.filter((policy) => policy.namespace === namespace.name),
    ...net.governing.cilium.filter(
      (policy) => policy.namespace === namespace.name && (policy.ingress.isolates || policy.egress.isolates),
    ),
    ...restrictingByDefault(net, namespace),
  ]),
];

const firstPolicy = (view: View, namespace: string): string =>
  [
    '# Closes the namespace to others; its own pods and DNS stay reachable. Add what else it needs.',
    manifest(view, namespace, 'same-namespace-only', [
      'podSelector: {}',
      'policyTypes: [Ingress, Egress]',
      'ingress:',
      '  - from: [{ podSelector: {} }]',
      'egress:',
      '  - to: [{ podSelector: {} }]',
      ...dnsRule(view),
    ]),
  ].join('\n');
