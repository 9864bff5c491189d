// What AKS itself runs in a cluster: namespaces, DNS, node agents and the policy engine that the ARM body names.
import type { Fields, KubeObject } from './object.ts';
import { fieldsOf } from './object.ts';

const SYSTEM = 'kube-system';

interface Part {
  readonly name: string;
  readonly namespace?: string;
  readonly label: string;
  readonly replicas?: number;
  readonly hostNetwork?: boolean;
  readonly windows?: boolean;
  readonly ports?: readonly Fields[];
}

const part = (kind: 'Deployment' | 'DaemonSet', { namespace = SYSTEM, ...given }: Part): KubeObject => {
  const labels = { 'k8s-app': given.label };
  const os = given.windows ? 'windows' : 'linux';
  const where = kind === 'Deployment' ? { 'kubernetes.azure.com/mode': 'system' } : { 'kubernetes.io/os': os };
  const container = { name: given.label, image: `example.org/aks/${given.name}`, ports: given.ports ?? [] };
  const pod = { nodeSelector: where, containers: [container], ...(given.hostNetwork ? { hostNetwork: true } : {}) };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: given.name, namespace, labels },
    spec: {
      ...(kind === 'Deployment' ? { replicas: given.replicas ?? 2 } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
    },
  };
};

const namespace = (name: string, managed: boolean): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...(managed ? { labels: { 'kubernetes.azure.com/managedby': 'aks' } } : {}) },
});

export type RunningEngine = 'cilium' | 'azure' | 'calico' | 'none';

/** @returns the engine AKS runs for a body; none where the owner brings the CNI or the value is unknown */
export function engineOf(body: Fields): RunningEngine {
  const profile = fieldsOf(fieldsOf(body, 'properties'), 'networkProfile');
  const policy = String(profile['networkPolicy']).toLowerCase();
  if (policy === 'azure' || policy === 'calico' || policy === 'cilium') return policy;
  return String(profile['networkDataplane']).toLowerCase() === 'cilium' ? 'cilium' : 'none';
}

const engineParts: Readonly<Record<RunningEngine, (windows: boolean) => readonly KubeObject[]>> = {
  none: () => [],
  cilium: () => [
    part('DaemonSet', { name: 'cilium', label: 'cilium', hostNetwork: true }),
    part('Deployment', { name: 'cilium-operator', label: 'cilium-operator', hostNetwork: true }),
  ],
  azure: (windows) => [
    part('DaemonSet', { name: 'azure-npm', label: 'azure-npm', hostNetwork: true }),
    ...(windows
      ? [part('DaemonSet', { name: 'azure-npm-win', label: 'azure-npm', hostNetwork: true, windows: true })]
      : []),
  ],
  calico: (windows) => {
    const inCalico = { namespace: 'calico-system', hostNetwork: true };
    return [
      namespace('calico-system', true),
      namespace('tigera-operator', true),
      part('DaemonSet', { name: 'calico-node', label: 'calico-node', ...inCalico }),
      part('Deployment', { name: 'calico-typha', label: 'calico-typha', ...inCalico }),
      part('Deployment', {
        name: 'calico-kube-controllers',
        label: 'calico-kube-controllers',
        replicas: 1,
        ...inCalico,
      }),
      part('Deployment', {
        ...inCalico,
        name: 'tigera-operator',
        label: 'tigera-operator',
        namespace: 'tigera-operator',
      }),
      ...(windows
        ? [part('DaemonSet', { name: 'calico-node-windows', label: 'calico-node-windows', windows: true, ...inCalico })]
        : []),
    ];
  },
};

const dnsPorts = [
  { name: 'dns', containerPort: 53, protocol: 'UDP' },
  { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
  { name: 'metrics', containerPort: 9153, protocol: 'TCP' },
];

/** @returns the objects AKS brings, before its controllers run */
export function systemObjects(body: Fields): readonly KubeObject[] {
  const properties = fieldsOf(body, 'properties');
  const { dnsServiceIP } = fieldsOf(properties, 'networkProfile');
  const dnsIp = typeof dnsServiceIP === 'string' ? dnsServiceIP : '10.0.0.10';
  const windows = /"ostype":"windows"/i.test(JSON.stringify(properties['agentPoolProfiles'] ?? []));
  const engine = engineOf(body);
  return [
    ...[SYSTEM, 'kube-public', 'kube-node-lease'].map((name) => namespace(name, true)),
    namespace('default', false),
    part('Deployment', { name: 'coredns', label: 'kube-dns', ports: dnsPorts }),
    part('Deployment', { name: 'metrics-server', label: 'metrics-server' }),
    part('Deployment', { name: 'konnectivity-agent', label: 'konnectivity-agent' }),
    part('DaemonSet', { name: 'cloud-node-manager', label: 'cloud-node-manager', hostNetwork: true }),
    ...(engine === 'cilium' ? [] : [part('DaemonSet', { name: 'kube-proxy', label: 'kube-proxy', hostNetwork: true })]),
    ...engineParts[engine](windows),
    service('kube-dns', SYSTEM, dnsIp, { 'k8s-app': 'kube-dns' }, [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ]),
    service('kubernetes', 'default', dnsIp.replace(/\d+$/, '1'), undefined, [{ name: 'https', port: 443 }]),
    apiServer,
  ];
}

/** The API server of AKS stands outside the cluster, behind an address of its own. */
const apiServer: KubeObject = {
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['20.50.4.7'], conditions: { ready: true } }],
  ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
};

const service = (
  name: string,
  inNamespace: string,
  clusterIP: string,
  selector: Fields | undefined,
  ports: readonly Fields[],
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: inNamespace },
  spec: { type: 'ClusterIP', clusterIP, ...(selector ? { selector } : {}), ports },
});
