// Addresses of pods and nodes change: a block that names them works until it does not.
import { parseCidr, parseIp } from '../network/ip.ts';
import type { IpRange } from '../network/ip.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass } from './rule.ts';
import { blocksOf } from './blocks.ts';
import { policySubject, viewOf } from './view.ts';

export const noPodIp: Rule = {
  id: 'no-pod-ip',
  title: 'No address block of the policy names pods or nodes',
  rationale:
    'Pods get new addresses whenever they restart, and engines differ in whether a block covers them at all: select them by labels.',
  severity: 'medium',
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['AKS best practice'],
  references: ['https://learn.microsoft.com/azure/aks/network-policy-best-practices'],
  *evaluate(snapshot) {
    const { policies, objects, cluster } = viewOf(snapshot);
    const ranges = (cluster.network?.podCidrs ?? []).flatMap((cidr) => parseCidr(cidr) ?? []);
    const live = new Set(objects.pods.flatMap((pod) => pod.ips.flatMap((ip) => parseIp(ip) ?? [])));
    for (const policy of policies) {
      const blocks = blocksOf(policy);
      const subject = policySubject(policy);
      const hits = blocks.filter(({ cidr }) => {
        const range = parseCidr(cidr)!;
        return ranges.some((outer) => within(range, outer)) || (range.from === range.to && live.has(range.from));
      });
      if (blocks.length === 0) yield notApplicable('medium', 'It has no address block.', subject);
      else if (hits.length === 0) yield pass('medium', 'Its address blocks lie outside the pods.', subject);
      else
        yield fail(
          'medium',
          `${hits.map((block) => block.cidr).join(', ')} names pods or nodes of this cluster.`,
          editPolicy(policy, 'Replace the block by a podSelector and namespaceSelector.'),
          subject,
        );
    }
  },
};

const within = (inner: IpRange, outer: IpRange): boolean => outer.from <= inner.from && inner.to <= outer.to;
