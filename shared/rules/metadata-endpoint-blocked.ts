// The instance metadata service hands out tokens of the node's identity to whoever can reach it.
import { findAtom } from '../network/classes.ts';
import { parseIp } from '../network/ip.ts';
import type { Connectivity } from '../network/index.ts';
import { withAtom } from '../network/index.ts';
import type { CiliumPeer } from '../network/objects.ts';
import { labelsOf } from './isolation.ts';
import type { Rule } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';
import { viewOf, workloadSubject } from './view.ts';
import { dnsRule, policyManifest, yamlSelector } from './yaml-text.ts';

/** Azure Instance Metadata Service. */
const METADATA = parseIp('169.254.169.254')!;

export const metadataEndpointBlocked: Rule = {
  id: 'metadata-endpoint-blocked',
  title: 'The workload cannot reach the instance metadata endpoint',
  rationale:
    'A compromised pod that reaches 169.254.169.254 may get tokens of the node’s identity and act in Azure with them.',
  severity: 'low',
  subject: 'workload',
  plane: 'in-cluster',
  controls: ['Least privilege', 'Threat matrix for Kubernetes: instance metadata API'],
  references: ['https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service'],
  *evaluate(snapshot) {
    const { workloads, net, doubt } = viewOf(snapshot);
    const atom = findAtom(net.atoms, METADATA);
    for (const workload of workloads) {
      const open = workload.classes.some((c) => net.ports.includes(withAtom(net, 'egress', c, atom), 'TCP', 80));
      const conditional = workload.classes.some((c) => mayReachAddresses(net, c));
      const unsure = doubt(workload.namespace);
      const subject = workloadSubject(workload);
      if (unsure) yield unknown('low', unsure.reason, unsure.message, undefined, subject);
      else if (open)
        yield fail(
          'low',
          'It can reach 169.254.169.254 on TCP 80.',
          [
            '# Allows everything else. Policies add up: narrow what else lets its egress out to every address.',
            policyManifest(workload.namespace, `no-metadata-${workload.name}`, [
              `podSelector: ${yamlSelector(labelsOf(net, workload))}`,
              'policyTypes: [Egress]',
              'egress:',
              '  - to: [{ namespaceSelector: {} }]',
              '  - to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [169.254.169.254/32] } }]',
              ...dnsRule,
            ]),
          ].join('\n'),
          subject,
        );
      else if (conditional)
        yield unknown(
          'low',
          'unrecognised-value',
          'Whether it can reach 169.254.169.254 depends on requests, services or CIDR groups that the policies do not tell.',
          undefined,
          subject,
        );
      else yield pass('low', 'It cannot reach 169.254.169.254 on TCP 80.', subject);
    }
  },
};

/** What a filter on requests lets out to addresses is decided at run time, and so is a group that was not read; names do not lead to this address. */
const mayReachAddresses = (net: Connectivity, c: number): boolean =>
  net.egress.ciliumBy[c]!.some((policy) =>
    net.ciliumPolicies[policy]!.egress.allows.some(
      ({ conditional, peers }) => conditional && (peers === undefined || peers.some(mayBeAddress)),
    ),
  );

const mayBeAddress = (peer: CiliumPeer): boolean =>
  peer.kind === 'world' || peer.kind === 'ip' || (peer.kind === 'conditional' && peer.addresses === true);
