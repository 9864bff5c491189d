// The messages of the scan protocol, checked where they come off a queue: what is on a queue may be old, foreign or damaged.
import { z } from 'zod';
import type { Plain } from '../model/cluster.ts';
import { clusterSchema } from '../model/cluster.ts';
import { unknownReasons } from '../model/verdict.ts';
import { MESSAGE_VERSION, messageBytes, versionOf } from '../store/queue-message.ts';
import { rationedCalls } from '../store/rations.ts';

const unreadable = z.object({ reason: z.enum(unknownReasons), message: z.string() });
export const enumerateMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('estate'),
    scanId: z.string(),
    /** Why the subscriptions are not to be listed again in this scan: that failed too often. */
    unreadable: unreadable.exactOptional(),
  }),
  z.object({
    kind: z.literal('subscription'),
    scanId: z.string(),
    subscription: z.object({ id: z.string(), name: z.string(), homeTenant: z.string().exactOptional() }),
    /** Why it cannot be read in this scan, though it is known from earlier ones. */
    unreadable: unreadable.exactOptional(),
  }),
]);
export type EnumerateMessage = Plain<z.infer<typeof enumerateMessage>>;
export type SubscriptionMessage = Extract<EnumerateMessage, { kind: 'subscription' }>;

export const auditMessage = z.object({
  scanId: z.string(),
  subscriptionId: z.string(),
  id: z.string(),
  name: z.string(),
  /** First sight of the subscription: what is there is a baseline. */
  baseline: z.boolean(),
  /** The tenant of the subscription, where it is another one that has delegated it. */
  homeTenant: z.string().exactOptional(),
  /** What Azure may be asked about it where calls are rationed: their turns were reserved. */
  turns: z.array(z.enum(rationedCalls)).exactOptional(),
  /** The digest of its managed namespaces as they were kept a short while ago. */
  kept: z.string().exactOptional(),
  /**
   * What to judge: the body from the listing, in the message or, where it is long, in the row of the work; a body yet to be fetched
   * (not in the listing, or too long for a row); or the reason why there is none.
   */
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('body'), cluster: clusterSchema }),
    z.object({ kind: z.literal('stored') }),
    z.object({ kind: z.literal('fetch') }),
    z.object({ kind: z.literal('unreadable'), ...unreadable.shape }),
  ]),
});
export type AuditMessage = Plain<z.infer<typeof auditMessage>>;

/** The longest message that carries its body itself: most do, and need not read it. */
const MOST_CARRIED_BYTES = 16 * 1024;

/** @returns the message of a piece of work as it is sent: what is long stays in the row of the work, so that no owner's tags fill the queue */
export const forQueue = (message: object): object =>
  'source' in message && messageBytes(message) > MOST_CARRIED_BYTES
    ? { ...message, source: { kind: 'stored' } }
    : message;

export const superviseMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tick'), scanId: z.string(), tick: z.number().int() }),
  z.object({ kind: z.literal('purge'), before: z.string(), after: z.string() }),
]);

/** A message that is not of the kind that its queue carries. */
export class MessageError extends Error {
  constructor(queue: string, details: string) {
    super(`A message on queue ${queue} cannot be understood: ${details}`);
    this.name = 'MessageError';
  }
}

/**
 * @param queue for the error's text
 * @throws MessageError naming each field that is wrong, or the version that this one does not read
 */
export function parseMessage<T extends z.ZodType>(queue: string, schema: T, message: unknown): z.output<T> {
  const version = versionOf(message);
  if (version !== MESSAGE_VERSION)
    throw new MessageError(queue, `it has version ${String(version)}, and this worker reads ${MESSAGE_VERSION}`);
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'message'}: ${issue.message}`);
  throw new MessageError(queue, problems.join('; '));
}
