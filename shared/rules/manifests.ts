// Manifests that mend a finding, with the real names filled in, ready for `kubectl apply -f -`.
import { shellWord } from './commands.ts';

/** A policy that isolates every pod of a namespace in one direction and allows nothing. */
export function denyAll(namespace: string, direction: 'Ingress' | 'Egress'): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    `  name: default-deny-${direction.toLowerCase()}`,
    `  namespace: ${namespace}`,
    'spec:',
    '  podSelector: {}',
    `  policyTypes: [${direction}]`,
  ].join('\n');
}

/** A policy that lets every pod of a namespace reach the cluster's DNS. */
export function allowDns(namespace: string): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    'metadata:',
    '  name: allow-dns',
    `  namespace: ${namespace}`,
    'spec:',
    '  podSelector: {}',
    '  policyTypes: [Egress]',
    '  egress:',
    '    - to:',
    '        - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }',
    '          podSelector: { matchLabels: { k8s-app: kube-dns } }',
    '      ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]',
  ].join('\n');
}

export const editPolicy = (policy: { namespace: string; name: string }, what: string): string =>
  `# ${what}\nkubectl edit networkpolicy ${shellWord(policy.name)} --namespace ${shellWord(policy.namespace)}`;
