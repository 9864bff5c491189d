// Which tokens open the bot's door: the whole list of what is accepted. The bot library never sees a token.
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import type { BotAuthority } from '../model/cloud.ts';
import type { IncomingActivity } from './activity.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The only channel that is served: on others, Direct Line for one, senders call themselves whatever they like. */
export const CHANNEL = 'msteams';

/** Those of Teams have about 1,200. */
const MAX_TOKEN_CHARS = 8_192;
const AUTHORIZATION = /^Bearer (([\w-]+)\.[\w-]+\.[\w-]+)$/i;
/** An extension that must be understood is none that Teams uses. */
const headerSchema = z.object({ alg: z.literal('RS256'), kid: z.string(), crit: z.undefined().optional() });
const claimsSchema = z.object({ exp: z.number(), serviceurl: z.string() });
/** "Industry-standard clock-skew is 5 minutes" (Bot Connector authentication). */
const LEEWAY_SECONDS = 300;

/** What a good token says; an activity has to fit it: see `fits`. */
export interface GoodToken {
  readonly serviceUrl: string;
}
/** Why, in a few words for the log. */
export interface BadToken {
  readonly refused: string;
}

export interface TokenRules {
  /** Whom tokens have to be meant for. */
  readonly appId: string;
  /** Who has to have issued them. */
  readonly issuer: BotAuthority['issuer'];
  /** Those that sign for the channel. */
  readonly keys: SigningKeys;
}

/**
 * Judges the header Authorization by the list of the Bot Connector documentation ("Authenticate requests from the Bot Connector service
 * to your bot"): signed with a key that is endorsed for Teams, issued by the connector, meant for this bot, valid now, for one address.
 * @throws NoKeysError
 */
export async function readToken(
  authorization: string | undefined,
  { appId, issuer, keys }: TokenRules,
): Promise<GoodToken | BadToken> {
  if (!authorization) return { refused: 'no token' };
  if (authorization.length > MAX_TOKEN_CHARS) return { refused: 'token too long' };
  const [, token, head] = AUTHORIZATION.exec(authorization) ?? [];
  if (token === undefined || head === undefined) return { refused: 'no bearer token' };
  const { data: header } = headerSchema.safeParse(parseJson(Buffer.from(head, 'base64url').toString()));
  if (!header) return { refused: 'header of the token' };
  const key = await keys.find(header.kid);
  if (!key) return { refused: 'unknown key' };
  try {
    const options = { algorithms: ['RS256' as const], issuer, audience: appId, clockTolerance: LEEWAY_SECONDS };
    const { data: claims } = claimsSchema.safeParse(jwt.verify(token, key, options));
    return claims ? { serviceUrl: claims.serviceurl } : { refused: 'claims of the token' };
  } catch (error) {
    // Whatever it throws, the token is not one that is accepted.
    return { refused: error instanceof jwt.JsonWebTokenError ? error.message.slice(0, 40) : 'unreadable token' };
  }
}

/** @returns true for an activity that the holder of the token may send: nothing of what an activity says is signed */
export const fits = ({ serviceUrl }: GoodToken, activity: IncomingActivity): boolean =>
  activity.channelId === CHANNEL && activity.serviceUrl === serviceUrl;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
