// What a queue gave up on: the scan goes on without it, and those who need to know are told, with its error.
import { z } from 'zod';
import { parseClusterId } from '../model/keys.ts';
import type { Scan } from '../model/scan.ts';
import type { QueueName } from '../ports.ts';
import { readScan } from '../store/scans.ts';
import { noteTrouble } from '../store/troubles.ts';
import type { WorkItem } from '../store/work.ts';
import { changeWork } from '../store/work.ts';
import { recordUnaudited } from './audit-cluster.ts';
import type { ScanContext } from './context.ts';
import { enumerate } from './enumerate.ts';
import { errorText } from './error-text.ts';
import type { AuditMessage, SubscriptionMessage } from './messages.ts';
import { auditMessage, enumerateMessage, parseMessage } from './messages.ts';
import type { WorkKeys } from './work-of.ts';
import { workOf } from './work-of.ts';

/** The little that is needed, of whatever a message of this, an older or a newer version holds. */
const text = z.string().min(1).optional().catch(undefined);
const little = z
  .object({
    kind: text,
    scanId: text,
    subscriptionId: text,
    id: text,
    name: text,
    subscription: z
      .object({ id: z.string().min(1), name: text })
      .optional()
      .catch(undefined),
  })
  .catch({});

/**
 * Takes a message that failed too often. A cluster, a subscription or the whole estate that was asked for becomes unknown(`error`) with the
 * text of the last failure; of the other queues it is kept for the health answer.
 * @param message anything at all
 * @throws when storage fails; the work of the message is given up by then, so that the scan closes
 */
export async function recordPoison(ctx: ScanContext, queue: QueueName, message: unknown): Promise<void> {
  const { kind, scanId, subscriptionId, id, name, subscription } = little.parse(message);
  ctx.log.error('a message failed too often', { queue, kind, scanId, id: id ?? subscription?.id });
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  if (queue === 'audit' && scanId && id) {
    const owner = subscriptionId ?? parseClusterId(id)?.subscriptionId ?? '';
    const base = { scanId, id, name: name ?? parseClusterId(id)?.name ?? id, subscriptionId: owner, baseline: false };
    const cause = problemOf(() => parseMessage(queue, auditMessage, message));
    return giveUpCluster(ctx, { ...base, source: { kind: 'fetch' } }, cause);
  }
  if (queue === 'enumerate' && scanId) {
    const cause = problemOf(() => parseMessage(queue, enumerateMessage, message));
    if (!subscription) return giveUpEstate(ctx, scanId, cause, signal);
    const { id: key, name: known = key } = subscription;
    return giveUpSubscription(
      ctx,
      { kind: 'subscription', scanId, subscription: { id: key, name: known } },
      cause,
      signal,
    );
  }
  await noteTrouble(ctx.tables.Scans, { what: `queue-${queue}`, at: ctx.clock.now(), detail: kind ?? '' });
}

/** Writing down that something is given up takes seconds. */
const GIVE_UP_MS = 5 * 60_000;

/** @returns why a message cannot be understood; undefined when it can */
function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

const DIED = 'every attempt ended without an answer; the process may have died of it';

/** @param cause where it is known already; else it is what the last attempt failed with */
async function giveUpCluster(ctx: ScanContext, message: AuditMessage, cause?: string): Promise<void> {
  const item = await markFailed<AuditMessage>(ctx, workOf(message), cause);
  const { baseline } = item?.message ?? message;
  await recordUnaudited(ctx, { ...message, baseline }, item?.problem ?? cause ?? DIED);
}

/** Its clusters become unknown, as when it cannot be read. */
async function giveUpSubscription(
  ctx: ScanContext,
  message: SubscriptionMessage,
  cause: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const keys = workOf(message);
  const item = await changeWork<SubscriptionMessage>(ctx.tables.Work, keys.partition, keys.key, () => undefined);
  if (item?.state !== 'pending') return;
  const unreadable = { reason: 'error' as const, message: cause ?? item.problem ?? DIED };
  try {
    await enumerate(ctx, { ...message, subscription: item.message.subscription, unreadable }, signal);
  } catch (error) {
    await markFailed(ctx, keys, unreadable.message);
    throw error;
  }
}

/** Every subscription that is known becomes unreadable. */
async function giveUpEstate(
  ctx: ScanContext,
  scanId: string,
  cause: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const scan: Scan | undefined = await readScan(ctx.tables.Scans, scanId);
  const message = cause ?? scan?.problem ?? DIED;
  await enumerate(ctx, { kind: 'estate', scanId, unreadable: { reason: 'error', message } }, signal);
}

/** @returns the item as it then stands, with its problem */
const markFailed = <M>(
  ctx: ScanContext,
  { partition, key }: WorkKeys,
  cause?: string,
): Promise<WorkItem<M> | undefined> =>
  changeWork<M>(ctx.tables.Work, partition, key, (item) =>
    item.state === 'pending' ? { ...item, state: 'failed', problem: cause ?? item.problem ?? DIED } : undefined,
  );
