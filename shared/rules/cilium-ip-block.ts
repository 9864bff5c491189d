// Under Cilium an address block never means pods or nodes, also where it covers their addresses.
import { parseCidr } from '../network/ip.ts';
import { blocksOf } from './blocks.ts';
import { editPolicy } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass } from './rule.ts';
import { policySubject, viewOf } from './view.ts';

export const ciliumIpBlock: Rule = {
  id: 'cilium-ip-block',
  title: 'No address block is relied on to admit pods',
  rationale:
    'Cilium identifies pods by labels, not addresses: a block that covers them, even 0.0.0.0/0, admits none of them.',
  severity: { worst: 'medium', depends: 'the engine: Cilium (medium), NPM as readiness for the move to Cilium (low)' },
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['AKS migration guide: NPM to Cilium'],
  references: ['https://learn.microsoft.com/azure/aks/migrate-from-npm-to-cilium-network-policy'],
  *evaluate(snapshot) {
    const { policies, engine, cluster, objects } = viewOf(snapshot);
    const pods = [
      ...(cluster.network?.podCidrs ?? []),
      ...objects.pods.flatMap((pod) => pod.ips.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`)),
    ].flatMap((cidr) => parseCidr(cidr) ?? []);
    for (const policy of policies) {
      const subject = policySubject(policy);
      const severity = engine === 'azure' ? 'low' : 'medium';
      const relied = blocksOf(policy).filter(({ cidr, except }) => {
        const range = parseCidr(cidr)!;
        const holes = except.map((text) => parseCidr(text)!);
        return pods.some(
          (pod) =>
            range.from <= pod.to &&
            pod.from <= range.to &&
            !holes.some((hole) => hole.from <= pod.from && pod.to <= hole.to),
        );
      });
      if (engine !== 'cilium' && engine !== 'azure')
        yield notApplicable('medium', 'The engine is neither Cilium nor NPM.', subject);
      else if (relied.length === 0) yield pass('medium', 'Its address blocks do not cover pods.', subject);
      else
        yield fail(
          severity,
          `${relied.map((block) => block.cidr).join(', ')} covers addresses of pods, and Cilium matches none of them by address.`,
          editPolicy(
            policy,
            'Beside the block add a peer with namespaceSelector: {} and podSelector: {}, or the labels that are meant.',
          ),
          subject,
        );
    }
  },
};
