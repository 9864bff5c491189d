// Teams posts here. What locks this door is the token that Teams sends to the bot, so the host asks for no key.
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { app } from '@azure/functions';
import type { App } from '../shared/app/app.ts';
import { getApp } from '../shared/app/app.ts';

export const messages =
  (application: () => Pick<App, 'bot' | 'nudge'>) =>
  async (request: HttpRequest): Promise<HttpResponseInit> => {
    const { bot: load, nudge } = application();
    nudge();
    const bot = await load();
    if (!bot)
      return {
        status: 503,
        jsonBody: { error: { code: 'BotOff', message: 'The bot is off: BULKHEAD_BOT_APP_ID is not set.' } },
      };
    const { status, body, retryAfter } = await bot.handle({
      authorization: request.headers.get('authorization') ?? undefined,
      body: { declared: request.headers.get('content-length'), bytes: request.body },
    });
    return {
      status,
      ...(body === undefined ? {} : { jsonBody: body }),
      ...(retryAfter === undefined ? {} : { headers: { 'retry-after': String(retryAfter) } }),
    };
  };

app.http('messages', { methods: ['POST'], authLevel: 'anonymous', route: 'messages', handler: messages(getApp) });
