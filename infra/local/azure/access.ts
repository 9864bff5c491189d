// What an app needs in the place of Azure's own to work with the simulated Azure.
import type { Overrides } from '../../../shared/app/overrides.ts';
import { simulatedCredential } from './credential.ts';
import { loopbackHttpClient } from './http-client.ts';

/** @param endpoint of a simulated Azure that listens */
export const simulatedAccess = (endpoint: string): Pick<Overrides, 'armEndpoint' | 'credential' | 'httpClient'> => ({
  armEndpoint: endpoint,
  credential: simulatedCredential(),
  httpClient: loopbackHttpClient(),
});
