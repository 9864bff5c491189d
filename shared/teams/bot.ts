// The bot: it checks and answers what Teams sends, and posts cards. Loaded on the first message, together with the bot library.
import type { Chat, Log } from '../ports.ts';
import type { IncomingActivity } from './activity.ts';
import { MAX_ACTIVITY_BYTES, isTrustedServiceUrl, readActivity, tenantOf, unreadable } from './activity.ts';
import { Answered } from './answered.ts';
import type { BotResponse } from './answered.ts';
import type { BotServices } from './bot-services.ts';
import type { AdapterOptions } from './library/adapter.ts';
import { createAdapter } from './library/adapter.ts';
import { createApplication } from './library/application.ts';
import { createChat } from './library/posting.ts';

/** The application id may be empty only together with `anonymous`. */
export interface BotOptions extends AdapterOptions {
  /** Local development: no token is asked for, and only this machine is answered. */
  readonly anonymous: boolean;
  readonly services: BotServices;
  readonly log: Log;
  /** Answers may go to this machine although tokens are checked: tests. */
  readonly loopbackAllowed?: boolean;
}

export interface BotRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Bot {
  /** Answers one request from Teams. Never throws. */
  handle(request: BotRequest): Promise<BotResponse>;
  readonly chat: Chat;
}

/** @throws when there is no application id and anonymous access was not asked for: it would switch token checking off */
export function createBot(options: BotOptions): Bot {
  const { appId, anonymous, loopbackAllowed = anonymous, log } = options;
  if (!appId && !anonymous)
    throw new Error(
      'The bot has no application id: set BULKHEAD_BOT_APP_ID. Without one, tokens would not be checked.',
    );
  const adapter = createAdapter(options);
  const app = createApplication(adapter, options);
  const isTrusted = (serviceUrl: string): boolean => isTrustedServiceUrl(serviceUrl, loopbackAllowed);
  const isWelcome = (activity: IncomingActivity): boolean =>
    isTrusted(activity.serviceUrl) && (anonymous || tenantOf(activity) === options.tenantId.toLowerCase());

  async function handle({ method, headers, body }: BotRequest): Promise<BotResponse> {
    if (body.length > MAX_ACTIVITY_BYTES) return { status: 413 };
    const activity = readActivity(body);
    const answered = new Answered();
    try {
      await adapter.process({ method, headers, body: activity ?? unreadable }, answered, async (context) => {
        const refused = !activity ? 400 : isWelcome(activity) ? undefined : 403;
        if (refused) {
          answered.refuse(refused);
          log.warn('chat message refused', { status: refused, conversation: activity?.conversation.id });
        } else await app.run(context);
      });
    } catch (error) {
      log.error('chat request failed', { error });
      return { status: activity ? 500 : 400 };
    }
    return answered.response();
  }

  return { handle, chat: createChat(adapter, appId, isTrusted) };
}
