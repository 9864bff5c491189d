// Says why Bulkhead could not look inside a cluster, and what would let it.
import type { Cluster } from '../model/cluster.ts';
import { grantInside } from '../model/reading-roles.ts';
import { azAks } from '../model/shell.ts';
import type { UnknownReason } from '../model/verdict.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { pass, unknown } from './rule.ts';

export const auditorVisibility: Rule = {
  id: 'auditor-visibility',
  title: 'Bulkhead can look inside the cluster',
  failing: 'cannot be looked into',
  rationale: 'What cannot be read cannot be judged: this rule says what stands in the way and how to remove it.',
  severity: 'info',
  subject: 'cluster',
  plane: 'cluster',
  tells: 'visibility',
  controls: ['Bulkhead: every in-cluster rule'],
  references: ['https://learn.microsoft.com/azure/aks/concepts-identity'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge({ cluster, inCluster }: Snapshot): Judgement {
  if (inCluster?.status === 'read') {
    const hidden = inCluster.forbiddenKinds;
    if (hidden.length === 0) return pass('Namespaces, pods, services and policies can be read.');
    return unknown('crd-forbidden', `The identity may not list ${hidden.join(', ')}.`, grantInside(cluster));
  }
  const { reason, message, remedy } = inCluster ?? fromBody(cluster);
  return unknown(reason, message, remedy);
}

/** Nobody tried to look inside: the body alone tells what would have stood in the way. */
function fromBody(cluster: Cluster): { reason: UnknownReason; message: string; remedy: string } {
  if (cluster.power === 'stopped')
    return { reason: 'stopped', message: 'The cluster is stopped.', remedy: azAks(cluster, 'start') };
  if (!cluster.entra)
    return {
      reason: 'no-entra',
      message: 'The cluster has no Entra integration: its user credential would be cluster-admin.',
      remedy: azAks(cluster, 'update', '--enable-aad', '--enable-azure-rbac'),
    };
  if (cluster.privateApi)
    return {
      reason: 'private',
      message: 'The API server is private.',
      remedy:
        'Connect the Function to the cluster’s network: VNet integration, peering and a link to its private DNS zone.',
    };
  return {
    reason: 'disabled',
    message: 'Only the ARM body was read.',
    remedy: 'Give the cluster’s manifests too, or let a scan read the cluster.',
  };
}
