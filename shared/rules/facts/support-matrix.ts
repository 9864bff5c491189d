// The combinations that AKS does not support, as a table: each row with the page that says so.
import type { EngineFacts } from '../../model/cluster.ts';
import { engineOf, hasWindowsPool, isByoCni } from '../../model/cluster.ts';
import { NPM_WINDOWS_END } from './retirement.ts';
import { isBelow } from './version.ts';

type Pool = EngineFacts['pools'][number];

/** The values of each field that the rows speak of; any other is new, and nothing is said about it (API 2026-05-01, and for systems what AKS had in preview before). */
const KNOWN = {
  networkPlugin: ['azure', 'kubenet', 'none'],
  networkPluginMode: ['overlay'],
  networkDataplane: ['azure', 'cilium'],
  networkPolicy: ['azure', 'calico', 'cilium', 'none'],
  osType: ['linux', 'windows'],
  osSKU: (
    'ubuntu ubuntu2204 ubuntu2404 azurelinux azurelinux3 azurelinuxosguard azurecontainerlinux cblmariner mariner flatcar ' +
    'windows2019 windows2022 windows2025 windowsannual'
  ).split(' '),
};

const isKnown = (field: keyof typeof KNOWN, value: string | undefined): boolean =>
  value === undefined || KNOWN[field].includes(value.toLowerCase());
const sentence = (field: string, value: string | undefined): string =>
  `${field} is "${value}", a value that this version of Bulkhead does not know.`;

/** @returns a sentence about the first value that this version does not know; undefined when it knows them all */
export function unknownNetworkValue(network: EngineFacts['network']): string | undefined {
  const { plugin, pluginMode, dataplane, policy } = network ?? {};
  if (!isKnown('networkPlugin', plugin)) return sentence('networkPlugin', plugin);
  if (!isKnown('networkPluginMode', pluginMode)) return sentence('networkPluginMode', pluginMode);
  if (!isKnown('networkDataplane', dataplane)) return sentence('networkDataplane', dataplane);
  return isKnown('networkPolicy', policy) ? undefined : sentence('networkPolicy', policy);
}

/** The same for the whole cluster. */
export function unknownValue({ network, pools }: Pick<EngineFacts, 'network' | 'pools'>): string | undefined {
  const odd = unknownNetworkValue(network);
  if (odd !== undefined) return odd;
  for (const { name, os, osSku } of pools) {
    if (!isKnown('osType', os)) return sentence(`osType of pool ${name}`, os);
    if (!isKnown('osSKU', osSku)) return sentence(`osSKU of pool ${name}`, osSku);
  }
  return undefined;
}

/** Windows Server 2019 was the default up to Kubernetes 1.24, 2022 is since (osSKU in API 2026-05-01). */
const skuOf = (pool: Pool, facts: EngineFacts): string =>
  pool.osSku?.toLowerCase() ??
  (isBelow(pool.kubernetesVersion ?? facts.kubernetesVersion, 1, 25) ? 'windows2019' : 'windows2022');

/** AKS, "Use network policies": Calico runs on Windows Server 2019 and 2022, and no other is named. */
const CALICO_WINDOWS = ['windows2019', 'windows2022'];

/** @returns the Windows pools whose system Calico is not made for */
export const windowsBeyondCalico = (facts: EngineFacts): readonly Pool[] =>
  windowsPools(facts).filter((pool) => !CALICO_WINDOWS.includes(skuOf(pool, facts)));

export const windowsPools = (facts: EngineFacts): readonly Pool[] => facts.pools.filter(({ os }) => os === 'windows');

const names = (pools: readonly Pool[]): string => pools.map(({ name }) => name).join(', ');
const oldWindows = (facts: EngineFacts): readonly Pool[] =>
  windowsPools(facts).filter((pool) => isBelow(pool.kubernetesVersion ?? facts.kubernetesVersion, 1, 20));
const npmSupportsWindows = (now: Date): boolean => now.getTime() < Date.parse(NPM_WINDOWS_END) + 86_400_000;

interface Row {
  readonly holds: (facts: EngineFacts, now: Date) => boolean;
  /** One sentence: what does not go together. */
  readonly what: (facts: EngineFacts) => string;
  readonly source: string;
}

const POLICIES = 'https://learn.microsoft.com/azure/aks/use-network-policies';
const CILIUM = 'https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium';
const KUBENET = 'https://learn.microsoft.com/azure/aks/configure-kubenet';
const PROVISIONING = 'https://learn.microsoft.com/azure/aks/node-auto-provisioning-networking';
const OWN_CNI = 'https://learn.microsoft.com/azure/aks/use-byo-cni';
const ended = 'https://azure.microsoft.com/updates/?id=500273';
/** `CiliumDataplaneRequiresNetworkPolicyCilium` is what ARM answers to it. */
const DATA_PLANE = 'https://github.com/Azure/azure-cli-extensions/pull/7011';

const on = (engine: string, facts: EngineFacts): boolean => engineOf(facts) === engine;

const unsupported: readonly Row[] = [
  {
    holds: (f) => isByoCni(f) && engineOf(f) !== 'none',
    what: (f) => `networkPlugin is none, but the engine ${engineOf(f)} works only with a network plugin of AKS.`,
    source: OWN_CNI,
  },
  {
    holds: (f) => on('azure', f) && f.network?.plugin === 'kubenet',
    what: () => 'NPM does not work with kubenet.',
    source: KUBENET,
  },
  {
    holds: (f) => on('cilium', f) && f.network?.plugin === 'kubenet',
    what: () => 'Cilium does not work with kubenet.',
    source: CILIUM,
  },
  {
    holds: (f) => on('cilium', f) && hasWindowsPool(f),
    what: (f) => `Cilium does not run on Windows nodes: pods in ${names(windowsPools(f))} are not protected.`,
    source: CILIUM,
  },
  {
    holds: (f) => f.network?.policy === 'cilium' && f.network.dataplane === 'azure',
    what: () => 'networkPolicy is cilium and the data plane is azure: Cilium enforces only on its own data plane.',
    source: CILIUM,
  },
  {
    holds: (f) => (on('azure', f) || on('calico', f)) && f.network?.dataplane === 'cilium',
    what: (f) =>
      `networkPolicy is ${f.network?.policy} and the data plane is cilium, which works only with networkPolicy cilium.`,
    source: DATA_PLANE,
  },
  {
    holds: (f) => on('calico', f) && f.autoProvisioning,
    what: () => 'Calico is not supported with node auto-provisioning.',
    source: PROVISIONING,
  },
  {
    holds: (f) => on('calico', f) && f.network?.plugin === 'kubenet' && hasWindowsPool(f),
    what: () => 'Calico with kubenet supports Linux nodes only.',
    source: POLICIES,
  },
  {
    holds: (f) => on('calico', f) && oldWindows(f).length > 0,
    what: (f) => `Calico on Windows nodes needs Kubernetes 1.20 or later; older pools: ${names(oldWindows(f))}.`,
    source: POLICIES,
  },
  {
    holds: (f) => on('calico', f) && windowsBeyondCalico(f).length > 0,
    what: (f) =>
      `Calico supports Windows Server 2019 and 2022; pools with another Windows: ${names(windowsBeyondCalico(f))}.`,
    source: POLICIES,
  },
  {
    holds: (f, now) => on('azure', f) && hasWindowsPool(f) && !npmSupportsWindows(now),
    what: (f) =>
      `Support for NPM on Windows nodes ended on ${NPM_WINDOWS_END}, and the cluster has Windows pools: ${names(windowsPools(f))}.`,
    source: ended,
  },
  {
    holds: (f, now) =>
      on('azure', f) && npmSupportsWindows(now) && windowsPools(f).some((pool) => skuOf(pool, f) !== 'windows2022'),
    what: () => 'On Windows nodes NPM supports Windows Server 2022 only.',
    source: POLICIES,
  },
];

/** @returns the rows that a cluster falls under @throws nothing: ask unknownValue first, for a row speaks only of values it knows */
export const conflictsOf = (facts: EngineFacts, now: Date): readonly Row[] =>
  unsupported.filter((row) => row.holds(facts, now));
