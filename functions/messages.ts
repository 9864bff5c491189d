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
    const headers = Object.fromEntries(request.headers);
    const { status, body } = await bot.handle({ method: request.method, headers, body: await request.text() });
    return body === undefined ? { status } : { status, jsonBody: body };
  };

app.http('messages', { methods: ['POST'], authLevel: 'anonymous', route: 'messages', handler: messages(getApp) });
