// The roles that the identity of Bulkhead reads clusters with: what they are called, and how they are given to it. What is in them stands in
// `shared/estate/roles.ts`, and is written to `infra/roles/` from there.
import type { Cluster } from './cluster.ts';
import { azGrant, shellComment, shellLine } from './shell.ts';

/** What is read through Azure Resource Manager. */
export const AZURE_ROLE = 'Bulkhead Reader';
/** What is read inside clusters that ask Azure who may read: by itself, because Azure gives no such role at a management group. */
export const AZURE_INSIDE_ROLE = 'Bulkhead Cluster Reader';
/** The same in clusters that decide for themselves. */
export const CLUSTER_ROLE = 'bulkhead-reader';

export const AZURE_FILE = 'infra/roles/azure.json';
export const AZURE_INSIDE_FILE = 'infra/roles/azure-inside.json';
export const CLUSTER_FILE = 'infra/roles/cluster-role.yaml';

/** @returns how the identity is let read all that Bulkhead reads inside this cluster: as commands, by whoever decides there */
export function grantInside(cluster: Pick<Cluster, 'id' | 'entra' | 'azureRbac'>): string {
  if (!cluster.entra)
    return 'The local account of a cluster is cluster-admin: look for what stands between Bulkhead and the API server and refuses.';
  if (cluster.azureRbac)
    return [
      azGrant(AZURE_INSIDE_ROLE, cluster.id),
      shellComment(`Once for all clusters before: az role definition create --role-definition ${AZURE_INSIDE_FILE}`),
    ].join('\n');
  const binding = ['kubectl', 'create', 'clusterrolebinding', CLUSTER_ROLE, '--clusterrole', CLUSTER_ROLE];
  return [
    shellLine('kubectl', 'apply', '-f', CLUSTER_FILE),
    shellLine(...binding, '--user', 'OBJECT_ID_OF_PRINCIPAL'),
  ].join('\n');
}
