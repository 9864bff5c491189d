// When a queue gives up on a message, the scan records an error, and the log has it.
import { clusterKey } from '../model/keys.ts';
import { clustersPartition, putWork, readWork, subscriptionsPartition } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import type { AuditMessage } from './messages.ts';
import { auditMessage, enumerateMessage } from './messages.ts';

const PROBLEM = 'it failed too many times; the log has the errors';

/** Marks the work of a message that failed too often. The scan then closes as partial and names it. */
export async function recordPoison(ctx: ScanContext, queue: 'enumerate' | 'audit', message: unknown): Promise<void> {
  const where = queue === 'audit' ? auditWork(message) : subscriptionWork(message);
  ctx.log.error('a message failed too often', { queue, ...where });
  if (!where) return;
  const item = await readWork(ctx.tables.Work, where.partition, where.key);
  if (item?.state === 'pending') await putWork(ctx.tables.Work, [{ ...item, state: 'failed', problem: PROBLEM }]);
}

interface Where {
  readonly partition: string;
  readonly key: string;
}

function auditWork(message: unknown): Where | undefined {
  const parsed = auditMessage.safeParse(message);
  if (!parsed.success) return undefined;
  const { scanId, subscriptionId, id }: AuditMessage = parsed.data;
  return { partition: clustersPartition(scanId, subscriptionId), key: clusterKey(id) };
}

function subscriptionWork(message: unknown): Where | undefined {
  const parsed = enumerateMessage.safeParse(message);
  if (!parsed.success || parsed.data.kind !== 'subscription') return undefined;
  return { partition: subscriptionsPartition(parsed.data.scanId), key: parsed.data.subscription.id };
}
