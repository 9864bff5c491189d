// All cluster rules on 5,000 clusters.
import { generatedEstate } from '../../infra/local/azure/estate-files.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Figure } from './report.ts';
import { median, ms } from './report.ts';

export function benchRules(): Figure[] {
  const estate = generatedEstate(500, 10);
  const bodies = estate
    .subscriptions()
    .flatMap((subscription) => estate.clusters(subscription.id).map((cluster) => cluster.body));
  const listed = bodies.map(parseCluster);
  const clusters = listed.flatMap((item) => ('cluster' in item ? [item.cluster] : []));
  const now = new Date();
  const judge = (): void => {
    for (const cluster of clusters) auditCluster({ cluster, now, excludedNamespaces: [] });
  };
  return [
    { what: `cluster rules on ${clusters.length} clusters`, measured: ms(median(7, judge)), bar: '200 ms' },
    {
      what: `parsing ${bodies.length} ARM bodies`,
      measured: ms(median(5, () => void bodies.map(parseCluster))),
      bar: '-',
    },
  ];
}
