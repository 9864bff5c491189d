// Manifests that mend a finding, with the real names filled in, ready for `kubectl apply -f -`.
import { shellComment, shellLine } from '../model/shell.ts';
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
