// No cluster is lost, no stored result goes back in time, gone is what ARM called gone, and in the end all of it is as the estate is.
import type { Cluster } from '../../../shared/model/cluster.ts';
import type { FleetCluster } from '../../../shared/model/fleet.ts';
import { clusterKey } from '../../../shared/model/keys.ts';
import type { Result } from '../../../shared/model/result.ts';
import { toFleetCluster } from '../../../shared/scan/fleet-cluster.ts';
import { listIndexed } from '../../../shared/store/fleet-index.ts';
import { readFleet } from '../../../shared/store/fleet-snapshots.ts';
import { readLatest } from '../../../shared/store/results.ts';
import type { Invariant, Observed } from './invariant.ts';
import { bodyOf } from './invariant.ts';
import { engineIn, truthsOf } from '../truth.ts';

type Shown = ReadonlyMap<string, FleetCluster>;

export function resultsStand({ clock, config, estate, insides, tables, broken }: Observed): Invariant {
  /** Clusters that ARM called gone since a result last said otherwise. */
  const gone = new Set<string>();
  const keys = new Set<string>();

  async function judged(cluster: Cluster, listed: boolean, shown: Shown): Promise<void> {
    const { id } = cluster;
    const engine = engineIn(cluster);
    const latest = await readLatest(tables.Results, clusterKey(id));
    // What Azure neither lists nor listed before cannot be known.
    if (!listed && (!latest || latest.result.gone)) return;
    const oldest = clock.now().getTime() - 2 * config.periodMinutes * 60_000;
    if (!latest || latest.at.getTime() < oldest)
      return broken(`${id} was lost: last looked at ${latest?.at.toISOString()}`);
    if (latest.result.gone || latest.result.unreadable || latest.result.engine !== engine)
      broken(`${id} is stored as ${latest.result.gone ? 'gone' : latest.result.engine}, its engine is ${engine}`);
    if (shown.get(id)?.engine !== engine)
      broken(`${id} is shown as ${shown.get(id)?.engine ?? 'absent'}, its engine is ${engine}`);
    for (const { rule, subject, verdicts } of truthsOf(cluster, insides, config.inCluster)) {
      const found = latest.result.findings.find((one) => one.rule === rule && one.subject === subject);
      if (!verdicts.includes(found?.verdict ?? 'nothing'))
        broken(`${rule} says ${found?.verdict ?? 'nothing'} of ${subject} in ${id}, right is ${verdicts.join(' or ')}`);
    }
  }

  async function unseen(id: string, shown: Shown): Promise<void> {
    const latest = await readLatest(tables.Results, clusterKey(id));
    if (latest && !latest.result.gone && shown.get(id)?.verdict !== 'unknown')
      broken(`${id} is shown as ${shown.get(id)?.verdict} while it cannot be read`);
  }

  return {
    armGone: (id) => void gone.add(id),
    committed(table, changes) {
      if (table !== 'Results') return;
      for (const { before, after } of changes) {
        if (before && after && before.rowKey.startsWith('h~'))
          broken(`history of ${before.partitionKey} was rewritten`);
        if ((after ?? before)!.rowKey !== 'latest') continue;
        if (!after) {
          const kept = new Date(clock.now().getTime() - config.retentionDays * 86_400_000).toISOString();
          if (!bodyOf<Result>(before!).gone || (before!['at'] as string) >= kept)
            broken(`the result of ${before!.partitionKey} was deleted`);
          keys.delete(before!.partitionKey);
          continue;
        }
        if (before && (before['at'] as string) > (after['at'] as string))
          broken(
            `the result of ${after.partitionKey} went back from ${String(before['scanId'])} to ${String(after['scanId'])}`,
          );
        const unchanged = before !== undefined && after['changedScanId'] !== after['scanId'];
        if (after.partitionKey.startsWith('subscription~') || unchanged) continue;
        keys.add(after.partitionKey);
        const { gone: isGone, clusterId } = bodyOf<Result>(after);
        if (isGone && !gone.has(clusterId)) broken(`${clusterId} was stored as gone, and ARM never said so`);
        if (!isGone) gone.delete(clusterId);
      }
    },
    async settled() {
      const fleet = await readFleet(tables.Fleet);
      const shown = new Map(fleet?.clusters.map((cluster) => [cluster.id, cluster]));
      for (const { clusters, unreadable, hidden, unlisted, refused } of estate.values())
        for (const cluster of clusters.values())
          if (unreadable || hidden || refused?.has(cluster.name)) await unseen(cluster.id, shown);
          else await judged(cluster, !unlisted?.has(cluster.name), shown);
      const indexed = new Map<string, FleetCluster>();
      for await (const { cluster, gone: isGone } of listIndexed(tables.Fleet))
        if (!isGone) indexed.set(cluster.key, cluster);
      for (const key of keys) {
        const latest = (await readLatest(tables.Results, key))!;
        const line = latest.result.gone ? undefined : JSON.stringify(toFleetCluster(key, latest));
        const inIndex = indexed.get(key) && JSON.stringify(indexed.get(key));
        if (line !== inIndex) broken(`the index of ${key} says ${inIndex}, the result ${line}`);
      }
    },
  };
}
