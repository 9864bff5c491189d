// NPM is supported up to 250 nodes and 20,000 pods; beyond that, policies arrive late or not at all.
import type { Cluster } from '../model/cluster.ts';
import { engineOf } from '../model/cluster.ts';
import { clusterSubject } from '../model/finding.ts';
import type { InCluster } from '../model/in-cluster.ts';
import { engineRemedy } from './remedies/engine-plan.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about, fail, notApplicable, pass, unknown } from './rule.ts';

/** AKS documentation, "Use network policies": limits of Network Policy Manager. */
const MAX_NODES = 250;
const MAX_PODS = 20_000;
const WARN_SHARE = 0.8;

const [medium, low] = [about(clusterSubject, 'medium'), about(clusterSubject, 'low')];

export const npmNodeLimit: Rule = {
  id: 'npm-node-limit',
  title: 'The cluster is within the limits of its engine',
  failing: 'is close to the limits of NPM or beyond them',
  rationale:
    'Beyond 250 nodes or 20,000 pods NPM is not supported: policies reach nodes late or never, and nothing says so.',
  severity: { high: 'too many nodes or pods now', medium: 'nodes that the autoscaler may add', low: '80 % of a limit' },
  subject: 'cluster',
  plane: 'cluster',
  controls: ['NPM limits'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster } = snapshot;
  if (engineOf(cluster) !== 'azure') return notApplicable('The engine is not NPM.');
  const { now, most } = nodesOf(cluster);
  const pods = podsOf(snapshot.inCluster);
  const remedy = engineRemedy(snapshot);
  const limits = `NPM is supported up to ${MAX_NODES} nodes and ${thousands(MAX_PODS)} pods`;
  if (now > MAX_NODES) return fail(`${now} nodes; ${limits}.`, remedy);
  if (pods > MAX_PODS) return fail(`${thousands(pods)} pods; ${limits}.`, remedy);
  if (most > MAX_NODES) return medium.fail(`The autoscaler may grow the cluster to ${most} nodes; ${limits}.`, remedy);
  if (cluster.autoProvisioning)
    return unknown(
      'not-read',
      'Node auto-provisioning is on: the ARM body does not say how many nodes it has made or may make.',
    );
  if (Number.isNaN(most))
    return unknown('not-read', 'The ARM body does not say how many nodes a pool has, nor how many it may have.');
  if (most >= MAX_NODES * WARN_SHARE)
    return low.fail(`${most} nodes, now or by the autoscaler: close to the ${MAX_NODES} that NPM supports.`, remedy);
  if (pods >= MAX_PODS * WARN_SHARE)
    return low.fail(`${thousands(pods)} pods: close to the ${thousands(MAX_PODS)} that NPM supports.`, remedy);
  return pass(`At most ${most} ${most === 1 ? 'node' : 'nodes'}; ${limits}.`);
}

const thousands = (count: number): string => count.toLocaleString('en');

/** `now` counts what is known. `most` is NaN when a pool does not tell how many nodes it may have, or there is no pool, unless what is known is already too many. */
function nodesOf({ pools }: Cluster): { now: number; most: number } {
  const now = pools.reduce((sum, pool) => sum + (pool.count ?? 0), 0);
  const known = pools.map(({ count, maxCount, autoscaling }) => {
    if (!autoscaling) return count;
    return maxCount === undefined ? undefined : Math.max(count ?? 0, maxCount);
  });
  const most = known.reduce<number>((sum, nodes) => sum + (nodes ?? 0), 0);
  const open = pools.length === 0 || known.includes(undefined);
  return { now, most: open && most <= MAX_NODES ? Number.NaN : most };
}

const podsOf = (inCluster: InCluster | undefined): number =>
  inCluster?.status === 'read'
    ? inCluster.objects.pods.reduce((sum, pod) => sum + (pod.finished ? 0 : pod.replicas), 0)
    : 0;
