// Nodes with public addresses of their own stand on the internet, whatever the load balancer before them lets through.
import type { NodePool } from '../model/cluster.ts';
import { azAks, shellComment } from '../model/shell.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, notApplicable, pass } from './rule.ts';

export const nodePublicIp: Rule = {
  id: 'node-public-ip',
  title: 'No node has a public address',
  failing: 'has nodes with public addresses',
  rationale:
    'A node with a public address can be reached past every load balancer and policy: only a network security group protects its ports.',
  severity: 'medium',
  subject: 'cluster',
  plane: 'cluster',
  since: 3,
  controls: ['Checkov: CKV_AZURE_143', 'Kubescape: C-0248'],
  references: ['https://learn.microsoft.com/azure/aks/use-node-public-ips'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge({ cluster }: Snapshot): Judgement {
  const exposed = cluster.pools.filter(({ publicIps }) => publicIps);
  if (cluster.pools.length === 0) return notApplicable('The cluster has no node pools.');
  if (exposed.length === 0) return pass('No pool gives its nodes public addresses.');
  return fail(
    `Every node has a public address in ${exposed.length === 1 ? 'pool' : 'pools'} ${exposed.map(({ name }) => name).join(', ')}.`,
    [
      shellComment('Create pools like these without --enable-node-public-ip, and move the workloads there:'),
      ...exposed.map((pool) => azAks(cluster, 'nodepool add', '--name', 'NEW_POOL', ...kindOf(pool))),
      shellComment('Then delete the old ones:'),
      ...exposed.map(({ name }) => azAks(cluster, 'nodepool delete', '--name', name)),
    ].join('\n'),
  );
}

/** What a pool needs to take over: the cluster always keeps a system pool. */
const kindOf = ({ os, mode }: NodePool): readonly string[] => [
  ...(os === 'windows' ? ['--os-type', 'Windows'] : []),
  ...(mode === 'system' ? ['--mode', 'System'] : []),
];
