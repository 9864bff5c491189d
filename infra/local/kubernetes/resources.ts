// Which API resources the simulated API servers know: their groups, versions and kinds.
import type { KubeObject } from './object.ts';
import { groupOf } from './object.ts';

export interface Resource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Known only where something brought its definition. */
  readonly custom: boolean;
}

const table = (group: string, version: string, custom: boolean, kinds: Readonly<Record<string, string>>): Resource[] =>
  Object.entries(kinds).map(([plural, kind]) => ({
    group,
    version,
    plural,
    kind: kind.replace('*', ''),
    namespaced: !kind.startsWith('*'),
    custom,
  }));

const calico = {
  networkpolicies: 'NetworkPolicy',
  networksets: 'NetworkSet',
  globalnetworkpolicies: '*GlobalNetworkPolicy',
  globalnetworksets: '*GlobalNetworkSet',
  tiers: '*Tier',
};

/** A star marks a kind without namespace. */
export const resources: readonly Resource[] = [
  ...table('', 'v1', false, {
    configmaps: 'ConfigMap',
    namespaces: '*Namespace',
    nodes: '*Node',
    pods: 'Pod',
    secrets: 'Secret',
    serviceaccounts: 'ServiceAccount',
    services: 'Service',
  }),
  ...table('apps', 'v1', false, {
    daemonsets: 'DaemonSet',
    deployments: 'Deployment',
    replicasets: 'ReplicaSet',
    statefulsets: 'StatefulSet',
  }),
  ...table('batch', 'v1', false, { cronjobs: 'CronJob', jobs: 'Job' }),
  ...table('networking.k8s.io', 'v1', false, { ingresses: 'Ingress', networkpolicies: 'NetworkPolicy' }),
  ...table('discovery.k8s.io', 'v1', false, { endpointslices: 'EndpointSlice' }),
  ...table('rbac.authorization.k8s.io', 'v1', false, {
    clusterrolebindings: '*ClusterRoleBinding',
    rolebindings: 'RoleBinding',
  }),
  ...table('gateway.networking.k8s.io', 'v1', true, {
    gateways: 'Gateway',
    grpcroutes: 'GRPCRoute',
    httproutes: 'HTTPRoute',
  }),
  ...table('cilium.io', 'v2', true, {
    ciliumnetworkpolicies: 'CiliumNetworkPolicy',
    ciliumclusterwidenetworkpolicies: '*CiliumClusterwideNetworkPolicy',
  }),
  ...table('crd.projectcalico.org', 'v1', true, calico),
  ...table('projectcalico.org', 'v3', true, calico),
  ...table('policy.networking.k8s.io', 'v1alpha1', true, {
    adminnetworkpolicies: '*AdminNetworkPolicy',
    baselineadminnetworkpolicies: '*BaselineAdminNetworkPolicy',
  }),
  ...table('policy.networking.k8s.io', 'v1alpha2', true, { clusternetworkpolicies: '*ClusterNetworkPolicy' }),
];

export const apiVersionOf = ({ group, version }: Pick<Resource, 'group' | 'version'>): string =>
  group === '' ? version : `${group}/${version}`;

/** @returns the resource an object belongs to; undefined for kinds that the simulation does not serve */
export const resourceOf = ({ apiVersion, kind }: KubeObject): Resource | undefined =>
  resources.find(
    (resource) =>
      resource.kind === kind &&
      resource.group === groupOf(apiVersion) &&
      (resource.group !== 'policy.networking.k8s.io' || apiVersionOf(resource) === apiVersion),
  );

/** @returns `pods`, `ciliumnetworkpolicies.cilium.io`: as RBAC and people name it */
export const resourceName = ({ group, plural }: Resource): string => (group === '' ? plural : `${plural}.${group}`);
