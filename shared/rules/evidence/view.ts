// What in-cluster rules look at: the objects that are judged, and the connectivity that their policies leave, computed once a snapshot.
import type { Cluster } from '../../model/cluster.ts';
import { engineOf, isByoCni } from '../../model/cluster.ts';
import type { InClusterRead } from '../../model/in-cluster.ts';
import type { Engine } from '../../model/verdict.ts';
import type { Connectivity, PodClass, Workload } from '../../network/index.ts';
import { compile, workloadsOf } from '../../network/index.ts';
import type { ClusterObjects, Namespace, NetworkPolicy } from '../../network/objects.ts';
import type { Snapshot } from '../rule.ts';
import { withDns } from './dns.ts';
import type { DoubtOf } from './doubt.ts';
import { findDoubt } from './doubt.ts';
import { profileOf, runningEngine } from './engine.ts';

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
  /** What runs where the engine does not: no policy covers it. */
  readonly ungoverned: readonly Workload[];
  readonly policies: readonly NetworkPolicy[];
  readonly judged: (namespace: string) => boolean;
  readonly doubt: DoubtOf;
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
      const namespace = byName.get(name) ?? { name, labels: {}, annotations: {} };
      return findDoubt(engine, read, {
        namespace,
        ...(labels === undefined ? {} : { labels }),
        ...(direction === undefined ? {} : { direction }),
      });
    },
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
