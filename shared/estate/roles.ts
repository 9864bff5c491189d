// What the roles hold that Bulkhead reads with: exactly what it asks for, and nothing that writes. The deployment takes them from `infra/roles/`, which is
// made of this.
import { AZURE_INSIDE_ROLE, AZURE_ROLE, CLUSTER_ROLE } from '../model/reading-roles.ts';
import { readKinds } from './kubernetes/kinds.ts';

/** An Azure role as `az role definition create` takes it. */
export interface AzureRole {
  readonly Name: string;
  readonly IsCustom: true;
  readonly Description: string;
  readonly Actions: readonly string[];
  readonly DataActions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

const CLUSTERS = 'Microsoft.ContainerService/managedClusters';
/** Is to be replaced by those who create the role. */
const SCOPE = '/subscriptions/SUBSCRIPTION_ID';

/** One action for each call that is made. Run commands, which are off unless a setting says otherwise, are not among them. */
export const azureRole: AzureRole = {
  Name: AZURE_ROLE,
  IsCustom: true,
  Description: 'Lets Bulkhead list subscriptions and clusters, and ask for the addresses of API servers.',
  Actions: [
    'Microsoft.Resources/subscriptions/read',
    // Management Group Reader does not have it.
    'Microsoft.Management/managementGroups/descendants/read',
    `${CLUSTERS}/read`,
    `${CLUSTERS}/managedNamespaces/read`,
    `${CLUSTERS}/listClusterUserCredential/action`,
  ],
  DataActions: [],
  AssignableScopes: [SCOPE],
};

/** Of the groups of Kubernetes itself Azure knows each kind; all others are custom resources to it (Azure permissions for containers). */
const KNOWN_TO_AZURE = new Set(['apps', 'batch', 'discovery.k8s.io', 'networking.k8s.io', 'rbac.authorization.k8s.io']);

function dataAction(group: string, resource: string): string {
  if (group === '') return `${CLUSTERS}/${resource}/read`;
  return KNOWN_TO_AZURE.has(group) ? `${CLUSTERS}/${group}/${resource}/read` : `${CLUSTERS}/customresources/read`;
}

/** Each group in which a kind may be, with what is listed of it. */
const listed: readonly (readonly [group: string, resource: string])[] = readKinds.flatMap(({ places, resource }) =>
  places.map(({ group }) => [group, resource] as const),
);

export const azureInsideRole: AzureRole = {
  Name: AZURE_INSIDE_ROLE,
  IsCustom: true,
  Description: 'Lets Bulkhead list what network policy depends on inside clusters that Azure authorises.',
  Actions: [],
  DataActions: [...new Set(listed.map(([group, resource]) => dataAction(group, resource)))].toSorted(),
  AssignableScopes: [SCOPE],
};

/** The role of Kubernetes' own authorisation: the built-in `view` has no custom resources, no nodes and no role bindings. */
export const clusterRole = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: CLUSTER_ROLE },
  rules: [...Map.groupBy(listed, ([group]) => group)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, resources]) => ({
      apiGroups: [group],
      resources: [...new Set(resources.map(([, resource]) => resource))].toSorted(),
      verbs: ['list'],
    })),
} as const;
