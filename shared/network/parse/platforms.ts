// Where pods run, as far as engines differ by it: Linux nodes, Windows nodes, and virtual nodes (Azure Container Instances).
import type { Labels, Node, Platform } from '../objects.ts';
import type { Raw } from './raw.ts';
import { isObject, toLabels } from './raw.ts';

/** Labels of nodes, and so of the selectors that lead pods to them. */
export const placementLabels = ['kubernetes.io/os', 'beta.kubernetes.io/os', 'type', 'virtualization'] as const;

/** Virtual nodes carry the one (AKS documentation, virtual nodes) or the other (virtual nodes v2). */
const isVirtual = (labels: Labels): boolean =>
  labels['type'] === 'virtual-kubelet' || labels['virtualization'] === 'virtualnode2';

function platformByLabels(labels: Labels): Platform | undefined {
  if (isVirtual(labels)) return 'virtual';
  return systemNamed(labels['kubernetes.io/os'] ?? labels['beta.kubernetes.io/os']);
}

const systemNamed = (os: unknown): Platform | undefined => (os === 'linux' || os === 'windows' ? os : undefined);

/**
 * Nodes may not be read with the roles that AKS offers; their names tell as much. AKS names Linux nodes `aks-POOL-...`,
 * Windows nodes `akswin000001` (pools of at most six characters, and six of the scale set) and the virtual node
 * `virtual-node-aci-linux` (AKS documentation, Windows node pools; virtual nodes).
 */
function platformByName(name: string): Platform | undefined {
  if (name.startsWith('virtual-node-aci-')) return 'virtual';
  if (name.startsWith('aks-')) return 'linux';
  return /^aks[a-z][a-z0-9]{0,5}[0-9a-z]{6}$/.test(name) ? 'windows' : undefined;
}

/** @returns where a pod runs, or would: by its node, else by what its spec asks for; undefined when neither tells */
export function platformOf(spec: Raw, nodes: ReadonlyMap<string, Node>): Platform | undefined {
  const { nodeName, nodeSelector, os } = spec;
  const byNode =
    typeof nodeName === 'string' && nodeName !== ''
      ? (nodes.get(nodeName)?.platform ?? platformByName(nodeName))
      : undefined;
  if (byNode) return byNode;
  const selector = toLabels(nodeSelector);
  if (isVirtual(selector)) return 'virtual';
  return systemNamed(isObject(os) ? os['name'] : undefined) ?? platformByLabels(selector);
}

export function parseNode(raw: Raw, name: string): Node {
  const part = (value: unknown): Raw => (isObject(value) ? value : {});
  const platform = platformByLabels(toLabels(part(raw['metadata'])['labels'])) ?? platformByName(name);
  const { addresses } = part(raw['status']);
  const { podCIDR, podCIDRs } = part(raw['spec']);
  const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
  const texts = (values: readonly unknown[]): readonly string[] => [
    ...new Set(values.filter((value) => typeof value === 'string')),
  ];
  return {
    name,
    ...(platform ? { platform } : {}),
    addresses: texts(
      listed(addresses).flatMap((entry) => (part(entry)['type'] === 'Hostname' ? [] : part(entry)['address'])),
    ),
    podCidrs: texts([podCIDR, ...listed(podCIDRs)]),
  };
}
