// A rule that admits everyone on every port undoes the isolation its policy stands for.
import type { PolicyRule } from '../network/objects.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, pass } from './rule.ts';
import { policySubject, viewOf } from './view.ts';

const EVERYWHERE = new Set(['0.0.0.0/0', '::/0']);

const admitsAll = (rule: PolicyRule): boolean =>
  rule.ports === undefined &&
  (rule.peers === undefined ||
    rule.peers.some((peer) => peer.kind === 'ip' && EVERYWHERE.has(peer.block.cidr) && peer.block.except.length === 0));

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
    for (const policy of viewOf(snapshot).policies) {
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
  },
};
