// Addresses of pods and nodes change: a block that names them works until it does not.
import { parseCidr, parseIp } from '../network/ip.ts';
import type { IpRange } from '../network/ip.ts';
import { listed } from '../model/listed.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Rule } from './rule.ts';
import { about } from './rule.ts';
import { blocksOf } from './evidence/blocks.ts';
import type { View } from './evidence/view.ts';
import { policySubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const noPodIp: Rule = {
  id: 'no-pod-ip',
  title: 'No address block of the policy names pods or nodes',
  failing: 'names pods or nodes by their addresses',
  rationale:
    'Pods get new addresses whenever they restart, and engines differ in whether a block covers them at all: select them by labels.',
  severity: 'medium',
  subject: 'policy',
  plane: 'in-cluster',
  controls: ['AKS best practice'],
  references: ['https://learn.microsoft.com/azure/aks/network-policy-best-practices'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const inUse = addressesOf(view);
    for (const policy of view.policies) {
      const blocks = blocksOf(policy);
      const it = about(policySubject(policy));
      const hits = blocks.flatMap(({ cidr }) => {
        const whose = ownerOf(parseCidr(cidr)!, inUse);
        return whose ? [{ cidr, whose }] : [];
      });
      if (blocks.length === 0) yield it.notApplicable('It has no address block.');
      else if (hits.length === 0) yield it.pass('Its address blocks name neither pods nor nodes.');
      else
        yield it.fail(
          `Blocks name ${[...new Set(hits.map(({ whose }) => whose))].join(' and ')} of this cluster: ${listed(hits.map(({ cidr }) => cidr))}.`,
          editPolicy(policy, remedy(view, new Set(hits.map(({ whose }) => whose)))),
        );
    }
  },
};

type Whose = 'pods' | 'nodes';

interface InUse {
  readonly podRanges: readonly IpRange[];
  readonly pods: ReadonlySet<bigint>;
  readonly nodes: ReadonlySet<bigint>;
}

/** Pods on the network of their node have its address: they tell it where nodes may not be read. */
function addressesOf({ objects, cluster }: View): InUse {
  const numbers = (ips: readonly string[]): readonly bigint[] => ips.flatMap((ip) => parseIp(ip) ?? []);
  const cidrs = [...(cluster.network?.podCidrs ?? []), ...objects.nodes.flatMap((node) => node.podCidrs)];
  const onNode = objects.pods.filter((pod) => pod.hostNetwork);
  return {
    podRanges: cidrs.flatMap((cidr) => parseCidr(cidr) ?? []),
    pods: new Set(objects.pods.flatMap((pod) => (pod.hostNetwork ? [] : numbers(pod.ips)))),
    nodes: new Set([...objects.nodes.map((node) => node.addresses), ...onNode.map((pod) => pod.ips)].flatMap(numbers)),
  };
}

function ownerOf(block: IpRange, { podRanges, pods, nodes }: InUse): Whose | undefined {
  if (podRanges.some((outer) => within(block, outer))) return 'pods';
  if (block.from !== block.to) return undefined;
  if (nodes.has(block.from)) return 'nodes';
  return pods.has(block.from) ? 'pods' : undefined;
}

/** Cilium never matches nodes by a block, only as entities (AKS, Azure CNI powered by Cilium). */
function remedy({ engine }: View, whose: ReadonlySet<Whose>): string {
  const nodes =
    engine === 'cilium'
      ? 'Instead of a node’s address, allow nodes by a CiliumNetworkPolicy with the entities host and remote-node.'
      : 'Replace the address of a node with the range of its subnet: every upgrade gives nodes new addresses.';
  return [
    ...(whose.has('pods') ? ['Replace the block with a podSelector and namespaceSelector.'] : []),
    ...(whose.has('nodes') ? [nodes] : []),
  ].join(' ');
}

const within = (inner: IpRange, outer: IpRange): boolean => outer.from <= inner.from && inner.to <= outer.to;
