// All cluster rules on 5,000 clusters, and all in-cluster rules on a large one.
import { generatedEstate } from '../../infra/local/azure/generated-estate.ts';
import { auditCluster, runRule } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { rules } from '../../shared/rules/index.ts';
import { viewOf } from '../../shared/rules/evidence/view.ts';
import { sampleCluster } from '../support/estate.ts';
import { generateCluster } from './network.ts';
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
    ...(['cilium', 'calico'] as const).map(benchInside),
  ];
}

/** Connectivity is measured elsewhere: here it is computed before. */
function benchInside(engine: 'cilium' | 'calico'): Figure {
  const shape = { pods: 20_000, namespaces: 1_000, policies: 2_000, unique: false };
  const raws = [...generateCluster(shape), ...(engine === 'calico' ? Array.from({ length: 50 }, globalPolicy) : [])];
  const sample = sampleCluster('s', 'c');
  const network = { ...sample.network!, policy: engine, dataplane: engine === 'cilium' ? 'cilium' : 'azure' };
  const snapshot = {
    cluster: { ...sample, network },
    inCluster: { status: 'read' as const, objects: parseObjects(raws).objects, forbiddenKinds: [] },
    now: new Date(),
    excludedNamespaces: ['kube-system'],
  };
  viewOf(snapshot);
  const inside = rules.filter((rule) => rule.plane === 'in-cluster');
  const times = inside.map((rule) => ({ id: rule.id, time: median(1, () => void runRule(rule, snapshot)) }));
  const slowest = times.toSorted((a, b) => b.time - a.time).slice(0, 3);
  return {
    what: `in-cluster rules on ${shape.pods} workloads, ${shape.policies} policies under ${engine}${engine === 'calico' ? ', and 50 global ones' : ''}`,
    measured: `${ms(times.reduce((sum, { time }) => sum + time, 0))}; slowest ${slowest.map(({ id, time }) => `${id} ${ms(time)}`).join(', ')}`,
    bar: '2000 ms, none above 500 ms',
  };
}

const globalPolicy = (_: unknown, order: number): unknown => ({
  apiVersion: 'projectcalico.org/v3',
  kind: 'GlobalNetworkPolicy',
  metadata: { name: `global-${order}` },
  spec: {
    order,
    selector: `app == 'app-${order % 7}'`,
    ingress: [{ action: 'Allow', source: { namespaceSelector: `team == 'team-${order % 40}'` } }],
  },
});
