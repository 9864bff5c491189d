// The simulated Azure with the API servers of its clusters, from one folder of files.
import { estateFromFiles } from './azure/estate-files.ts';
import { createFaults } from './azure/faults.ts';
import type { SimulatedAzure } from './azure/server.ts';
import { startSimulatedAzure } from './azure/server.ts';
import { createManifestReader } from './kubernetes/manifests.ts';
import { startSimulatedKubernetes } from './kubernetes/server.ts';

export interface SimulationOptions {
  readonly estateDir: string;
  /** Gets a sentence when an edited file cannot be read. */
  readonly warn: (sentence: string) => void;
  /** Of ARM; 0 or left out: any free one. */
  readonly port?: number;
  /** Of ARM's lists. */
  readonly pageSize: number;
}

/** @throws when the port is taken; nothing is left running then */
export async function startSimulation({ estateDir, warn, ...arm }: SimulationOptions): Promise<SimulatedAzure> {
  const faults = createFaults();
  const estate = estateFromFiles(estateDir, warn);
  const kubernetes = await startSimulatedKubernetes({ estate, manifests: createManifestReader(warn), faults });
  const kubeconfig = kubernetes.kubeconfig.bind(kubernetes);
  const azure = await startSimulatedAzure({ ...arm, estate, faults, kubeconfig }).catch(async (error: unknown) => {
    await kubernetes.close();
    throw error;
  });
  return {
    ...azure,
    async close() {
      await azure.close();
      await kubernetes.close();
    },
  };
}
