// Estate and reader together against the whole simulated Azure: each of its clusters is seen into, or says why not.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { simulatedCredential } from '../../../infra/local/azure/credential.ts';
import { loopbackHttpClient } from '../../../infra/local/azure/http-client.ts';
import type { SimulatedAzure } from '../../../infra/local/azure/server.ts';
import { startSimulation } from '../../../infra/local/simulation.ts';
import { createAzureEstate } from '../../../shared/estate/azure-estate.ts';
import { createKubernetesReader } from '../../../shared/estate/kubernetes/reader.ts';
import { defaultLimits } from '../../../shared/estate/retry.ts';
import type { Cluster } from '../../../shared/model/cluster.ts';
import type { InCluster } from '../../../shared/model/in-cluster.ts';
import { UnreadableError } from '../../../shared/model/estate.ts';
import { memoryRations } from '../../support/rations.ts';

const never = new AbortController().signal;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

let azure: SimulatedAzure;
beforeAll(async () => {
  const estateDir = fileURLToPath(new URL('../../../infra/local/estate', import.meta.url));
  azure = await startSimulation({ estateDir, warn: () => undefined, pageSize: 3 });
});
afterAll(() => azure.close());

async function clustersOf(): Promise<Cluster[]> {
  const estate = createAzureEstate({
    ...target(),
    allow: [],
    deny: [],
    managementGroups: [],
    managedNamespaces: false,
    limits: defaultLimits,
  });
  const found: Cluster[] = [];
  for (const { id } of await estate.subscriptions(never))
    try {
      for await (const page of estate.clusters(id, never))
        found.push(...page.flatMap((listed) => ('cluster' in listed ? [listed.cluster] : [])));
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
    }
  return found;
}

const target = () => ({
  credential: simulatedCredential(),
  endpoint: azure.endpoint,
  httpClient: loopbackHttpClient(),
  log: quiet,
});

test('each simulated cluster is read inside, or gives its own reason', async () => {
  const reader = createKubernetesReader({
    ...target(),
    allowLocalAccounts: false,
    runCommand: false,
    armLimits: defaultLimits,
    rations: memoryRations(),
    clock: { now: () => new Date() },
  });
  const clusters = await clustersOf();
  const reads = await Promise.all(
    clusters.map(async (cluster): Promise<[Cluster, InCluster]> => [
      cluster,
      await reader.read(cluster, { scanId: 's' }, never),
    ]),
  );
  const reasons = reads.flatMap(([{ name }, found]) => (found.status === 'unknown' ? [[name, found.reason]] : []));
  expect(Object.fromEntries(reasons)).toEqual({
    'edge-pilot': 'forbidden',
    'feature-lab': 'stopped',
    intranet: 'no-entra',
    reports: 'ip-restricted',
    'vault-prod': 'private',
  });
  const partly = reads.filter(([, found]) => found.status === 'read' && found.forbiddenKinds.length > 0);
  expect(partly.map(([{ name }]) => name)).toEqual(['search-prod']);
  const pods = reads.flatMap(([, found]) => (found.status === 'read' ? found.objects.pods : []));
  expect(pods.length).toBeGreaterThan(100);
  expect(reads.flatMap(([, found]) => (found.status === 'read' ? found.objects.daemonSets : []))).not.toEqual([]);
});
