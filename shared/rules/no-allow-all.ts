// A rule that admits everyone on every port undoes the isolation its policy stands for.
import { allIpv4, allIpv6, parseCidr } from '../network/ip.ts';
import type { IpBlock, PolicyRule, PortRule } from '../network/objects.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';
import { policySubject, viewOf } from './view.ts';

function isEverywhere({ cidr, except }: IpBlock): boolean {
  const range = parseCidr(cidr);
  return except.length === 0 && [allIpv4, allIpv6].some((all) => range?.from === all.from && range.to === all.to);
}

/** SCTP is left aside: hardly any pod speaks it. */
const isEveryPort = (ports: readonly PortRule[]): boolean =>
  (['TCP', 'UDP'] as const).every((protocol) =>
    ports.some((port) => 'from' in port && port.protocol === protocol && port.from <= 1 && port.to >= 65_535),
  );

const admitsAll = ({ peers, ports }: PolicyRule): boolean =>
  (ports === undefined || isEveryPort(ports)) &&
  (peers === undefined || peers.some((peer) => peer.kind === 'ip' && isEverywhere(peer.block)));

export const noAllowAll: Rule = {
  id: 'no-allow-all',
  title: 'No rule of the policy admits everyone on every port',
  rationale:
    'Policies add up: one rule that admits everyone opens the pods it selects whatever all other policies say.',
  severity: { worst: 'high', depends: 'the direction: ingress (high), egress alone (low)' },
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['kubeaudit: netpols', 'Trivy: KUBE-0001, KUBE-0002'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const { policies, objects, judged } = viewOf(snapshot);
    for (const policy of policies) {
      const open = (['ingress', 'egress'] as const).filter((direction) => policy[direction]?.some(admitsAll));
      const subject = policySubject(policy);
      if (open.length === 0) yield pass('high', 'Each of its rules names peers or ports.', subject);
      else
        yield fail(
          open.includes('ingress') ? 'high' : 'low',
          `A rule admits everyone on every port for ${open.join(' and ')}.`,
          editPolicy(policy, 'Name the peers and ports that are needed in the rule that has none.'),
          subject,
        );
    }
    // Here, because this is the rule that speaks of each policy by itself.
    for (const { ref, path, message } of objects.problems)
      if (ref.kind.endsWith('NetworkPolicy') && (ref.namespace === '' || judged(ref.namespace)))
        yield unknown(
          'high',
          'error',
          `It cannot be understood, and is left out: ${path} ${message}.`,
          undefined,
          policySubject(ref),
        );
  },
};
