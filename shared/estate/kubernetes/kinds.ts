// What is read of a cluster: one row a kind, and where the API server keeps it.
import type { Message } from './protobuf/fields.ts';
import { nodeMessage, podMessage } from './protobuf/objects.ts';

export interface Place {
  /** Empty for the core group. */
  readonly group: string;
  /** Those that Bulkhead was written for, the one it prefers first. */
  readonly versions: readonly string[];
}

/** How many objects of a kind are read: twice the Services that Kubernetes is tested with (its scalability thresholds). */
export const USUAL_MOST = 20_000;

export interface ReadKind {
  /** As objects of it name themselves. */
  readonly kind: string;
  /** As RBAC names it: lower case, plural. */
  readonly resource: string;
  /** Where it may be found: every group is read, in the first of its versions that is served. */
  readonly places: readonly Place[];
  /** `must`: without it nothing can be judged. `policy`: absent means none, forbidden is told. `hint`: where it is absent or forbidden, only detail is lost. */
  readonly need: 'must' | 'policy' | 'hint';
  /** Only names, labels and owners are asked for. */
  readonly metadataOnly?: boolean;
  /** What is read of it where the API server gives it in protocol buffers, as it does for its own kinds. */
  readonly message?: Message;
  /** A field selector, as the API server takes it. */
  readonly fields?: string;
  /** How many are read, where it is not as many as of most kinds. */
  readonly most?: number;
  /** Not worth a kubectl of its own where a run command reads the cluster. */
  readonly directOnly?: boolean;
}

const core: readonly Place[] = [{ group: '', versions: ['v1'] }];
const cilium: readonly Place[] = [{ group: 'cilium.io', versions: ['v2'] }];
/**
 * Calico's own API server or newer definitions, and its older definitions, which AKS installs. The first may serve what
 * lies in the second, or be empty beside it before a migration: both are read.
 */
const calico: readonly Place[] = [
  { group: 'projectcalico.org', versions: ['v3'] },
  { group: 'crd.projectcalico.org', versions: ['v1'] },
];
const gateway = (...versions: string[]): readonly Place[] => [{ group: 'gateway.networking.k8s.io', versions }];
const rbac: readonly Place[] = [{ group: 'rbac.authorization.k8s.io', versions: ['v1'] }];
const admin = (version: string): readonly Place[] => [{ group: 'policy.networking.k8s.io', versions: [version] }];

/**
 * 200,000 pods are the most that AKS supports in a cluster (AKS quotas).
 *
 * All pods in one list: finished ones are not endpoints, but a policy that selects them is not dangling. Selected by their
 * phase they would cost the API server a walk through all pods for each phase (3 to 7 s for 20,000 pods, measured).
 * Jobs are read for their owners: without them every run of a CronJob would be a workload of its own.
 */
export const readKinds: readonly ReadKind[] = [
  { kind: 'Namespace', resource: 'namespaces', places: core, need: 'must' },
  { kind: 'Pod', resource: 'pods', places: core, need: 'must', message: podMessage, most: 200_000 },
  // Where pods run; most roles do not let them be read, and then the names of nodes tell.
  { kind: 'Node', resource: 'nodes', places: core, need: 'hint', message: nodeMessage },
  { kind: 'Service', resource: 'services', places: core, need: 'must' },
  {
    kind: 'NetworkPolicy',
    resource: 'networkpolicies',
    places: [{ group: 'networking.k8s.io', versions: ['v1'] }],
    need: 'must',
  },
  { kind: 'DaemonSet', resource: 'daemonsets', places: [{ group: 'apps', versions: ['v1'] }], need: 'must' },
  {
    kind: 'Job',
    resource: 'jobs',
    places: [{ group: 'batch', versions: ['v1'] }],
    need: 'hint',
    metadataOnly: true,
    most: 100_000,
  },
  { kind: 'CiliumNetworkPolicy', resource: 'ciliumnetworkpolicies', places: cilium, need: 'policy' },
  {
    kind: 'CiliumClusterwideNetworkPolicy',
    resource: 'ciliumclusterwidenetworkpolicies',
    places: cilium,
    need: 'policy',
  },
  // Policies refer to them: where one is not there or may not be read, what refers to it is uncertain.
  {
    kind: 'CiliumCIDRGroup',
    resource: 'ciliumcidrgroups',
    places: [{ group: 'cilium.io', versions: ['v2', 'v2alpha1'] }],
    need: 'hint',
  },
  { kind: 'CiliumLocalRedirectPolicy', resource: 'ciliumlocalredirectpolicies', places: cilium, need: 'hint' },
  { kind: 'NetworkPolicy', resource: 'networkpolicies', places: calico, need: 'policy' },
  { kind: 'GlobalNetworkPolicy', resource: 'globalnetworkpolicies', places: calico, need: 'policy' },
  { kind: 'Tier', resource: 'tiers', places: calico, need: 'policy' },
  // Their labels answer to the selectors of Calico rules, as those of pods do.
  { kind: 'NetworkSet', resource: 'networksets', places: calico, need: 'policy' },
  { kind: 'GlobalNetworkSet', resource: 'globalnetworksets', places: calico, need: 'policy' },
  { kind: 'AdminNetworkPolicy', resource: 'adminnetworkpolicies', places: admin('v1alpha1'), need: 'policy' },
  {
    kind: 'BaselineAdminNetworkPolicy',
    resource: 'baselineadminnetworkpolicies',
    places: admin('v1alpha1'),
    need: 'policy',
  },
  { kind: 'ClusterNetworkPolicy', resource: 'clusternetworkpolicies', places: admin('v1alpha2'), need: 'policy' },
  // The ways in from outside.
  {
    kind: 'Ingress',
    resource: 'ingresses',
    places: [{ group: 'networking.k8s.io', versions: ['v1'] }],
    need: 'hint',
  },
  { kind: 'Gateway', resource: 'gateways', places: gateway('v1'), need: 'hint' },
  { kind: 'HTTPRoute', resource: 'httproutes', places: gateway('v1'), need: 'hint' },
  { kind: 'GRPCRoute', resource: 'grpcroutes', places: gateway('v1'), need: 'hint' },
  { kind: 'TLSRoute', resource: 'tlsroutes', places: gateway('v1', 'v1alpha3', 'v1alpha2'), need: 'hint' },
  { kind: 'TCPRoute', resource: 'tcproutes', places: gateway('v1', 'v1alpha2'), need: 'hint' },
  { kind: 'UDPRoute', resource: 'udproutes', places: gateway('v1', 'v1alpha2'), need: 'hint' },
  // Whether a pod calls the API server, and where that is.
  { kind: 'ServiceAccount', resource: 'serviceaccounts', places: core, need: 'hint', directOnly: true },
  { kind: 'RoleBinding', resource: 'rolebindings', places: rbac, need: 'hint', directOnly: true },
  { kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', places: rbac, need: 'hint', directOnly: true },
  {
    kind: 'EndpointSlice',
    resource: 'endpointslices',
    places: [{ group: 'discovery.k8s.io', versions: ['v1'] }],
    need: 'hint',
    fields: 'metadata.name=kubernetes',
    directOnly: true,
  },
];

/** Kubernetes API versioning: what may become part of an address. */
const VERSION = /^v\d{1,3}((alpha|beta)\d{1,3})?$/;
/** More versions of one group than any has: those after it are not asked for. */
const MAX_VERSIONS = 10;

/** The API groups an API server serves, with their versions; undefined when it does not tell. */
export type Served = ReadonlyMap<string, readonly string[]> | undefined;

/** @param raw the answer to `GET /apis` */
export function parseServed(raw: unknown): Served {
  const { kind, groups } = (raw ?? {}) as { kind?: unknown; groups?: unknown };
  if (kind !== 'APIGroupList' || !Array.isArray(groups)) return undefined;
  const served = new Map<string, readonly string[]>();
  for (const group of groups as { name?: unknown; versions?: unknown }[]) {
    const versions = Array.isArray(group?.versions) ? (group.versions as { version?: unknown }[]) : [];
    const known = versions.map((entry) => String(entry?.version)).filter((version) => VERSION.test(version));
    if (typeof group?.name === 'string') served.set(group.name, known.slice(0, MAX_VERSIONS));
  }
  return served;
}

export interface Candidate {
  readonly group: string;
  /** `v1`, `cilium.io/v2` */
  readonly apiVersion: string;
  readonly path: string;
}

/**
 * @returns for each group that may have a kind where to look for it, the best version first; none when the API server says
 * that it has no such group. A group that serves only versions that Bulkhead does not know is asked in those: an unread policy must
 * not count as absent.
 */
export function candidates(
  { resource, places, fields, need }: ReadKind,
  served: Served,
): readonly (readonly Candidate[])[] {
  return places.flatMap(({ group, versions }) => {
    // The core group is not among those that an API server lists.
    const there = need === 'must' || !served || group === '' ? versions : served.get(group);
    if (!there) return [];
    const known = versions.filter((version) => there.includes(version));
    return [
      (known.length > 0 ? known : there).map((version) => {
        const apiVersion = group === '' ? version : `${group}/${version}`;
        const base = group === '' ? `/api/${version}` : `/apis/${apiVersion}`;
        const query = fields === undefined ? '' : `?fieldSelector=${encodeURIComponent(fields)}`;
        return { group, apiVersion, path: `${base}/${resource}${query}` };
      }),
    ];
  });
}

/** @returns `pods`, `ciliumnetworkpolicies.cilium.io`: how RBAC and people name it */
export const resourceName = (resource: string, group: string): string =>
  group === '' ? resource : `${resource}.${group}`;
