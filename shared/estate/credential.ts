// Which identity reads the estate: the user-assigned one where it is named, else whatever the environment offers.
import type { TokenCredential } from '@azure/identity';
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';

/**
 * @param clientId of a user-assigned managed identity
 * @param authorityHost where the cloud signs in; a managed identity needs none
 */
export function createCredential(clientId: string | undefined, authorityHost: string): TokenCredential {
  return clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential({ authorityHost });
}
