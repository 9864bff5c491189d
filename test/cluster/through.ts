// Bulkhead itself against a cluster: its reader by way of ARM, its rules, and a whole scan into a store.
import { loopbackHttpClient } from '../../infra/local/azure/http-client.ts';
import { createKubernetesReader } from '../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../shared/estate/retry.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { clusterKey } from '../../shared/model/keys.ts';
import type { Result } from '../../shared/model/result.ts';
import type { ClusterReader } from '../../shared/ports.ts';
import { readLatest } from '../../shared/store/results.ts';
import { startFakeArm } from '../estate/kubernetes/fake-arm.ts';
import { sampleCluster } from '../support/estate.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { createWorld } from '../support/world.ts';
import type { Account } from './account.ts';
import { writeKubeconfig } from './account.ts';
import type { TestEngine } from './truth.ts';
import { memoryRations } from '../support/rations.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/** @returns the ARM side of a cluster with this engine, which is read by the account in its kubeconfig */
export function clusterOf(engine: TestEngine): Cluster {
  const { network, ...cluster } = sampleCluster(SUBSCRIPTION, 'tested');
  const dataplane = engine === 'cilium' ? 'cilium' : 'azure';
  return {
    ...cluster,
    network: { ...network!, policy: engine, dataplane },
    entra: false,
    azureRbac: false,
    localAccountsDisabled: false,
  };
}

export interface Through {
  readonly reader: ClusterReader;
  readonly close: () => Promise<void>;
}

/** @returns a reader that signs in as this account */
export async function readerOf(account: Account): Promise<Through> {
  const arm = await startFakeArm();
  arm.kubeconfig = writeKubeconfig(account);
  const reader = createKubernetesReader({
    credential: {
      getToken: async () => ({ token: account.token ?? 'of-arm', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    endpoint: arm.endpoint,
    httpClient: loopbackHttpClient(),
    allowLocalAccounts: true,
    runCommand: false,
    armLimits: defaultLimits,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    rations: memoryRations(),
    clock: { now: () => new Date() },
  });
  return { reader, close: () => arm.close() };
}

/** @returns what a whole scan stored about the cluster: listed, queued, read, judged, kept */
export async function scan(cluster: Cluster, reader: ClusterReader): Promise<Result | undefined> {
  const tables = memoryTables();
  const world = createWorld({ tables, reader });
  world.subscriptions.set(SUBSCRIPTION, { name: 'test', clusters: new Map([[cluster.name, cluster]]) });
  await world.timer();
  await world.run();
  return (await readLatest(tables.Results, clusterKey(cluster.id)))?.result;
}
