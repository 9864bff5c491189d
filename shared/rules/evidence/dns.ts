// Where pods ask for names: the cluster's DNS, and with LocalDNS a proxy on their own node.
import type { Cluster } from '../../model/cluster.ts';
import type { InClusterRead } from '../../model/in-cluster.ts';
import { parseCidr } from '../../network/ip.ts';
import type { ClusterObjects, Namespace, Pod } from '../../network/objects.ts';

export const DNS_NAMESPACE = 'kube-system';
export const DNS_LABELS = { 'k8s-app': 'kube-dns' };
export const isDnsPod = (pod: Pod): boolean => pod.namespace === DNS_NAMESPACE && pod.labels['k8s-app'] === 'kube-dns';

/** Manifests hold no cluster DNS: one without replicas stands in, so that rules can ask who reaches it. */
export function withDns(objects: ClusterObjects): ClusterObjects {
  if (objects.pods.some((pod) => isDnsPod(pod) && !pod.hostNetwork)) return objects;
  const pod: Pod = {
    namespace: DNS_NAMESPACE,
    name: 'coredns',
    labels: DNS_LABELS,
    owner: { kind: 'Deployment', name: 'coredns' },
    replicas: 0,
    ips: [],
    hostNetwork: false,
    finished: false,
    ports: [
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53 },
    ],
  };
  const known = objects.namespaces.some(({ name }) => name === DNS_NAMESPACE);
  const namespace: Namespace = {
    name: DNS_NAMESPACE,
    labels: { 'kubernetes.io/metadata.name': DNS_NAMESPACE },
    annotations: {},
  };
  return {
    ...objects,
    pods: [...objects.pods, pod],
    namespaces: known ? objects.namespaces : [...objects.namespaces, namespace],
  };
}

/** LocalDNS listens on two addresses of this range (AKS documentation, "Configure LocalDNS"). */
export const LOCAL_DNS = parseCidr('169.254.10.0/24')!;

/**
 * Mode `required` installs it; `preferred` so far only checks its configuration, and will install it in a later Kubernetes version, `disabled`
 * or no profile leaves it out (AKS documentation, "Configure LocalDNS"); nodes that AKS provisions by itself have a profile that ARM does not show.
 * @returns whether LocalDNS runs on the nodes; `some` when only on some of them, or when ARM does not tell
 */
export function localDns({
  cluster,
  read,
}: {
  readonly cluster: Cluster;
  readonly read: InClusterRead;
}): 'on' | 'off' | 'some' {
  const { pools, autoProvisioning } = cluster;
  if (pools.length === 0) return read.fromManifests ? 'some' : 'off';
  const states = new Set(pools.map((pool) => STATES.get(pool.localDns ?? 'disabled') ?? 'some'));
  const [only] = states;
  return states.size === 1 && !(only === 'off' && autoProvisioning) ? only! : 'some';
}

const STATES = new Map<string, 'on' | 'off'>([
  ['enabled', 'on'],
  ['required', 'on'],
  ['disabled', 'off'],
]);
