// The instance metadata service hands out tokens of the node's identity to whoever can reach it.
import { findAtom } from '../network/classes.ts';
import { parseIp } from '../network/ip.ts';
import { withAtom } from '../network/index.ts';
import { denyAll } from './manifests.ts';
import type { Rule } from './rule.ts';
import { fail, pass } from './rule.ts';
import { viewOf, workloadSubject } from './view.ts';

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
    const { workloads, net } = viewOf(snapshot);
    const atom = findAtom(net.atoms, METADATA);
    for (const workload of workloads) {
      const open = workload.classes.some((c) => net.ports.includes(withAtom(net, 'egress', c, atom), 'TCP', 80));
      const subject = workloadSubject(workload);
      if (open)
        yield fail('low', 'It can reach 169.254.169.254 on TCP 80.', denyAll(workload.namespace, 'Egress'), subject);
      else yield pass('low', 'It cannot reach 169.254.169.254 on TCP 80.', subject);
    }
  },
};
