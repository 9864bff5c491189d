// The egress rule that nearly every pod closed for egress needs: to DNS.
import type { LocalRedirect } from '../../network/objects.ts';
import { dnsRedirects } from '../evidence/local-redirects.ts';
import type { View } from '../evidence/view.ts';
import { yamlLabels, yamlText } from './yaml-text.ts';

/** @returns its lines: to the cluster's DNS, to LocalDNS, and to the pods that DNS is redirected to */
export const dnsRule = (view: View): readonly string[] => [
  '  - to:',
  '      - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }',
  '        podSelector: { matchLabels: { k8s-app: kube-dns } }',
  ...dnsRedirects(view).flatMap(peerOf),
  '      - ipBlock: { cidr: 169.254.10.0/24 } # LocalDNS',
  '    ports: [{ protocol: UDP, port: 53 }, { protocol: TCP, port: 53 }]',
];

function peerOf({ namespace, backends }: LocalRedirect): readonly string[] {
  const expressions = backends.map(({ key, operator, values }) => {
    const list = values.length === 0 ? '' : `, values: [${values.map(yamlText).join(', ')}]`;
    return `{ key: ${yamlText(key)}, operator: ${operator}${list} }`;
  });
  return [
    `      - namespaceSelector: { matchLabels: ${yamlLabels({ 'kubernetes.io/metadata.name': namespace })} }`,
    `        podSelector: { matchExpressions: [${expressions.join(', ')}] }`,
  ];
}
