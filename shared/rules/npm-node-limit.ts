// NPM is supported up to 250 nodes; beyond, rules arrive late or not at all.
import { engineOf } from '../model/cluster.ts';
import { switchToCilium } from './commands.ts';
import type { Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';

/** AKS documentation, "Use network policies": limits of Network Policy Manager. */
const MAX_NODES = 250;
const WARN_NODES = MAX_NODES * 0.8;

export const npmNodeLimit: Rule = {
  id: 'npm-node-limit',
  title: 'The cluster is within the node limit of its engine',
  rationale: 'Beyond 250 nodes NPM is not supported: policies reach nodes late or never, and nothing says so.',
  severity: {
    worst: 'high',
    depends: 'nodes now (high), nodes the autoscaler may add (medium), 80 % of the limit (low)',
  },
  subject: 'cluster',
  plane: 'cluster',
  controls: ['NPM limits'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  *evaluate({ cluster }) {
    if (engineOf(cluster) !== 'azure') {
      yield notApplicable('high', 'The engine is not NPM.');
      return;
    }
    const nodes = cluster.pools.reduce((sum, pool) => sum + (pool.count ?? 0), 0);
    const most = cluster.pools.reduce(
      (sum, pool) => sum + Math.max(pool.count ?? 0, pool.autoscaling ? (pool.maxCount ?? 0) : 0),
      0,
    );
    const remedy = switchToCilium(cluster);
    const counted = cluster.pools.length > 0 && cluster.pools.every((pool) => pool.count !== undefined);
    if (nodes > MAX_NODES) yield fail('high', `${nodes} nodes; NPM is supported up to ${MAX_NODES}.`, remedy);
    else if (most > MAX_NODES)
      yield fail(
        'medium',
        `The autoscaler may grow the cluster to ${most} nodes; NPM is supported up to ${MAX_NODES}.`,
        remedy,
      );
    else if (!counted)
      yield unknown('high', 'unrecognised-value', 'The ARM body does not say how many nodes a pool has.');
    else if (nodes >= WARN_NODES || most >= WARN_NODES)
      yield fail(
        'low',
        `${Math.max(nodes, most)} nodes, now or by the autoscaler: close to the ${MAX_NODES} that NPM supports.`,
        remedy,
      );
    else yield pass('high', `${nodes} nodes, ${most} at most; NPM is supported up to ${MAX_NODES}.`);
  },
};
