// The bot, loaded by the first message or the first delivery: its library takes a while to load.
import { clouds } from '../model/cloud.ts';
import type { Log } from '../ports.ts';
import type { BotServices } from '../teams/bot-services.ts';
import type { Bot } from '../teams/bot.ts';
import type { Config } from './config.ts';

/** @returns a function that gives the same bot every time, and undefined when the bot is off */
export function createBotLoader(config: Config, services: BotServices, log: Log): () => Promise<Bot | undefined> {
  const { botAppId = '', botAnonymous: anonymous, botTenantId, tenantId } = config;
  let loading: Promise<Bot> | undefined;
  return async () => {
    if (!botAppId && !anonymous) return undefined;
    loading ??= import('../teams/bot.ts').then(({ createBot }) =>
      createBot({
        appId: anonymous ? '' : botAppId,
        tenantId: botTenantId ?? tenantId ?? '',
        authority: clouds[config.cloud].bot,
        anonymous,
        services,
        log,
      }),
    );
    return loading;
  };
}
