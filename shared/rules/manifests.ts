// Manifests that mend a finding, with the real names filled in, ready for `kubectl apply -f -`.
import { shellComment, shellLine } from '../model/shell.ts';
import type { Workload } from '../network/index.ts';
import type { PolicyRef } from '../network/objects.ts';
import { yamlText } from './yaml-text.ts';

/** A policy that isolates every pod of a namespace in one direction and allows nothing. */
export function denyAll(namespace: string, direction: 'Ingress' | 'Egress'): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: default-deny-${direction.toLowerCase()}`,
    `  namespace: ${yamlText(namespace)}`,
    'spec:',
    '  podSelector: {}',
    `  policyTypes: [${direction}]`,
  ].join('\n');
}

/** @returns how kubectl is told one object: by kind and group, for two groups have a NetworkPolicy and kubectl takes the Kubernetes one */
export function kubectlTarget({ group, kind, namespace, name }: PolicyRef): string {
  const type = group === '' ? kind.toLowerCase() : `${kind.toLowerCase()}.${group}`;
  return shellLine(type, name, ...(namespace === '' ? [] : ['--namespace', namespace]));
}

/** @param what to change, in words */
export const editPolicy = (ref: PolicyRef, what: string): string =>
  `${shellComment(what)}\nkubectl edit ${kubectlTarget(ref)}`;

/** What kubectl calls the kinds of Kubernetes' own controllers. */
const CONTROLLERS: Readonly<Record<string, string>> = {
  Deployment: 'deployment.apps',
  StatefulSet: 'statefulset.apps',
  DaemonSet: 'daemonset.apps',
  ReplicaSet: 'replicaset.apps',
  ReplicationController: 'replicationcontroller',
  CronJob: 'cronjob.batch',
};

/** @param what to change in its pod template, in words, without a full stop */
export function editWorkload(
  { namespace, kind, name }: Pick<Workload, 'namespace' | 'kind' | 'name'>,
  what: string,
): string {
  const target = shellLine(name, '--namespace', namespace);
  if (Object.hasOwn(CONTROLLERS, kind))
    return `${shellComment(`${what}.`)}\nkubectl edit ${CONTROLLERS[kind]} ${target}`;
  if (kind !== 'Pod' && kind !== 'Job')
    return shellComment(`${what}, where ${kind} ${name} of namespace ${namespace} declares it.`);
  const replace = shellComment(`${what}, then replace it: it cannot be changed in place.`);
  return `${replace}\nkubectl delete ${kind === 'Job' ? 'job.batch' : 'pod'} ${target}`;
}
