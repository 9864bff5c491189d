// Everything the API server of one simulated cluster holds: what AKS brings, what the manifests declare, and what controllers make of both.
import { createPodAddresses } from './addresses.ts';
import { nodeObjects, nodesOf } from './nodes.ts';
import type { Fields, KubeObject } from './object.ts';
import { fieldsOf, identityOf } from './object.ts';
import type { Resource } from './resources.ts';
import { apiVersionOf, resourceName, resourceOf, resources } from './resources.ts';
import { engineOf, systemObjects } from './system.ts';
import { runWorkload, uidOf } from './workloads.ts';

export interface ClusterState {
  /** Those that this cluster knows, each with its objects by namespace and name. */
  readonly served: ReadonlyMap<Resource, readonly KubeObject[]>;
  readonly version: string;
  /** Of everything in it: a changed cluster has a higher one. */
  readonly resourceVersion: number;
}

/** Of a cluster that has not changed yet. */
export const FIRST_VERSION = 1_000;

/**
 * @param body the ARM body of the cluster
 * @param manifests its own objects; one with the name of a system object replaces it
 * @param resourceVersion higher than that of the state before
 */
export function clusterState(
  body: Fields,
  manifests: readonly KubeObject[],
  resourceVersion = FIRST_VERSION,
): ClusterState {
  const nodes = nodesOf(body);
  const declared = new Map<string, KubeObject>();
  for (const object of [...systemObjects(body), ...nodeObjects(nodes), ...manifests]) {
    const resource = resourceOf(object);
    if (!resource) continue;
    const placed = resource.namespaced ? inNamespace(object) : object;
    declared.set(identityOf(placed), placed);
  }
  addNamespaces(declared);
  const { podCidrs, podCidr } = fieldsOf(fieldsOf(body, 'properties'), 'networkProfile');
  const cidrs = (Array.isArray(podCidrs) ? podCidrs : [podCidr]).filter((cidr) => typeof cidr === 'string');
  const taken = [...declared.values()].map((object) => fieldsOf(object, 'status')['podIP']);
  const addresses = createPodAddresses(cidrs, new Set(taken.filter((ip) => typeof ip === 'string')));
  const all = [...declared.values()].flatMap((object) => runWorkload(object, nodes, addresses));
  const version = fieldsOf(body, 'properties')['currentKubernetesVersion'];
  const kubernetes = typeof version === 'string' ? version : '1.34.2';
  return { served: serve(all, engineOf(body)), version: kubernetes, resourceVersion };
}

const inNamespace = (object: KubeObject): KubeObject =>
  object.metadata.namespace
    ? object
    : { ...object, metadata: { ...object.metadata, name: object.metadata.name, namespace: 'default' } };

/** A namespace that is only named by objects exists too, and every namespace carries its name as a label. */
function addNamespaces(declared: Map<string, KubeObject>): void {
  for (const { metadata } of declared.values()) {
    if (!metadata.namespace) continue;
    const made: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace } };
    if (!declared.has(identityOf(made))) declared.set(identityOf(made), made);
  }
  for (const [identity, object] of declared) {
    if (object.kind !== 'Namespace') continue;
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    const made = { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
    declared.set(identity, { ...made, ...object, metadata: { ...object.metadata, labels } });
  }
}

function serve(all: readonly KubeObject[], engine: string): ReadonlyMap<Resource, readonly KubeObject[]> {
  const lists = new Map<Resource, KubeObject[]>();
  const brought: Readonly<Record<string, string>> = { cilium: 'cilium.io', calico: 'crd.projectcalico.org' };
  for (const resource of resources) if (!resource.custom || resource.group === brought[engine]) lists.set(resource, []);
  for (const object of all)
    for (const resource of placesOf(object)) {
      // Definitions come with the first object, all kinds of a group version at once.
      for (const other of resources)
        if (apiVersionOf(other) === apiVersionOf(resource) && !lists.has(other)) lists.set(other, []);
      lists.get(resource)!.push(finished(object, resource));
    }
  for (const list of lists.values()) list.sort((a, b) => (listKey(a) < listKey(b) ? -1 : 1));
  return lists;
}

/** Calico's own API server shows what its definitions hold, so its objects are found in both places. */
function placesOf(object: KubeObject): readonly Resource[] {
  const own = resourceOf(object);
  if (!own) return [];
  const twin =
    own.group === 'projectcalico.org'
      ? resources.find((r) => resourceName(r) === `${own.plural}.crd.projectcalico.org`)
      : undefined;
  return twin ? [own, twin] : [own];
}

/** Kinds whose spec the API server counts the changes of, besides all that come from definitions. */
const COUNTED = ['DaemonSet', 'Deployment', 'Job', 'NetworkPolicy', 'Pod', 'ReplicaSet', 'StatefulSet'];
const SINCE = '2026-03-02T08:00:00Z';

function finished(object: KubeObject, resource: Resource): KubeObject {
  const { apiVersion: _version, kind, metadata, ...fields } = object;
  const apiVersion = apiVersionOf(resource);
  return {
    ...fields,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      uid: uidOf(object),
      resourceVersion: String(FIRST_VERSION),
      ...(resource.custom || COUNTED.includes(kind) ? { generation: 1 } : {}),
      creationTimestamp: SINCE,
      managedFields: [
        {
          manager: 'simulator',
          operation: 'Update',
          apiVersion,
          time: SINCE,
          fieldsType: 'FieldsV1',
          fieldsV1: Object.fromEntries(Object.keys(fields).map((name) => [`f:${name}`, {}])),
        },
      ],
    },
  };
}

/** @returns what lists are sorted and continued by, as etcd keys are */
export const listKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
