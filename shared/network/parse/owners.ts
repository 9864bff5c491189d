// Whom a pod belongs to: the controller behind it, or itself. A static pod belongs to itself on every node, not to the node.
import type { Named } from './named.ts';
import type { Owner, Pod } from '../objects.ts';
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

/** @returns the controller an object names, if any */
export function controllerOf(raw: Raw): Owner | undefined {
  const owners = isObject(raw['metadata']) ? raw['metadata']['ownerReferences'] : undefined;
  if (!Array.isArray(owners)) return undefined;
  const found = owners.find((owner: unknown) => isObject(owner) && owner['controller'] === true) ?? owners[0];
  if (!isObject(found) || typeof found['kind'] !== 'string' || typeof found['name'] !== 'string') return undefined;
  return { kind: found['kind'], name: found['name'] };
}

/** @returns what tells the owner of a pod among these objects */
export function ownersAmong(named: readonly Named[], throughReplicaSets: boolean): (pod: Named) => Owner {
  const owners = new Map(
    named.flatMap(({ raw, kind, namespace, name }) => {
      const owner = templateKinds.has(kind) ? controllerOf(raw) : undefined;
      return owner ? [[`${namespace}/${kind}/${name}`, owner] as const] : [];
    }),
  );
  return (pod) => ownerOf(pod, owners, throughReplicaSets);
}

/** The controller, followed up as far as the objects tell: a pod's ReplicaSet to its Deployment, a Job to its CronJob. */
function ownerOf(
  { raw, namespace, kind, name }: Named,
  owners: ReadonlyMap<string, Owner>,
  throughReplicaSets: boolean,
): Owner {
  let owner = controllerOf(raw);
  if (!owner) return { kind, name };
  if (owner.kind === 'Node') return { kind, name: withoutSuffix(name, `-${owner.name}`) };
  for (let step = 0; step < 5; step++) {
    const next: Owner | undefined = owners.get(`${namespace}/${owner.kind}/${owner.name}`);
    if (!next) break;
    owner = next;
  }
  const labels = isObject(raw['metadata']) ? toLabels(raw['metadata']['labels']) : {};
  const hash = labels['pod-template-hash'];
  if (!throughReplicaSets || owner.kind !== 'ReplicaSet' || !hash || !owner.name.endsWith(`-${hash}`)) return owner;
  return { kind: 'Deployment', name: withoutSuffix(owner.name, `-${hash}`) };
}

/** Kubelets append their node to the name of a static pod, lower-cased (kubernetes, pkg/kubelet/config/common.go). */
const withoutSuffix = (name: string, suffix: string): string =>
  name.length > suffix.length && name.endsWith(suffix.toLowerCase()) ? name.slice(0, -suffix.length) : name;

/** @returns the pods, those that a template here makes standing for themselves where they are listed too */
export function withoutDoubles(pods: readonly Pod[]): readonly Pod[] {
  const live = new Set(
    pods
      .filter((pod) => pod.owner.kind !== 'Pod' && pod.owner.name !== pod.name)
      .map((pod) => `${pod.namespace}/${pod.owner.kind}/${pod.owner.name}`),
  );
  return pods.filter(
    (pod) =>
      pod.owner.name !== pod.name ||
      pod.owner.kind === 'Pod' ||
      !live.has(`${pod.namespace}/${pod.owner.kind}/${pod.owner.name}`),
  );
}
