// The Azure clouds that Bulkhead runs in: where each has its Resource Manager, its sign-in, its storage and its bot service.

export const cloudNames = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'] as const;
/** As `az cloud list` names them. */
export type CloudName = (typeof cloudNames)[number];

export interface Cloud {
  /** Azure Resource Manager, without a trailing slash; its tokens are asked for this address as well. */
  readonly armEndpoint: string;
  /** Entra's sign-in. */
  readonly authorityHost: string;
  /** `ACCOUNT.table.SUFFIX` is the table service of a storage account. */
  readonly storageSuffix: string;
  readonly bot: BotAuthority;
}

/** Whom the bot believes, and whom it asks for tokens. */
export interface BotAuthority {
  /** `iss` of the tokens that Teams sends. */
  readonly issuer: string;
  /** Names the keys that these tokens are signed with. */
  readonly openIdMetadataUrl: string;
  /** What the bot's own token is asked for. */
  readonly scope: string;
  readonly oauthUrl: string;
  /** Teams' connector is one of these hosts or below one: the bot's token is sent nowhere else. */
  readonly connectorHosts: readonly string[];
}

/**
 * Resource Manager, sign-in and storage as `az cloud list` has them. Bots: Azure Bot Service documentation, "Deploy to Government
 * High" (how-to-deploy-gov-cloud-high) and "Deploy to 21Vianet" (how-to-deploy-china-cloud); connectors: Teams documentation,
 * "Send proactive messages", whose GCC addresses belong to the public cloud. For 21Vianet no connector is documented: the address
 * is the one that bots there report.
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  AzureCloud: {
    armEndpoint: 'https://management.azure.com',
    authorityHost: 'https://login.microsoftonline.com',
    storageSuffix: 'core.windows.net',
    bot: {
      issuer: 'https://api.botframework.com',
      openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      scope: 'https://api.botframework.com',
      oauthUrl: 'https://api.botframework.com',
      connectorHosts: ['smba.trafficmanager.net', 'botframework.com', 'teams.microsoft.com'],
    },
  },
  AzureUSGovernment: {
    armEndpoint: 'https://management.usgovcloudapi.net',
    authorityHost: 'https://login.microsoftonline.us',
    storageSuffix: 'core.usgovcloudapi.net',
    bot: {
      issuer: 'https://api.botframework.us',
      openIdMetadataUrl: 'https://login.botframework.azure.us/v1/.well-known/openidconfiguration',
      scope: 'https://api.botframework.us',
      oauthUrl: 'https://api.botframework.azure.us',
      connectorHosts: ['botframework.azure.us', 'teams.microsoft.us'],
    },
  },
  AzureChinaCloud: {
    armEndpoint: 'https://management.chinacloudapi.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
    storageSuffix: 'core.chinacloudapi.cn',
    bot: {
      issuer: 'https://api.botframework.azure.cn',
      openIdMetadataUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration',
      scope: 'https://api.botframework.azure.cn',
      oauthUrl: 'https://token.botframework.azure.cn',
      connectorHosts: ['smba.trafficmanager.cn', 'botframework.azure.cn'],
    },
  },
};
