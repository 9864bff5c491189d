// Teams as the bot sees it, on loopback: who signs its tokens, where answers go, and what its messages look like.
import type { Body } from '../../shared/bounded-body.ts';
import { clouds } from '../../shared/model/cloud.ts';
import type { BotOptions } from '../../shared/teams/bot.ts';
import type { ConversationAddress } from '../../shared/ports.ts';
import type { Authority } from './authority.ts';
import { startAuthority } from './authority.ts';
import { botServices } from './bot-services.ts';
import type { Connector } from './connector.ts';
import { startConnector } from './connector.ts';
import type { ManagedIdentity } from './managed-identity.ts';
import { startManagedIdentity } from './managed-identity.ts';

export const APP = '5e8f7a52-1111-4111-8111-0123456789ab';
export const TENANT = '0c9a4b52-7a3e-4ed0-8f0d-5b7e2d6c1a11';

export interface Teams {
  readonly authority: Authority;
  readonly connector: Connector;
  readonly identity: ManagedIdentity;
  /** Of a bot that knows this Teams alone. */
  readonly botOptions: BotOptions;
  /** A message that somebody writes in a personal chat, or what is otherwise about it. */
  activity(more?: Record<string, unknown>): Record<string, unknown>;
  /** What a good token says. */
  claims(): Record<string, unknown>;
  /** That chat, as it is kept for posting. */
  address(): ConversationAddress;
  close(): Promise<void>;
}

export async function startTeams(services = botServices(), appId = APP): Promise<Teams> {
  const [authority, connector, identity] = await Promise.all([
    startAuthority(),
    startConnector(),
    startManagedIdentity(),
  ]);
  return {
    authority,
    connector,
    identity,
    botOptions: {
      appId,
      tenantId: TENANT,
      anonymous: false,
      loopbackAllowed: true,
      services,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      authority: { ...clouds.AzureCloud.bot, openIdMetadataUrl: authority.metadataUrl },
    },
    activity: (more = {}) => ({
      type: 'message',
      id: 'a1',
      channelId: 'msteams',
      serviceUrl: connector.serviceUrl,
      from: { id: '29:person', name: 'Robin', aadObjectId: 'person' },
      recipient: { id: `28:${appId}`, name: 'Bulkhead' },
      conversation: { id: 'conv', tenantId: TENANT, conversationType: 'personal' },
      channelData: { tenant: { id: TENANT } },
      text: 'help',
      ...more,
    }),
    claims: () => ({ iss: 'https://api.botframework.com', aud: appId, serviceurl: connector.serviceUrl }),
    address: () => ({
      conversationId: 'conv',
      serviceUrl: connector.serviceUrl,
      tenantId: TENANT,
      kind: 'personal',
      reference: JSON.stringify({
        channelId: 'msteams',
        serviceUrl: connector.serviceUrl,
        conversation: { id: 'conv;messageid=4', tenantId: TENANT },
        bot: { id: `28:${appId}` },
        user: { id: '29:person' },
      }),
    }),
    async close() {
      await Promise.all([authority.close(), connector.close()]);
    },
  };
}

/** A body as a door gets it. */
export const bodyOf = (text: string, declared: string | null = null): Body => ({
  declared,
  bytes: new Blob([text]).stream(),
});
