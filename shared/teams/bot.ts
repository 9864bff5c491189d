// The bot: it checks and answers what Teams sends, and posts cards. Loaded on the first message, together with the bot library.
import type { Body } from '../bounded-body.ts';
import { isTooLong, readBounded } from '../bounded-body.ts';
import type { Chat, Log } from '../ports.ts';
import type { IncomingActivity } from './activity.ts';
import { MAX_ACTIVITY_BYTES, isTrustedServiceUrl, readActivity, tenantOf } from './activity.ts';
import type { BotServices } from './bot-services.ts';
import type { AdapterOptions } from './library/adapter.ts';
import { BotAdapter } from './library/adapter.ts';
import { createApplication } from './library/application.ts';
import { createChat } from './library/posting.ts';
import { createSigningKeys } from './signing-keys.ts';
import type { GoodToken } from './token.ts';
import { CHANNEL, fits, readToken } from './token.ts';

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
  /** The header of that name. */
  readonly authorization?: string | undefined;
  readonly body: Body;
}

export interface BotResponse {
  readonly status: number;
  readonly body?: unknown;
  /** Whoever asked may ask again after this many seconds. */
  readonly retryAfter?: number;
}

export interface Bot {
  /** Answers one request from Teams. Never throws. */
  handle(request: BotRequest): Promise<BotResponse>;
  readonly chat: Chat;
}

/** So many requests may wait at once for their token to be checked; the others are sent away. */
const MOST_UNCHECKED = 32;
const RETRY_SECONDS = 5;

/** @throws when there is no application id and anonymous access was not asked for: it would switch token checking off */
export function createBot(options: BotOptions): Bot {
  const { appId, anonymous, authority, loopbackAllowed = anonymous, log, services } = options;
  if (!appId && !anonymous)
    throw new Error(
      'The bot has no application id: set BULKHEAD_BOT_APP_ID. Without one, tokens would not be checked.',
    );
  const adapter = new BotAdapter(options);
  const app = createApplication(adapter, options);
  const { issuer, openIdMetadataUrl, connectorHosts } = authority;
  const rules = { appId, issuer, keys: createSigningKeys({ openIdMetadataUrl, channel: CHANNEL, clock: services }) };
  const isTrusted = (serviceUrl: string): boolean => isTrustedServiceUrl(serviceUrl, connectorHosts, loopbackAllowed);
  const isWelcome = (activity: IncomingActivity): boolean =>
    isTrusted(activity.serviceUrl) && (anonymous || tenantOf(activity) === options.tenantId.toLowerCase());

  function refuse(status: number, why: string): BotResponse {
    log.warn('chat request refused', { status, why });
    return { status };
  }

  let unchecked = 0;
  async function check(authorization: string | undefined): Promise<GoodToken | BotResponse> {
    if (unchecked >= MOST_UNCHECKED) return { status: 503, retryAfter: RETRY_SECONDS };
    unchecked++;
    try {
      const token = await readToken(authorization, rules);
      return 'refused' in token ? refuse(401, token.refused) : token;
    } catch (error) {
      log.error('chat tokens cannot be checked', { error });
      return { status: 503, retryAfter: RETRY_SECONDS };
    } finally {
      unchecked--;
    }
  }

  /** Whoever cannot show a token is sent away before a byte of the body is read. */
  async function handle({ authorization, body }: BotRequest): Promise<BotResponse> {
    if (isTooLong(body, MAX_ACTIVITY_BYTES)) return { status: 413 };
    const token = anonymous ? undefined : await check(authorization);
    if (token && 'status' in token) return token;
    try {
      const text = await readBounded(body, MAX_ACTIVITY_BYTES);
      if (!text) return refuse(413, 'too long');
      const activity = readActivity(text.toString());
      if (!activity) return refuse(400, 'not an activity');
      if (token && !fits(token, activity)) return refuse(401, 'not what the token is for');
      if (!isWelcome(activity)) return refuse(403, 'another tenant or service address');
      const answer = await adapter.answer(activity, async (context) => void (await app.run(context)));
      return answer ? toResponse(answer) : { status: 200 };
    } catch (error) {
      log.error('chat request failed', { error });
      return { status: 500 };
    }
  }

  return { handle, chat: createChat(adapter, appId, isTrusted) };
}

/** Bodies of errors are dropped: they carry raw error texts. */
const toResponse = ({ status, body }: { readonly status: number; readonly body?: unknown }): BotResponse =>
  status < 400 && body !== undefined ? { status, body } : { status };
