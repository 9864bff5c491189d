// The single steps on the way to an engine: what each needs, its commands, and what the cluster is afterwards.
import type { Cluster, EngineFacts } from '../../model/cluster.ts';
import { azAks } from '../../model/shell.ts';
import { windowsBeyondCalico, windowsPools } from '../facts/support-matrix.ts';
import { isBelow } from '../facts/version.ts';

export interface Step {
  /** What must hold beforehand and what happens meanwhile. */
  readonly notes: readonly string[];
  /** None: it is done by hand. */
  readonly commands: readonly string[];
  /** What the cluster is when it is done. */
  readonly after: EngineFacts;
}

export const withNetwork = (facts: EngineFacts, network: NonNullable<EngineFacts['network']>): EngineFacts => ({
  ...facts,
  network: { ...facts.network, ...network },
});

export function uninstall(cluster: Cluster, facts: EngineFacts): Step {
  if (isOld(facts, 30)) return upgrade(cluster, facts, 30);
  return {
    notes: [
      'Needs Azure CLI 2.63 and Kubernetes 1.30 or later. Policy objects stay, but NOTHING is enforced until an engine is on again.',
    ],
    commands: [azAks(cluster, 'update', '--network-policy', 'none')],
    after: withNetwork(facts, { policy: 'none' }),
  };
}

export function leaveKubenet(cluster: Cluster, facts: EngineFacts, windows: boolean): Step {
  if (isOld(facts, 27)) return upgrade(cluster, facts, 27);
  const late = 'On Azure CNI, Calico may block what a pod sends for a moment after the pod starts.';
  return {
    notes: [
      'Needs Kubernetes 1.27 or later and a user-assigned identity on the cluster. It cannot be undone.',
      ...(windows ? [late] : []),
    ],
    commands: [azAks(cluster, 'update', '--network-plugin', 'azure', '--network-plugin-mode', 'overlay')],
    after: withNetwork(facts, { plugin: 'azure', pluginMode: 'overlay' }),
  };
}

export function provisioning(cluster: Cluster, facts: EngineFacts, back: boolean): Step {
  return {
    notes: back
      ? ['Node auto-provisioning can be switched on again.']
      : [
          'The engine cannot change while node auto-provisioning is on. Before you switch it off, move what runs on its nodes to pools of a fixed size, until the first command lists no node.',
        ],
    commands: [
      ...(back ? [] : ['kubectl get nodes --selector karpenter.sh/nodepool']),
      azAks(cluster, 'update', '--node-provisioning-mode', back ? 'Auto' : 'Manual'),
    ],
    after: { ...facts, autoProvisioning: back },
  };
}

export const isOld = (facts: EngineFacts, minor: number): boolean =>
  [facts.kubernetesVersion, ...facts.pools.map((pool) => pool.kubernetesVersion)].some((v) => isBelow(v, 1, minor));

export function upgrade(cluster: Cluster, facts: EngineFacts, minor: number): Step {
  const version = `1.${minor}`;
  return {
    notes: [
      `The next step needs Kubernetes ${version}. Upgrade the cluster and its pools to VERSION, ${version} or later, one minor version at a time.`,
    ],
    commands: [azAks(cluster, 'get-upgrades'), azAks(cluster, 'upgrade', '--kubernetes-version', 'VERSION')],
    after: {
      ...facts,
      kubernetesVersion: version,
      pools: facts.pools.map((pool) => ({ ...pool, kubernetesVersion: version })),
    },
  };
}

const poolNames = (pools: EngineFacts['pools']): string => pools.map(({ name }) => name).join(', ');

export const leaveWindows = (facts: EngineFacts): Step => ({
  notes: [
    `Cilium runs on Linux nodes only, and AKS has no way back from it. Move the workloads of ${poolNames(windowsPools(facts))} to another cluster, then delete these pools.`,
  ],
  commands: [],
  after: { ...facts, pools: facts.pools.filter(({ os }) => os !== 'windows') },
});

export const olderWindows = (facts: EngineFacts): Step => {
  const beyond = windowsBeyondCalico(facts);
  return {
    notes: [
      `No engine of AKS supports the Windows of ${poolNames(beyond)}. Move their workloads to pools with --os-sku Windows2022, then delete these pools.`,
    ],
    commands: [],
    after: {
      ...facts,
      pools: facts.pools.map((pool) => (beyond.includes(pool) ? { ...pool, osSku: 'Windows2022' } : pool)),
    },
  };
};

export const start = (cluster: Cluster, facts: EngineFacts): Step => ({
  notes: ['The cluster is stopped, and has to run before anything else can change.'],
  commands: [azAks(cluster, 'start')],
  after: { ...facts, power: 'running' },
});

export const wait = (cluster: Cluster, facts: EngineFacts): Step => ({
  notes: [`An operation is under way (${facts.provisioning}), and AKS refuses others until it is over.`],
  commands: [azAks(cluster, 'wait', '--updated')],
  after: { ...facts, provisioning: 'succeeded' },
});
