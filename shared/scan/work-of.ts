// Which row of the work a message asks for, and what its last attempt failed with.
import { clusterKey } from '../model/keys.ts';
import { changeWork, clustersPartition, subscriptionsPartition } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { errorText } from './error-text.ts';
import type { AuditMessage, SubscriptionMessage } from './messages.ts';

export interface WorkKeys {
  readonly partition: string;
  readonly key: string;
}

/** What names a cluster, or else a subscription. */
type Named =
  | Pick<AuditMessage, 'scanId' | 'subscriptionId' | 'id'>
  | (Pick<SubscriptionMessage, 'scanId'> & { readonly subscription: { readonly id: string } });

export const workOf = (message: Named): WorkKeys =>
  'subscription' in message
    ? { partition: subscriptionsPartition(message.scanId), key: message.subscription.id }
    : { partition: clustersPartition(message.scanId, message.subscriptionId), key: clusterKey(message.id) };

/** Keeps what an attempt failed with beside its work. Never throws: the failure itself matters more. */
export async function noteFailure(ctx: ScanContext, { partition, key }: WorkKeys, error: unknown): Promise<void> {
  try {
    const problem = errorText(error);
    await changeWork(ctx.tables.Work, partition, key, (item) =>
      item.state === 'pending' ? { ...item, problem } : undefined,
    );
  } catch (failed) {
    ctx.log.error('what an attempt failed with was not stored', { partition, key, error: failed });
  }
}
