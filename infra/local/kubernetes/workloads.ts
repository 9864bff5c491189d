// What the controllers of a cluster make of its workloads: ReplicaSets, Jobs and pods, with owners, nodes, addresses and states.
import type { PodAddresses } from './addresses.ts';
import { hashOf, suffixOf } from './addresses.ts';
import type { Node } from './nodes.ts';
import type { Fields, KubeObject } from './object.ts';
import { fieldsOf, identityOf, isFields } from './object.ts';

/** A workload that asks for more pods gets this many. */
const MAX_PODS = 5_000;

/** @returns the workload with its status, followed by everything that is made for it; any other object as it is */
export function runWorkload(
  object: KubeObject,
  nodes: readonly Node[],
  addresses: PodAddresses,
): readonly KubeObject[] {
  const run = controllers[object.kind];
  if (run) return run(object, { nodes, addresses });
  return [object];
}

interface Machines {
  readonly nodes: readonly Node[];
  readonly addresses: PodAddresses;
}

type Controller = (object: KubeObject, machines: Machines) => readonly KubeObject[];

const controllers: Readonly<Record<string, Controller>> = {
  Deployment(object, machines) {
    const hash = suffixOf(identityOf(object) + JSON.stringify(fieldsOf(object, 'spec')['template']), 10);
    const replicas = replicasOf(object);
    const template = fieldsOf(fieldsOf(object, 'spec'), 'template');
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${object.metadata.name}-${hash}`,
        ...inNamespaceOf(object),
        labels: { ...labelsOf(template), 'pod-template-hash': hash },
        ownerReferences: [ownerReference(object)],
      },
      spec: { replicas, template },
      status: { replicas, readyReplicas: replicas },
    };
    const pods = indexes(replicas).map((i) =>
      makePod(set, template, `${set.metadata.name}-${suffixOf(`${set.metadata.name} ${i}`, 5)}`, machines, {
        'pod-template-hash': hash,
      }),
    );
    return [withStatus(object, { replicas, readyReplicas: replicas }), set, ...pods];
  },
  StatefulSet(object, machines) {
    const replicas = replicasOf(object);
    const template = fieldsOf(fieldsOf(object, 'spec'), 'template');
    const pods = indexes(replicas).map((i) => {
      const name = `${object.metadata.name}-${i}`;
      return makePod(object, template, name, machines, { 'statefulset.kubernetes.io/pod-name': name });
    });
    return [withStatus(object, { replicas, readyReplicas: replicas }), ...pods];
  },
  DaemonSet(object, { nodes, addresses }) {
    const template = fieldsOf(fieldsOf(object, 'spec'), 'template');
    const wanted = eligible(template, nodes);
    const pods = wanted.map((node) =>
      makePod(object, template, `${object.metadata.name}-${suffixOf(object.metadata.name + node.name, 5)}`, {
        nodes: [node],
        addresses,
      }),
    );
    const desired = wanted.length;
    const status = { desiredNumberScheduled: desired, currentNumberScheduled: desired, numberReady: desired };
    return [withStatus(object, { ...status, numberAvailable: desired }), ...pods];
  },
  Job(object, machines) {
    const template = fieldsOf(fieldsOf(object, 'spec'), 'template');
    const name = `${object.metadata.name}-${suffixOf(identityOf(object), 5)}`;
    const labels = { 'batch.kubernetes.io/job-name': object.metadata.name };
    return [withStatus(object, { succeeded: 1 }), makePod(object, template, name, machines, labels, 'Succeeded')];
  },
  CronJob(object, machines) {
    const spec = fieldsOf(fieldsOf(fieldsOf(object, 'spec'), 'jobTemplate'), 'spec');
    const job: KubeObject = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `${object.metadata.name}-29384640`,
        ...inNamespaceOf(object),
        ownerReferences: [ownerReference(object)],
      },
      spec,
    };
    return [object, ...controllers['Job']!(job, machines)];
  },
  Pod(object, machines) {
    const status = fieldsOf(object, 'status');
    if (status['phase'] !== undefined && status['podIP'] !== undefined) return [object];
    const made = makePod(undefined, object, object.metadata.name, machines);
    return [{ ...object, spec: made['spec'], status: { ...fieldsOf(made, 'status'), ...status } }];
  },
};

function makePod(
  owner: KubeObject | undefined,
  template: Fields,
  name: string,
  { nodes, addresses }: Machines,
  extraLabels: Readonly<Record<string, string>> = {},
  phase: 'Running' | 'Succeeded' = 'Running',
): KubeObject {
  const metadata = fieldsOf(template, 'metadata');
  const namespace = owner ? owner.metadata.namespace : (metadata['namespace'] as string | undefined);
  const spec = fieldsOf(template, 'spec');
  const choice = eligible(template, nodes);
  const node = choice[hashOf(`${namespace ?? ''}/${name}`) % Math.max(1, choice.length)];
  const ips = spec['hostNetwork'] === true ? (node ? [node.ip] : []) : addresses.take(`${namespace ?? ''}/${name}`);
  const running = phase === 'Running';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      ...(namespace ? { namespace } : {}),
      labels: { ...labelsOf(template), ...extraLabels },
      ...(owner ? { ownerReferences: [ownerReference(owner)] } : {}),
    },
    spec: { ...spec, ...(node ? { nodeName: node.name } : {}) },
    status: node
      ? {
          phase,
          hostIP: node.ip,
          podIP: ips[0],
          podIPs: ips.map((ip) => ({ ip })),
          conditions: [{ type: 'Ready', status: running ? 'True' : 'False' }],
        }
      : { phase: 'Pending' },
  };
}

/** Nodes that a pod may run on: its nodeSelector, and Linux unless it says otherwise. */
function eligible(template: Fields, nodes: readonly Node[]): readonly Node[] {
  const selector = fieldsOf(fieldsOf(template, 'spec'), 'nodeSelector');
  const os = selector['kubernetes.io/os'] ?? 'linux';
  const pool = selector['agentpool'] ?? selector['kubernetes.azure.com/agentpool'];
  const mode = selector['kubernetes.azure.com/mode'];
  return nodes.filter(
    (node) =>
      node.os === os &&
      (pool === undefined || node.pool === pool) &&
      (mode === undefined || node.system === (mode === 'system')),
  );
}

const indexes = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

function replicasOf(object: KubeObject): number {
  const { replicas } = fieldsOf(object, 'spec');
  return typeof replicas === 'number' && replicas >= 0 ? Math.min(Math.floor(replicas), MAX_PODS) : 1;
}

const inNamespaceOf = ({ metadata }: KubeObject): Fields =>
  metadata.namespace ? { namespace: metadata.namespace } : {};

function labelsOf(template: Fields): Readonly<Record<string, string>> {
  const { labels } = fieldsOf(template, 'metadata');
  return isFields(labels) ? (labels as Readonly<Record<string, string>>) : {};
}

const ownerReference = (owner: KubeObject): Fields => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: uidOf(owner),
  controller: true,
  blockOwnerDeletion: true,
});

/** @returns an identifier in the form of a UUID, the same for the same object */
export function uidOf(object: KubeObject): string {
  const hex = [0, 1, 2, 3]
    .map((i) =>
      hashOf(`${identityOf(object)} ${i}`)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

/** What a manifest says about the status wins: that is how a person makes a DaemonSet unready. */
const withStatus = (object: KubeObject, status: Fields): KubeObject => ({
  ...object,
  status: { ...status, ...fieldsOf(object, 'status') },
});
