// The bot library's adapter: it checks the tokens that come in, and sends as the bot's own identity.
import { DefaultAzureCredential } from '@azure/identity';
import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import type { ConfigurationBotFrameworkAuthenticationOptions } from 'botbuilder';
import type { JwtTokenProviderFactory } from 'botframework-connector';
import { AuthenticationError, ManagedIdentityServiceClientCredentialsFactory } from 'botframework-connector';

export interface AdapterOptions {
  /** The bot's application id; when empty, no token is asked for. */
  readonly appId: string;
  readonly tenantId: string;
  /** Authorities other than the public cloud's: sovereign clouds, tests. */
  readonly authorities?: ConfigurationBotFrameworkAuthenticationOptions;
}

export function createAdapter({ appId, tenantId, authorities }: AdapterOptions): TeamsAdapter {
  const identity = { MicrosoftAppId: appId, MicrosoftAppTenantId: tenantId, MicrosoftAppType: 'UserAssignedMSI' };
  const adapter = appId
    ? new TeamsAdapter({ ...authorities, ...identity }, credentialsOf(appId))
    : new TeamsAdapter({ ...authorities });
  refuseBadTokens(adapter);
  return adapter;
}

/** The same class; the library's types know only its CommonJS copy. */
type LibraryCredential = ReturnType<JwtTokenProviderFactory['createAzureServiceTokenProvider']>;

/** The bot's own managed identity, as the library would make it from a second copy of the identity library. */
const credentialsOf = (appId: string): ManagedIdentityServiceClientCredentialsFactory =>
  new ManagedIdentityServiceClientCredentialsFactory(appId, {
    createAzureServiceTokenProvider: (managedIdentityClientId) =>
      new DefaultAzureCredential({ managedIdentityClientId }) as unknown as LibraryCredential,
  });

/** A bad signature or algorithm is thrown by the token library as an error of its own, which would come out as 500. */
function refuseBadTokens(adapter: TeamsAdapter): void {
  const { botFrameworkAuthentication } = adapter as unknown as {
    botFrameworkAuthentication: { authenticateRequest: (activity: unknown, header: string) => Promise<unknown> };
  };
  const real = botFrameworkAuthentication.authenticateRequest.bind(botFrameworkAuthentication);
  botFrameworkAuthentication.authenticateRequest = (activity, header) =>
    real(activity, header).catch((error: unknown) => {
      throw error instanceof AuthenticationError ? error : new AuthenticationError('Unauthorized', 401);
    });
}
