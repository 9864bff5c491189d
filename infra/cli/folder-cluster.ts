// The cluster that a folder of manifests stands for, where there is no ARM body.
import { basename, resolve } from 'node:path';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Told } from './folder-engine.ts';

/** @returns a cluster of which only the engine is known; without one, its engine counts as unrecognised */
export function folderCluster(dir: string, engine: Told | undefined): Cluster {
  return {
    id: `manifests:${dir}`,
    name: basename(resolve(dir)) || dir,
    subscriptionId: '',
    resourceGroup: '',
    location: '',
    tags: {},
    network: {
      plugin: 'azure',
      policy: engine ?? 'not told',
      ...(engine === 'cilium' ? { dataplane: 'cilium' } : {}),
      ipFamilies: [],
      podCidrs: [],
      serviceCidrs: [],
    },
    pools: [],
    autoProvisioning: false,
    entra: false,
    azureRbac: false,
    localAccountsDisabled: false,
    privateApi: false,
    authorizedIpRanges: [],
    runCommandDisabled: false,
  };
}
