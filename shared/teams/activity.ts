// What Bulkhead reads of an incoming activity, checked before the bot library sees it.
import { z } from 'zod';
import { isZone } from '../model/zone.ts';
import type { ConversationAddress } from '../ports.ts';

/** Teams sends a few KB; more than this is not a chat message. */
export const MAX_ACTIVITY_BYTES = 256 * 1024;

const short = z.string().max(4_096);

export const activitySchema = z.looseObject({
  type: short,
  id: short.optional(),
  serviceUrl: z.url().max(1_000),
  channelId: short.optional(),
  from: z.looseObject({ id: short, name: short.optional(), aadObjectId: short.optional() }),
  recipient: z.looseObject({ id: short }).optional(),
  conversation: z.looseObject({
    id: short,
    tenantId: short.nullish(),
    conversationType: short.nullish(),
    isGroup: z.boolean().nullish(),
  }),
  /** The IANA zone of whoever writes, as Teams sends it. */
  localTimezone: short.nullish(),
  channelData: z.looseObject({ tenant: z.looseObject({ id: short }).nullish() }).nullish(),
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

/** Stands in for a body that is not an activity: its token is checked first, then it is refused. */
export const unreadable = {
  type: 'invalid',
  serviceUrl: 'https://invalid.invalid',
  channelId: 'invalid',
  from: { id: '' },
  conversation: { id: '' },
};

/** Where Teams' connector lives; a token is sent nowhere else (Bot Framework connector service URLs). */
const CONNECTOR_HOSTS = [
  /(^|\.)smba\.trafficmanager\.net$/,
  /(^|\.)botframework\.com$/,
  /(^|\.)teams\.microsoft\.com$/,
];

/** @returns true for an address that answers may be sent to: Teams' own over https, or this machine where chat is anonymous */
export function isTrustedServiceUrl(serviceUrl: string, loopbackAllowed: boolean): boolean {
  const url = URL.parse(serviceUrl);
  if (!url || url.username || url.password) return false;
  if (loopbackAllowed && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) return true;
  return url.protocol === 'https:' && url.port === '' && CONNECTOR_HOSTS.some((host) => host.test(url.hostname));
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

/** @param reference the library's conversation reference, kept as it is */
export function toAddress(activity: IncomingActivity, reference: unknown): ConversationAddress {
  const type = activity.conversation.conversationType;
  return {
    conversationId: channelOf(activity.conversation.id),
    serviceUrl: activity.serviceUrl,
    tenantId: tenantOf(activity) ?? '',
    kind: type === 'channel' || type === 'groupChat' ? type : 'personal',
    reference: JSON.stringify(reference),
  };
}
