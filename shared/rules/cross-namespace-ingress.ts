// A workload that a policy selects may still be open to every namespace.
import type { NetworkPolicy } from '../network/objects.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass } from './rule.ts';
import { viewOf, workloadSubject } from './view.ts';

const opensToAll = (policy: NetworkPolicy): boolean =>
  policy.ingress?.some(
    (rule) =>
      rule.peers === undefined || rule.peers.some((peer) => peer.kind === 'pods' && peer.namespaces?.length === 0),
  ) ?? false;

export const crossNamespaceIngress: Rule = {
  id: 'cross-namespace-ingress',
  title: 'The workload is not reachable from every namespace',
  rationale:
    'A namespace is the usual border between teams: a rule that selects all namespaces tears it down for every present and future one.',
  severity: 'medium',
  subject: 'workload',
  plane: 'in-cluster',
  controls: ['Least privilege'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const { workloads, net } = viewOf(snapshot);
    for (const workload of workloads) {
      const selecting = [...new Set(workload.classes.flatMap((c) => net.ingress.selectedBy[c]!))].map(
        (index) => net.policies[index]!,
      );
      const open = selecting.filter(opensToAll);
      const subject = workloadSubject(workload);
      if (selecting.length === 0) yield notApplicable('medium', 'No policy selects it for ingress.', subject);
      else if (open.length === 0) yield pass('medium', 'Its policies name the namespaces that may reach it.', subject);
      else
        yield fail(
          'medium',
          `Every namespace may reach it on some port, by ${open.map((policy) => policy.name).join(', ')}.`,
          open
            .map((policy) => editPolicy(policy, 'Give namespaceSelector the labels of the namespaces that need it.'))
            .join('\n'),
          subject,
        );
    }
  },
};
