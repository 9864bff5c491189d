// What in-cluster rules look at: the objects that are judged, and the connectivity that their policies leave, computed once a snapshot.
import type { Cluster } from '../../model/cluster.ts';
import { engineOf, isByoCni } from '../../model/cluster.ts';
import type { Subject } from '../../model/finding.ts';
import type { InClusterRead } from '../../model/in-cluster.ts';
import type { Engine, UnknownReason } from '../../model/verdict.ts';
import type { Connectivity, EngineProfile, Governed, PodClass, Workload } from '../../network/index.ts';
import { compile, knowsGroup, mayGovern, specification, workloadName, workloadsOf } from '../../network/index.ts';
import type {
  ClusterObjects,
  Direction,
  Labels,
  Namespace,
  NetworkPolicy,
  Pod,
  PolicyRef,
} from '../../network/objects.ts';
import { kindName, refName } from '../../network/objects.ts';
import type { Snapshot } from '../rule.ts';
import { parseVersion } from '../facts/version.ts';

export interface Doubt {
  readonly reason: UnknownReason;
  readonly message: string;
}

export interface View {
  readonly cluster: Cluster;
  readonly read: InClusterRead;
  /** What enforces: by the ARM body, or on a bring-your-own CNI by what runs. */
  readonly engine: Engine;
  readonly objects: ClusterObjects;
  readonly net: Connectivity;
  /** Namespaces that are judged: those of AKS and of the list are left out. */
  readonly namespaces: readonly Namespace[];
  /** What an engine can govern of each workload. */
  readonly workloads: readonly Workload[];
  /** What runs where the engine does not: no policy means it. */
  readonly ungoverned: readonly Workload[];
  readonly policies: readonly NetworkPolicy[];
  readonly judged: (namespace: string) => boolean;
  /**
   * Why policies that are not among those weighed may decide about a namespace: an answer that may depend on them is unknown.
   * With labels only such as may govern a pod that carries them, with a direction only in that one.
   */
  readonly doubt: (namespace: string, labels?: Labels, direction?: Direction) => Doubt | undefined;
}

/** The label AKS puts on every namespace that it manages. */
const MANAGED_BY = 'kubernetes.azure.com/managedby';

const views = new WeakMap<InClusterRead, View>();

/** @returns the view of a snapshot whose inside was read @throws when it was not: rules are not run then */
export function viewOf(snapshot: Snapshot): View {
  const { inCluster, cluster } = snapshot;
  if (inCluster?.status !== 'read') throw new Error('The inside of the cluster was not read');
  const known = views.get(inCluster);
  if (known) return known;
  const view = makeView(cluster, inCluster, snapshot.excludedNamespaces);
  views.set(inCluster, view);
  return view;
}

function makeView(cluster: Cluster, read: InClusterRead, excludedNamespaces: readonly string[]): View {
  const { objects } = read;
  const engine = isByoCni(cluster) ? (runningEngine(objects) ?? 'unrecognised') : engineOf(cluster);
  const excluded = new Set(excludedNamespaces);
  for (const { name, labels } of objects.namespaces) if (labels[MANAGED_BY] === 'aks') excluded.add(name);
  const judged = (namespace: string): boolean => !excluded.has(namespace);
  const net = compile(withDns(objects), profileOf(cluster, engine));
  const workloadsWhere = (holds: (c: PodClass) => boolean): readonly Workload[] =>
    workloadsOf(net, holds).filter((workload) => judged(workload.namespace) && workload.pods > 0);
  const byName = new Map(objects.namespaces.map((namespace) => [namespace.name, namespace]));
  return {
    cluster,
    read,
    engine,
    objects,
    net,
    namespaces: objects.namespaces.filter(({ name }) => judged(name)),
    workloads: workloadsWhere((c) => c.governed),
    ungoverned: workloadsWhere((c) => !c.governed),
    policies: objects.policies.filter((policy) => judged(policy.namespace)),
    judged,
    doubt: (name, labels, direction) => {
      const namespace = byName.get(name) ?? {
        name,
        labels: {},
        annotations: {},
      };
      return findDoubt(engine, read, {
        namespace,
        ...(labels === undefined ? {} : { labels }),
        ...(direction === undefined ? {} : { direction }),
      });
    },
  };
}

/** Kinds beside NetworkPolicy that each engine enforces, by a part of their resource's name. */
const OWN_KINDS: Readonly<Record<Engine, readonly string[]>> = {
  cilium: ['cilium'],
  calico: ['calico', 'policy.networking'],
  azure: [],
  none: [],
  unrecognised: ['cilium', 'calico', 'policy.networking'],
};

function findDoubt(engine: Engine, { forbiddenKinds, objects }: InClusterRead, governed: Governed): Doubt | undefined {
  const own = OWN_KINDS[engine];
  const hidden = forbiddenKinds.filter(
    (kind) => kind.startsWith('networkpolicies.networking') || own.some((part) => kind.includes(part)),
  );
  if (hidden.length > 0)
    return {
      reason: 'crd-forbidden',
      message: `The answer may depend on ${hidden.join(', ')}, which Bulkhead is not allowed to list.`,
    };
  const strange = objects.problems.find(
    (problem) => (engine === 'unrecognised' || knowsGroup(engine, problem.ref.group)) && mayGovern(problem, governed),
  );
  if (!strange) return undefined;
  return {
    reason: 'error',
    message: `The answer may depend on ${refName(strange.ref)}, which this version of Bulkhead cannot judge.`,
  };
}

export const profileOf = (cluster: Cluster, engine: Engine): EngineProfile => {
  if (engine === 'unrecognised') return specification;
  const windows = cluster.pools.length > 0 && cluster.pools.every((pool) => pool.os === 'windows');
  const kubernetes = parseVersion(cluster.kubernetesVersion);
  return { engine, windows, ...(kubernetes ? { kubernetes } : {}) };
};

/** The DaemonSets by which each engine is known. */
export const engineDaemonSets: readonly { readonly engine: 'cilium' | 'azure' | 'calico'; readonly name: string }[] = [
  { engine: 'cilium', name: 'cilium' },
  { engine: 'azure', name: 'azure-npm' },
  { engine: 'calico', name: 'calico-node' },
];

/** @returns the engine whose DaemonSet is at work, if one is */
export function runningEngine(objects: ClusterObjects): 'cilium' | 'azure' | 'calico' | undefined {
  return engineDaemonSets.find(({ name }) => objects.daemonSets.some((set) => set.name === name && set.ready > 0))
    ?.engine;
}

export const DNS_NAMESPACE = 'kube-system';
export const DNS_LABELS = { 'k8s-app': 'kube-dns' };
export const isDnsPod = (pod: Pod): boolean => pod.namespace === DNS_NAMESPACE && pod.labels['k8s-app'] === 'kube-dns';

/** Manifests hold no cluster DNS: one of no weight stands in, so that it can be asked who reaches it. */
export function withDns(objects: ClusterObjects): ClusterObjects {
  if (objects.pods.some((pod) => isDnsPod(pod) && !pod.hostNetwork)) return objects;
  const pod: Pod = {
    namespace: DNS_NAMESPACE,
    name: 'coredns',
    labels: DNS_LABELS,
    owner: { kind: 'Deployment', name: 'coredns' },
    replicas: 0,
    ips: [],
    hostNetwork: false,
    finished: false,
    ports: [
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53 },
    ],
  };
  const known = objects.namespaces.some(({ name }) => name === DNS_NAMESPACE);
  const namespace: Namespace = {
    name: DNS_NAMESPACE,
    labels: { 'kubernetes.io/metadata.name': DNS_NAMESPACE },
    annotations: {},
  };
  return {
    ...objects,
    pods: [...objects.pods, pod],
    namespaces: known ? objects.namespaces : [...objects.namespaces, namespace],
  };
}

/** @returns the classes of pods that policies can govern, by judged namespace */
export function classesByNamespace({ net, judged }: View): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const [index, { namespace }] of net.classes.entries()) {
    const { name } = net.objects.namespaces[namespace]!;
    if (!judged(name)) continue;
    const list = found.get(name);
    if (list) list.push(index);
    else found.set(name, [index]);
  }
  return found;
}

export const namespaceSubject = (name: string): Subject => `namespace/${name}`;
export const workloadSubject = (workload: Pick<Workload, 'namespace' | 'kind' | 'name'>): Subject =>
  `workload/${workloadName(workload)}`;
export const policySubject = (policy: PolicyRef): Subject =>
  `policy/${policy.namespace}/${policy.name}[${kindName(policy)}]`;
export const serviceSubject = (service: { namespace: string; name: string }): Subject =>
  `service/${service.namespace}/${service.name}`;
