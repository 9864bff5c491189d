// Under Cilium an address block never means pods or nodes, even where it covers their addresses.
import type { IpRange } from '../network/ip.ts';
import { meeting, parseCidr, subtractRanges } from '../network/ip.ts';
import type { IpBlock, NetworkPolicy, PolicyRule } from '../network/objects.ts';
import { listed } from '../model/listed.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

/** Where nothing tells the addresses of pods: what AKS gives an overlay by default. */
const USUAL_PODS = parseCidr('10.244.0.0/16')!;

export const ciliumIpBlock: Rule = {
  id: 'cilium-ip-block',
  title: 'The policy does not rely on address blocks to admit pods',
  failing: 'relies on address blocks to admit pods',
  rationale:
    'Cilium identifies pods by labels, not addresses: a block that covers them, even 0.0.0.0/0, admits none of them.',
  severity: { medium: 'under Cilium', low: 'under NPM, as a hint before the move to Cilium' },
  subject: 'policy',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['AKS migration guide: NPM to Cilium'],
  references: ['https://learn.microsoft.com/azure/aks/migrate-from-npm-to-cilium-network-policy'],
  *evaluate(snapshot) {
    const { policies, engine, cluster, objects } = viewOf(snapshot);
    const inUse = [
      ...(cluster.network?.podCidrs ?? []),
      ...objects.pods.flatMap((pod) => pod.ips.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`)),
    ].flatMap((cidr) => parseCidr(cidr) ?? []);
    const meetsPods = meeting(inUse.length > 0 ? inUse : [USUAL_PODS]);
    for (const policy of policies) {
      const it = about(policySubject(policy));
      const relied = rulesOf(policy).flatMap((rule) => reliedOn(rule, meetsPods));
      if (engine !== 'cilium' && engine !== 'azure') yield it.notApplicable('The engine is neither Cilium nor NPM.');
      else if (relied.length === 0) yield it.pass('Its address blocks do not cover pods.');
      else
        yield about(policySubject(policy), engine === 'azure' ? 'low' : 'medium').fail(
          `Blocks that cover addresses of pods: ${listed(relied.map((block) => block.cidr))}. Cilium does not match pods by address${engine === 'azure' ? ', so these blocks would not cover them after a move to Cilium' : ''}.`,
          editPolicy(
            policy,
            'Next to the block, add a peer: namespaceSelector: {} and podSelector: {} for all pods, or the labels of those that are meant.',
          ),
        );
    }
  },
};

const rulesOf = (policy: NetworkPolicy): readonly PolicyRule[] => [...(policy.ingress ?? []), ...(policy.egress ?? [])];

/** @returns the blocks by which a rule means pods; a rule that also selects every pod relies on none of its blocks */
function reliedOn({ peers = [] }: PolicyRule, meetsPods: (range: IpRange) => boolean): readonly IpBlock[] {
  if (peers.some((peer) => peer.kind === 'pods' && peer.namespaces?.length === 0 && peer.pods.length === 0)) return [];
  return peers.flatMap((peer) => {
    if (peer.kind !== 'ip') return [];
    const { cidr, except } = peer.block;
    const holes = except.map((text) => parseCidr(text)!);
    const parts = subtractRanges(parseCidr(cidr)!, holes);
    return parts.some(meetsPods) ? [peer.block] : [];
  });
}
