// A workload closed for egress that cannot resolve names is broken, and gets opened in a hurry.
import { findAtom } from '../network/classes.ts';
import { parseCidr } from '../network/ip.ts';
import { between, withAtom } from '../network/index.ts';
import { allowDns } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './view.ts';
import { isDnsPod, viewOf, workloadSubject } from './view.ts';

/** The node-local cache of AKS (LocalDNS) answers on this range. */
const LOCAL_DNS = parseCidr('169.254.10.0/24')!;

export const dnsReachable: Rule = {
  id: 'dns-reachable',
  title: 'The workload can reach the cluster’s DNS',
  rationale:
    'Without UDP and TCP 53 to the cluster’s DNS nothing can be resolved: the usual repair is to open egress altogether.',
  severity: 'high',
  subject: 'workload',
  plane: 'in-cluster',
  controls: ['AKS best practice'],
  references: ['https://learn.microsoft.com/azure/aks/network-policy-best-practices'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const dns = [...view.net.classes.entries()]
      .filter(([, c]) => c.members.some((member) => isDnsPod(view.net.objects.pods[member]!)))
      .map(([index]) => index);
    for (const workload of view.workloads) {
      const closed = workload.classes.filter((c) => view.net.egress.rowOf[c] !== -1);
      const subject = workloadSubject(workload);
      if (closed.length === 0) yield notApplicable('high', 'It is not closed for egress.', subject);
      else if (closed.every((c) => resolves(view, c, dns)))
        yield pass('high', 'It reaches the cluster’s DNS on UDP and TCP 53.', subject);
      else if (view.unweighed.length > 0)
        yield unknown(
          'high',
          'error',
          'Policies of the engine’s own kinds exist, which this version cannot weigh.',
          undefined,
          subject,
        );
      else
        yield fail(
          'high',
          'It is closed for egress and cannot reach the cluster’s DNS on UDP and TCP 53.',
          allowDns(workload.namespace),
          subject,
        );
    }
  },
};

function resolves({ net }: View, c: number, dns: readonly number[]): boolean {
  const both = (ports: number): boolean => net.ports.includes(ports, 'UDP', 53) && net.ports.includes(ports, 'TCP', 53);
  const local = findAtom(net.atoms, LOCAL_DNS.from);
  return dns.some((pod) => both(between(net, c, pod))) || (local !== -1 && both(withAtom(net, 'egress', c, local)));
}
