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
}

/**
 * @param body the ARM body of the cluster
 * @param manifests its own objects; one with the name of a system object replaces it
 */
export function clusterState(body: Fields, manifests: readonly KubeObject[]): ClusterState {
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
  return { served: serve(all, engineOf(body)), version: typeof version === 'string' ? version : '1.34.2' };
}

const inNamespace = (object: KubeObject): KubeObject =>
  object.metadata.namespace
    ? object
    : { ...object, metadata: { ...object.metadata, name: object.metadata.name, namespace: 'default' } };

/** A namespace that only its objects name exists too, and each carries its name as a label. */
function addNamespaces(declared: Map<string, KubeObject>): void {
  for (const { metadata } of declared.values()) {
    if (!metadata.namespace) continue;
    const made: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: metadata.namespace } };
    if (!declared.has(identityOf(made))) declared.set(identityOf(made), made);
  }
  for (const [identity, object] of declared) {
    if (object.kind !== 'Namespace') continue;
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    declared.set(identity, { ...object, metadata: { ...object.metadata, labels }, status: { phase: 'Active' } });
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

function finished(object: KubeObject, resource: Resource): KubeObject {
  const { metadata } = object;
  return {
    ...object,
    apiVersion: apiVersionOf(resource),
    metadata: {
      ...metadata,
      uid: uidOf(object),
      resourceVersion: '1000',
      creationTimestamp: '2026-03-02T08:00:00Z',
      managedFields: [
        { manager: 'simulator', operation: 'Update', apiVersion: apiVersionOf(resource), fieldsType: 'FieldsV1' },
      ],
    },
  };
}

/** @returns what lists are sorted and continued by, as etcd keys are */
export const listKey = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
