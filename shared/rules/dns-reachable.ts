// A workload closed for egress that cannot resolve names is broken, and gets opened in a hurry.
import { parseCidr } from '../network/ip.ts';
import type { Connectivity } from '../network/index.ts';
import { between, withAtom } from '../network/index.ts';
import { NONE } from '../network/port-sets.ts';
import { isIsolated, labelsOf } from './isolation.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './view.ts';
import { isDnsPod, viewOf, workloadSubject } from './view.ts';
import { dnsRule, policyManifest, yamlSelector } from './yaml-text.ts';

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
    const local = view.net.atoms.flatMap(({ from, to }, index) =>
      from <= LOCAL_DNS.to && LOCAL_DNS.from <= to ? [index] : [],
    );
    for (const workload of view.workloads) {
      const closed = workload.classes.filter((c) => isIsolated(view.net, 'egress', c));
      const blind = closed.filter((c) => !resolves(view, c, dns, local));
      const unsure = view.doubt(workload.namespace);
      const subject = workloadSubject(workload);
      if (closed.length === 0) yield notApplicable('high', 'It is not closed for egress.', subject);
      else if (blind.length === 0) yield pass('high', 'It reaches the cluster’s DNS on UDP and TCP 53.', subject);
      else if (unsure) yield unknown('high', unsure.reason, unsure.message, undefined, subject);
      else if (blind.some((c) => view.net.egress.conditional.has(c)))
        yield unknown(
          'high',
          'unrecognised-value',
          'Whether it reaches the cluster’s DNS depends on names or requests, which only run time tells.',
          undefined,
          subject,
        );
      else
        yield fail(
          'high',
          'It is closed for egress and cannot reach the cluster’s DNS on UDP and TCP 53.',
          policyManifest(workload.namespace, `allow-dns-${workload.name}`, [
            `podSelector: ${yamlSelector(labelsOf(view.net, workload))}`,
            'policyTypes: [Egress]',
            'egress:',
            ...dnsRule,
          ]),
          subject,
        );
    }
  },
};

function resolves({ net }: View, c: number, dns: readonly number[], local: readonly number[]): boolean {
  const both = (ports: number): boolean => net.ports.includes(ports, 'UDP', 53) && net.ports.includes(ports, 'TCP', 53);
  return (
    dns.some((pod) => both(between(net, c, pod)) || both(throughProxy(net, c, pod))) ||
    local.some((atom) => both(withAtom(net, 'egress', c, atom)))
  );
}

/** Rules with a filter on names send DNS through Cilium's proxy: it is reached, for the names they allow. */
function throughProxy(net: Connectivity, c: number, pod: number): number {
  const rules = net.egress.ciliumBy[c]!.flatMap((policy) => net.ciliumPolicies[policy]!.egress.allows);
  const named = rules.filter(
    ({ conditional, peers }) =>
      conditional && peers?.some((p) => p.kind === 'pods' && net.columns.pods(p.namespaces, p.pods).includes(pod)),
  );
  const ports = named.flatMap((rule) => rule.ports ?? []).flatMap((port) => ('from' in port ? [port] : []));
  return ports.reduce((sum, { protocol, from, to }) => net.ports.union(sum, net.ports.range(protocol, from, to)), NONE);
}
