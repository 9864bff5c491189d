// What Bulkhead reads of an incoming activity, checked before the bot library sees it.
import { z } from 'zod';
import { isZone } from '../model/zone.ts';
import type { ConversationAddress } from '../ports.ts';

/** Teams sends a few KB; more than this is not a chat message. */
export const MAX_ACTIVITY_BYTES = 256 * 1024;

/** Those of Teams have some 200 characters. */
const id = z.string().max(512);
const word = z.string().max(100);
/** Only shown: what does not fit is cut. */
const name = z.string().transform((text) => text.slice(0, 200));
const account = z.object({ id: id.min(1), name: name.nullish(), aadObjectId: id.nullish() });
const member = z.object({ id });
/** More than Teams takes as one message; a command is far shorter. */
const MAX_TEXT_CHARS = 32_000;

const mentionSchema = z.object({
  type: z.string().regex(/^mention$/i),
  text: z.string().max(1_000).default(''),
  mentioned: member,
});

/** Everything that is looked at, by us or by the library. What else an activity says goes no further. */
export const activitySchema = z.object({
  type: word,
  id: id.nullish(),
  /** Of the message whose button was pressed. */
  replyToId: id.nullish(),
  serviceUrl: z.url().max(1_000),
  channelId: word.nullish(),
  from: account,
  recipient: account,
  conversation: z.object({
    id: id.min(1),
    tenantId: id.nullish(),
    conversationType: word.nullish(),
    isGroup: z.boolean().nullish(),
  }),
  locale: word.nullish(),
  /** The IANA zone of whoever writes, as Teams sends it. */
  localTimezone: word.nullish(),
  channelData: z.object({ tenant: z.object({ id }).nullish() }).nullish(),
  deliveryMode: word.nullish(),
  text: z
    .string()
    .nullish()
    .transform((text) => (text ?? '').slice(0, MAX_TEXT_CHARS)),
  /** Whom the text mentions; the first words of a message in a channel are a mention of the bot. */
  entities: z
    .array(z.unknown())
    .nullish()
    .transform((entities) => (entities ?? []).flatMap((entity) => mentionSchema.safeParse(entity).data ?? [])),
  /** The button that was pressed. */
  value: z
    .object({ verb: z.literal('command'), command: z.string().max(MAX_TEXT_CHARS), once: id.optional() })
    .nullish()
    .catch(undefined),
  /** What happened to the installation. */
  action: word.nullish(),
  membersRemoved: z.array(member).nullish(),
});
export type IncomingActivity = z.output<typeof activitySchema>;

/** @returns undefined for what is not an activity, or not even JSON */
export function readActivity(body: string): IncomingActivity | undefined {
  try {
    return activitySchema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/**
 * @param connectorHosts where Teams' connector lives: a token is sent to these hosts and those below them, and nowhere else
 * @returns true for an address that answers may be sent to: Teams' own over https, or this machine where chat is anonymous
 */
export function isTrustedServiceUrl(
  serviceUrl: string,
  connectorHosts: readonly string[],
  loopbackAllowed: boolean,
): boolean {
  const url = URL.parse(serviceUrl);
  if (!url || url.username || url.password) return false;
  if (loopbackAllowed && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return true;
  const isConnector = connectorHosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  return url.protocol === 'https:' && url.port === '' && isConnector;
}

/** @returns the Entra tenant a message claims to come from, lower-cased; undefined when it names none, or two different ones */
export function tenantOf(activity: IncomingActivity): string | undefined {
  const named = [activity.conversation.tenantId, activity.channelData?.tenant?.id]
    .filter((id) => id !== undefined && id !== null)
    .map((id) => id.toLowerCase());
  return new Set(named).size === 1 ? named[0] : undefined;
}

/**
 * @returns the Entra object id of the person who wrote; empty where it is not known. Only Teams guarantees it: on other channels the
 *   sender may write there whatever they like (the channel itself is vouched for by the endorsements of the token's key).
 */
export const personOf = ({ channelId, from }: Pick<IncomingActivity, 'channelId' | 'from'>): string =>
  channelId === 'msteams' ? (from.aadObjectId ?? '') : '';

/** @returns the zone of whoever writes, where Teams tells one that this runtime knows */
export const zoneOf = ({ localTimezone }: Pick<IncomingActivity, 'localTimezone'>): string | undefined =>
  localTimezone && isZone(localTimezone) ? localTimezone : undefined;

/** A person's name is kept with what they did, up to this length. */
const MAX_NAME_CHARS = 80;

export const nameOf = ({ from }: Pick<IncomingActivity, 'from'>): string =>
  (from.name ?? '').trim().slice(0, MAX_NAME_CHARS) || 'somebody';

/** A channel's thread has an id of its own behind a semicolon; alerts belong to the channel. */
export const channelOf = (conversationId: string): string => conversationId.split(';')[0]!;

/** What a group of unknown kind is allowed is what is allowed in a channel, which is the least. */
function kindOf({ conversationType, isGroup }: IncomingActivity['conversation']): ConversationAddress['kind'] {
  if (conversationType === 'groupChat' || conversationType === 'personal') return conversationType;
  return conversationType === 'channel' || isGroup ? 'channel' : 'personal';
}

/** @param reference the library's conversation reference, kept as it is */
export function toAddress(activity: IncomingActivity, reference: unknown): ConversationAddress {
  return {
    conversationId: channelOf(activity.conversation.id),
    serviceUrl: activity.serviceUrl,
    tenantId: tenantOf(activity) ?? '',
    kind: kindOf(activity.conversation),
    reference: JSON.stringify(reference),
  };
}
