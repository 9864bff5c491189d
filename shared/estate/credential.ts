// Which identity reads the estate: the user-assigned one where it is named, else whatever the environment offers.
import type { TokenCredential } from '@azure/identity';
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';

/** @param clientId of a user-assigned managed identity */
export function createCredential(clientId: string | undefined): TokenCredential {
  return clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential();
}
