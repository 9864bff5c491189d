// The policy that lets a workload out to what its objects name, and to nothing else.
import type { Connectivity, Workload } from '../../network/index.ts';
import type { Labels } from '../../network/objects.ts';
import { labelsOf } from '../evidence/workload.ts';
import { restrictingBy } from '../evidence/isolation.ts';
import { editPolicy, manifestFor } from './manifests.ts';
import type { NeededService } from '../evidence/needs.ts';
import { API_PORT } from '../evidence/reaches-api-server.ts';
import type { View } from '../evidence/view.ts';
import { yamlLabels, yamlSelector, yamlText } from './yaml-text.ts';

/** What a workload cannot leave for. */
export interface Missing {
  readonly services: readonly NeededService[];
  readonly apiServer: boolean;
  /** In words. */
  readonly names: string;
}

/** @param closed the classes of its pods that are closed for egress */
export function egressFor(view: View, workload: Workload, closed: readonly number[], missing: Missing): string {
  const { net, engine } = view;
  if (!closed.every((index) => addsUp(net, index)))
    return [...new Set(closed.flatMap((index) => restrictingBy(net, 'egress', index)))]
      .map((policy) => editPolicy(policy, `Allow egress to ${missing.names} ahead of the rule that denies it.`))
      .join('\n');
  const asEntity = missing.apiServer && engine === 'cilium';
  const rules = [
    ...missing.services.flatMap((needed) => toService(needed, workload.namespace)),
    ...(missing.apiServer && !asEntity ? toApiServer(view) : []),
  ];
  const plain = manifestFor(view, workload, 'required-egress', ['policyTypes: [Egress]', 'egress:', ...rules]);
  const entity = entityManifest(workload, labelsOf(net, workload));
  return [...(rules.length > 0 ? [plain] : []), ...(asEntity ? [entity] : [])].join('\n---\n');
}

/** One more policy that allows helps where nothing but isolation closes the pods; behind a denial or another tier it does nothing. */
function addsUp(net: Connectivity, index: number): boolean {
  const { admin, cilium, calico } = net.egress.selected[index]!;
  return admin.length + calico.length === 0 && cilium.every(({ egress }) => egress.denies.length === 0);
}

function toService({ service, port }: NeededService, own: string): readonly string[] {
  const named = service.ports.filter((one) => port === undefined || one.port === port);
  const ports = (named.length > 0 ? named : [{ protocol: 'TCP', target: port! }]).map(
    ({ protocol, target }) =>
      `{ protocol: ${protocol}, port: ${typeof target === 'number' ? target : yamlText(target)} }`,
  );
  const namespace = `namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: ${yamlText(service.namespace)} } }`;
  return [
    '  - to:',
    ...(service.namespace === own ? [] : [`      - ${namespace}`]),
    `${service.namespace === own ? '      - ' : '        '}podSelector: ${yamlSelector(service.selector)}`,
    `    ports: [${ports.join(', ')}]`,
  ];
}

function toApiServer({ objects }: View): readonly string[] {
  const { apiServers } = objects.surroundings;
  if (apiServers.length === 0)
    return [
      '  # Replace API_SERVER_ADDRESS with the address that this prints: kubectl get endpointslices.discovery.k8s.io kubernetes --namespace default',
      `  - { to: [{ ipBlock: { cidr: API_SERVER_ADDRESS/32 } }], ports: [{ protocol: TCP, port: ${API_PORT} }] }`,
    ];
  return apiServers.map(({ address, ports }) => {
    const cidr = yamlText(`${address}/${address.includes(':') ? 128 : 32}`);
    const list = (ports.length > 0 ? ports : [API_PORT]).map((port) => `{ protocol: TCP, port: ${port} }`).join(', ');
    return `  - { to: [{ ipBlock: { cidr: ${cidr} } }], ports: [${list}] }`;
  });
}

/** Under Cilium the API server is known by what it is, and may change its address. */
const entityManifest = ({ namespace, name }: Workload, labels: Labels): string =>
  [
    'apiVersion: cilium.io/v2',
    'kind: CiliumNetworkPolicy',
    `metadata: { name: ${yamlText(`api-server-${name}`.slice(0, 253))}, namespace: ${yamlText(namespace)} }`,
    'spec:',
    `  endpointSelector: ${Object.keys(labels).length === 0 ? '{}' : `{ matchLabels: ${yamlLabels(labels)} }`}`,
    '  egress:',
    `    - { toEntities: [kube-apiserver], toPorts: [{ ports: [{ port: "${API_PORT}", protocol: TCP }] }] }`,
  ].join('\n');
