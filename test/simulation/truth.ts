// What is so in the estate of a run, told from the estate itself: nothing here asks the product how it reads, parses or judges.
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Inside, Insides } from './inside.ts';

const ENFORCING = ['cilium', 'azure', 'calico'];

/** @returns what enforces policies in a cluster; where the owner brings the CNI, nobody can tell */
export function engineIn({ network }: Cluster): string {
  if (network?.plugin === 'none') return 'unrecognised';
  const { policy = 'none', dataplane } = network ?? {};
  if (ENFORCING.includes(policy)) return policy;
  if (dataplane === 'cilium') return 'cilium';
  return policy === 'none' ? 'none' : 'unrecognised';
}

/** One thing that is judged, and the verdicts that are right; an accepted failure may be exempt. */
export interface Truth {
  readonly rule: string;
  readonly subject: string;
  readonly verdicts: readonly string[];
}

const FAILS = ['fail', 'exempt'];
const CLUSTER = 'cluster';

/** @param look whether scans look inside clusters @returns what a scan that looks at the cluster now must find, among other things */
export function truthsOf(cluster: Cluster, insides: Insides, look: boolean): readonly Truth[] {
  return [...truthsOutside(cluster), ...truthsInside(cluster, insides, look)];
}

function truthsOutside(cluster: Cluster): readonly Truth[] {
  const engine = engineIn(cluster);
  const nodes = cluster.pools.reduce((sum, { count = 0 }) => sum + count, 0);
  const isOn = engine === 'none' ? FAILS : engine === 'unrecognised' ? ['unknown'] : ['pass'];
  const tooMany = engine !== 'azure' ? ['notApplicable'] : nodes > 250 ? FAILS : ['pass'];
  const retires = cluster.network?.plugin === 'kubenet' ? FAILS : ['notApplicable'];
  return [
    { rule: 'engine-enabled', subject: CLUSTER, verdicts: isOn },
    // ARM may still name an engine beside an own CNI, and it is open whether that one counts.
    ...(engine === 'unrecognised' ? [] : [{ rule: 'npm-node-limit', subject: CLUSTER, verdicts: tooMany }]),
    { rule: 'kubenet-retirement', subject: CLUSTER, verdicts: retires },
  ];
}

function truthsInside(cluster: Cluster, insides: Insides, look: boolean): readonly Truth[] {
  const isSeen = look && cluster.power !== 'stopped' && !insides.shut.has(cluster.id);
  const isWhole = isSeen && !insides.isPartlyHidden(cluster);
  const sight: Truth = { rule: 'auditor-visibility', subject: CLUSTER, verdicts: [isWhole ? 'pass' : 'unknown'] };
  return [sight, ...(isSeen ? truthsOfPolicies(insides.of(cluster.id), engineIn(cluster), isWhole) : [])];
}

function truthsOfPolicies({ namespaces, sealed, opened }: Inside, engine: string, isWhole: boolean): readonly Truth[] {
  const enforces = ENFORCING.includes(engine);
  if (!enforces && engine !== 'none') return [];
  // What may not be seen could close what looks open.
  const closed = sealed && enforces ? ['pass'] : isWhole ? FAILS : ['unknown', ...FAILS];
  return [
    ...namespaces.flatMap((name): Truth[] => [
      { rule: 'namespace-has-policy', subject: `namespace/${name}`, verdicts: closed },
      { rule: 'default-deny-ingress', subject: `namespace/${name}`, verdicts: closed },
    ]),
    ...(opened && enforces
      ? [{ rule: 'no-allow-all', subject: 'policy/shop/open[NetworkPolicy]', verdicts: FAILS }]
      : []),
    ...(sealed && enforces
      ? [{ rule: 'no-allow-all', subject: 'policy/web/deny[NetworkPolicy]', verdicts: ['pass'] }]
      : []),
  ];
}
