// Manifests that mend a finding, with the real names filled in, ready for `kubectl apply -f -`.
import type { PolicyRef } from '../network/objects.ts';
import { shellWord } from './commands.ts';
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

/** @param what to change, in words */
export function editPolicy({ kind, namespace, name }: PolicyRef, what: string): string {
  const where = namespace === '' ? '' : ` --namespace ${shellWord(namespace)}`;
  return `# ${what.replaceAll(/\p{Cc}/gu, ' ')}\nkubectl edit ${shellWord(kind.toLowerCase())} ${shellWord(name)}${where}`;
}
