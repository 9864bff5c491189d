// The simulated tenant's identity: a token that only the simulated Azure accepts, so that nothing local can be mistaken for the real one.
import type { TokenCredential } from '@azure/identity';

export const SIMULATED_TOKEN = 'simulated-azure-token';

/** @returns a credential whose tokens the simulated Azure accepts and the real one does not */
export function simulatedCredential(): TokenCredential {
  return { getToken: async () => ({ token: SIMULATED_TOKEN, expiresOnTimestamp: Date.now() + 3_600_000 }) };
}
