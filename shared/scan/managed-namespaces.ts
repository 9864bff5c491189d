// The managed namespaces of one cluster: asked for where there is a turn to ask, else as they were when somebody asked last.
import type { Cluster } from '../model/cluster.ts';
import { keepAnswer, recallAnswer } from '../store/rations.ts';
import type { ScanContext } from './context.ts';
import type { AuditMessage } from './messages.ts';

export interface WithNamespaces {
  readonly cluster: Cluster;
  /** When they were read, where that was not now. */
  readonly namespacesAt?: Date;
}

/** @throws when storage fails; that Azure does not answer is a verdict */
export async function addManagedNamespaces(
  ctx: ScanContext,
  message: AuditMessage,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<WithNamespaces> {
  if (!ctx.estate.managedNamespaces || cluster.managedNamespaces) return { cluster };
  if (!message.turns?.includes('namespaces')) return recalled(ctx, cluster);
  const answer = await ctx.estate.managedNamespaces(cluster, signal);
  const { managedNamespaces } = answer;
  if (managedNamespaces)
    await keepAnswer(ctx.tables.Fleet, cluster, 'namespaces', managedNamespaces, ctx.clock.now(), message.kept);
  return { cluster: { ...cluster, ...answer } };
}

async function recalled(ctx: ScanContext, cluster: Cluster): Promise<WithNamespaces> {
  const known = await recallAnswer(ctx.tables.Fleet, cluster, 'namespaces');
  if (known) return { cluster: { ...cluster, managedNamespaces: known.answer }, namespacesAt: known.at };
  const message =
    'Azure answers one call a second about the clusters of each subscription and region, and the turn of this one has not come yet. The next scans continue from there.';
  return { cluster: { ...cluster, managedNamespacesUnread: { reason: 'transient', message } } };
}
