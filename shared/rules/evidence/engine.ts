// Which engine runs in a cluster, and how policies are to be read for it.
import type { Cluster } from '../../model/cluster.ts';
import type { Engine } from '../../model/verdict.ts';
import type { EngineProfile } from '../../network/index.ts';
import { specification } from '../../network/index.ts';
import type { ClusterObjects } from '../../network/objects.ts';
import { parseVersion } from '../facts/version.ts';

export const profileOf = (cluster: Cluster, engine: Engine): EngineProfile => {
  if (engine === 'unrecognised') return specification;
  const windows = cluster.pools.length > 0 && cluster.pools.every((pool) => pool.os === 'windows');
  const kubernetes = parseVersion(cluster.kubernetesVersion);
  return { engine, windows, ...(kubernetes ? { kubernetes } : {}) };
};

/** The DaemonSets by which each engine is known. */
export const engineDaemonSets: readonly { readonly engine: 'cilium' | 'azure' | 'calico'; readonly name: string }[] = [
  { engine: 'cilium', name: 'cilium' },
  { engine: 'azure', name: 'azure-npm' },
  { engine: 'calico', name: 'calico-node' },
];

/** @returns the engine whose DaemonSet is at work, if one is */
export function runningEngine(objects: ClusterObjects): 'cilium' | 'azure' | 'calico' | undefined {
  return engineDaemonSets.find(({ name }) => objects.daemonSets.some((set) => set.name === name && set.ready > 0))
    ?.engine;
}
