// The simulated tenant's identity: tokens that only the simulated Azure accepts, so that nothing local can be mistaken for the real one.
import type { TokenCredential } from '@azure/identity';

export const SIMULATED_TOKEN = 'simulated-azure-token';
/** For the API servers of clusters, which take no ARM token. */
export const SIMULATED_KUBERNETES_TOKEN = 'simulated-kubernetes-token';

/** The Entra application that every AKS API server takes tokens for (AKS documentation, "Use kubelogin"). */
export const AKS_SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** @returns a credential whose tokens the simulated Azure accepts and the real one does not */
export function simulatedCredential(): TokenCredential {
  return {
    getToken: async (scopes) => ({
      token: [scopes].flat().includes(`${AKS_SERVER_APPLICATION}/.default`)
        ? SIMULATED_KUBERNETES_TOKEN
        : SIMULATED_TOKEN,
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };
}
