// Teams in memory: conversations that come and go, busy answers, and cards that were posted although no answer came.
import type { CardMessage, Chat, ConversationAddress, SendOutcome } from '../../shared/ports.ts';
import type { Host, Invocation } from './host.ts';
import type { Random } from './random.ts';
import type { Weather } from './weather.ts';

/** A card that arrived. */
export interface Post {
  readonly conversationId: string;
  readonly activityId: string;
  readonly at: number;
  /** Replaced an earlier card in its place. */
  readonly update: boolean;
  /** Every text on the card, line by line. */
  readonly texts: readonly string[];
  readonly by: Invocation;
  /** The sender was not told that it arrived. */
  readonly silent: boolean;
}

export interface Teams {
  readonly chat: Chat;
  /** Conversations that exist; posting to another one is answered `gone`. */
  readonly open: Set<string>;
  address(conversationId: string): ConversationAddress;
}

export interface TeamsParts {
  readonly host: () => Host;
  readonly now: () => number;
  readonly random: Random;
  readonly weather: Weather;
  readonly posted: (post: Post) => void;
  readonly refused: (conversationId: string, status: 'gone' | 'retry') => void;
}

export function createTeams({ host, now, random, weather, posted, refused }: TeamsParts): Teams {
  const open = new Set<string>();
  const activities = new Map<string, string>();
  let count = 0;

  const noted = (conversationId: string, outcome: SendOutcome): SendOutcome => {
    if (outcome.status === 'gone' || outcome.status === 'retry') refused(conversationId, outcome.status);
    return outcome;
  };

  const refusal = (known: boolean): SendOutcome | undefined => {
    if (!known) return { status: 'gone', message: 'Teams answered 404' };
    if (weather.isClear()) return undefined;
    if (weather.isOut('teams')) return { status: 'retry', message: 'Teams answered 503' };
    if (!random.chance(weather.rates.teamsBusy)) return undefined;
    if (random.chance(0.5)) return { status: 'retry', message: 'Teams answered 500' };
    return { status: 'retry', message: 'Teams answered 429', afterSeconds: random.whole(1, 120) };
  };

  function take(conversationId: string, activityId: string, card: CardMessage, update: boolean): SendOutcome {
    const silent = !weather.isClear() && random.chance(weather.rates.teamsSilent);
    const texts = textsOf(card.card);
    posted({ conversationId, activityId, at: now(), update, texts, by: host().current()!, silent });
    return silent ? { status: 'retry', message: 'Teams did not answer within 30 s' } : { status: 'sent', activityId };
  }

  return {
    open,
    address: (conversationId) => ({
      conversationId,
      serviceUrl: 'https://teams.test',
      tenantId: 'tenant',
      kind: 'channel',
      reference: '{}',
    }),
    chat: {
      post: async ({ conversationId }, message) => {
        const activityId = `activity${++count}`;
        const outcome = refusal(open.has(conversationId)) ?? take(conversationId, activityId, message, false);
        activities.set(activityId, conversationId);
        return noted(conversationId, outcome);
      },
      update: async ({ conversationId }, activityId, message) => {
        const known = open.has(conversationId) && activities.get(activityId) === conversationId;
        return noted(conversationId, refusal(known) ?? take(conversationId, activityId, message, true));
      },
    },
  };
}

/** What a person reads on a card, block by block. */
export function textsOf(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'text' && typeof value === 'string' ? [value] : textsOf(value),
  );
}
