// Pods, and workload templates that stand for their pods. Written by hand and forgiving: there are many, and the API server has checked them.
import type { NamedPort, Owner, Pod } from './objects.ts';
import { protocols } from './objects.ts';
import type { Raw } from './raw.ts';
import { isObject, toLabels } from './raw.ts';

export const templateKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);

/** @param owner what the pod stands under */
export function parsePod(raw: Raw, namespace: string, name: string, owner: Owner): Pod {
  const spec = isObject(raw['spec']) ? raw['spec'] : {};
  const status = isObject(raw['status']) ? raw['status'] : {};
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  return {
    namespace,
    name,
    labels: toLabels(metadata['labels']),
    owner,
    replicas: 1,
    ips: podIps(status),
    hostNetwork: spec['hostNetwork'] === true,
    finished: status['phase'] === 'Succeeded' || status['phase'] === 'Failed' || isDeleted(metadata),
    ports: namedPorts(spec),
  };
}

/** A pod on its way out is an endpoint until its time is over. */
const isDeleted = (metadata: Raw): boolean =>
  typeof metadata['deletionTimestamp'] === 'string' && metadata['deletionGracePeriodSeconds'] === 0;

/** @returns the pods that a workload would make, as one; undefined when it has no template */
export function parseTemplate(raw: Raw, namespace: string, name: string, owner: Owner): Pod | undefined {
  const spec = isObject(raw['spec']) ? raw['spec'] : {};
  const job =
    isObject(spec['jobTemplate']) && isObject(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec'] : spec;
  const template = job['template'];
  if (!isObject(template)) return undefined;
  const replicas = typeof spec['replicas'] === 'number' && spec['replicas'] >= 0 ? Math.floor(spec['replicas']) : 1;
  return { ...parsePod(template, namespace, name, owner), ips: [], finished: false, replicas };
}

/** @returns the controller an object names, if any */
export function controllerOf(raw: Raw): Owner | undefined {
  const owners = isObject(raw['metadata']) ? raw['metadata']['ownerReferences'] : undefined;
  if (!Array.isArray(owners)) return undefined;
  const found = owners.find((owner: unknown) => isObject(owner) && owner['controller'] === true) ?? owners[0];
  if (!isObject(found) || typeof found['kind'] !== 'string' || typeof found['name'] !== 'string') return undefined;
  return { kind: found['kind'], name: found['name'] };
}

function podIps(status: Raw): readonly string[] {
  const list = Array.isArray(status['podIPs'])
    ? status['podIPs'].map((entry: unknown) => (isObject(entry) ? entry['ip'] : undefined))
    : [];
  return [...new Set([status['podIP'], ...list])].filter((ip): ip is string => typeof ip === 'string');
}

/** Containers declare ports, and so do init containers that go on running (native sidecars). */
function namedPorts(spec: Raw): readonly NamedPort[] {
  const lists = [spec['containers'], spec['initContainers']];
  const ports: NamedPort[] = [];
  for (const [i, list] of lists.entries()) {
    if (!Array.isArray(list)) continue;
    for (const container of list as unknown[]) {
      if (!isObject(container) || !Array.isArray(container['ports'])) continue;
      if (i === 1 && container['restartPolicy'] !== 'Always') continue;
      for (const port of container['ports'] as unknown[]) {
        if (!isObject(port) || typeof port['name'] !== 'string' || typeof port['containerPort'] !== 'number') continue;
        const protocol = protocols.find((known) => known === (port['protocol'] ?? 'TCP'));
        if (protocol) ports.push({ name: port['name'], protocol, port: port['containerPort'] });
      }
    }
  }
  return ports;
}
