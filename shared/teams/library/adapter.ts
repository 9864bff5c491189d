// The bot library's adapter: it runs turns whose tokens have been checked, and sends as the bot's own identity.
import { DefaultAzureCredential } from '@azure/identity';
import { TeamsAdapter } from '@microsoft/teams-ai/lib/TeamsAdapter.js';
import type { Activity, InvokeResponse, TurnContext } from 'botbuilder';
import type { AuthenticateRequestResult, JwtTokenProviderFactory } from 'botframework-connector';
import {
  AuthenticationConstants,
  ClaimsIdentity,
  ManagedIdentityServiceClientCredentialsFactory,
} from 'botframework-connector';
import type { BotAuthority } from '../../model/cloud.ts';
import type { IncomingActivity } from '../activity.ts';

export interface AdapterOptions {
  /** The bot's application id; when empty, it sends without a token. */
  readonly appId: string;
  readonly tenantId: string;
  /** Of the cloud that the bot lives in. */
  readonly authority: BotAuthority;
}

export class BotAdapter extends TeamsAdapter {
  private readonly appId: string;
  private readonly audience: string;

  constructor({ appId, tenantId, authority }: AdapterOptions) {
    const addresses = { ToChannelFromBotOAuthScope: authority.scope, OAuthUrl: authority.oauthUrl };
    const identity = { MicrosoftAppId: appId, MicrosoftAppTenantId: tenantId, MicrosoftAppType: 'UserAssignedMSI' };
    if (appId) super({ ...addresses, ...identity }, credentialsOf(appId));
    else super(addresses);
    this.appId = appId;
    this.audience = authority.scope;
  }

  /**
   * Runs one turn. The library's own way in is not taken: it would check the token a second time, by more lenient rules.
   * @param activity from somebody whose token was checked, or is not asked for
   * @returns what is to be answered to an invocation; undefined for everything else
   * @throws what the turn throws
   */
  async answer(
    activity: IncomingActivity,
    turn: (context: TurnContext) => Promise<void>,
  ): Promise<InvokeResponse | undefined> {
    // What the library needs of an activity is what was checked; its type asks for much that Teams never sends.
    return this.processActivity(this.vouch(), activity as unknown as Activity, turn);
  }

  private vouch(): AuthenticateRequestResult {
    const claimsIdentity = new ClaimsIdentity(
      this.appId ? [{ type: AuthenticationConstants.AudienceClaim, value: this.appId }] : [],
      this.appId ? true : AuthenticationConstants.AnonymousAuthType,
    );
    const connectorFactory = this.botFrameworkAuthentication.createConnectorFactory(claimsIdentity);
    return { audience: this.audience, claimsIdentity, connectorFactory };
  }
}

/** The same class; the library's types know only its CommonJS copy. */
type LibraryCredential = ReturnType<JwtTokenProviderFactory['createAzureServiceTokenProvider']>;

/** The bot's own managed identity, as the library would make it from a second copy of the identity library. */
const credentialsOf = (appId: string): ManagedIdentityServiceClientCredentialsFactory =>
  new ManagedIdentityServiceClientCredentialsFactory(appId, {
    createAzureServiceTokenProvider: (managedIdentityClientId) =>
      new DefaultAzureCredential({ managedIdentityClientId }) as unknown as LibraryCredential,
  });
