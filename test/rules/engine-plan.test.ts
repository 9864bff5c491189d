// The one plan of a cluster: whatever it runs, the steps can be taken, and at their end no rule about engines complains.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folderCluster } from '../../infra/cli/folder-cluster.ts';
import { runRule } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Cluster, EngineFacts } from '../../shared/model/cluster.ts';
import { hasWindowsPool, isMidOperation } from '../../shared/model/cluster.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { enginePlan, engineRemedy } from '../../shared/rules/remedies/engine-plan.ts';
import { rules } from '../../shared/rules/index.ts';
import { parseVersion } from '../../shared/rules/facts/version.ts';
import { clusters } from '../support/arm-bodies.ts';
import { runs } from '../support/runs.ts';

const ABOUT_ENGINES = [
  'engine-enabled',
  'engine-supported',
  'recommended-engine',
  'npm-retirement',
  'npm-node-limit',
  'npm-ipv6',
  'kubenet-retirement',
];
/** Each takes about a millisecond: as many as a busy machine does in a second or two. */
const RUNS = runs(400);
const now = new Date('2026-11-21');
const snapshotOf = (cluster: Cluster) => ({ cluster, now, excludedNamespaces: [] });

function failures(cluster: Cluster): Finding[] {
  const asked = rules.filter(({ id }) => ABOUT_ENGINES.includes(id));
  return asked.flatMap((rule) => runRule(rule, snapshotOf(cluster))).filter(({ verdict }) => verdict === 'fail');
}

/** The model of a cluster as a step leaves it. */
const become = (cluster: Cluster, after: EngineFacts): Cluster => ({
  ...cluster,
  ...after,
  network: { ipFamilies: [], podCidrs: [], serviceCidrs: [], ...cluster.network, ...after.network },
  pools: after.pools.map((pool) => ({ ...cluster.pools.find(({ name }) => name === pool.name)!, ...pool })),
});

const atLeast = (facts: EngineFacts, minor: number): boolean =>
  [facts.kubernetesVersion, ...facts.pools.map((pool) => pool.kubernetesVersion)].every((version) => {
    const parsed = parseVersion(version);
    return !parsed || parsed[1] >= minor;
  });

/** What must hold when a command is run, by AKS's pages and not by the plan. */
const allowed: readonly [string, (facts: EngineFacts) => boolean][] = [
  ['--network-policy none', (f) => atLeast(f, 30) && ['azure', 'calico'].includes(f.network?.policy ?? '')],
  [
    '--network-policy calico',
    (f) =>
      atLeast(f, 30) &&
      (f.network?.policy ?? 'none') === 'none' &&
      f.network?.plugin !== 'kubenet' &&
      f.network?.dataplane !== 'cilium' &&
      !f.autoProvisioning,
  ],
  [
    '--network-plugin-mode overlay',
    (f) => atLeast(f, 27) && f.network?.plugin === 'kubenet' && (f.network.policy ?? 'none') === 'none',
  ],
  [
    '--network-dataplane cilium',
    (f) =>
      !hasWindowsPool(f) &&
      f.network?.plugin !== 'kubenet' &&
      !(f.autoProvisioning && f.network?.dataplane !== 'cilium'),
  ],
];

test('every rule about engines gives the same remedy, and it is not empty', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const remedies = new Set(failures(cluster).map(({ remediation }) => remediation));
      expect(remedies.size).toBeLessThanOrEqual(1);
      for (const remedy of remedies) expect(remedy).toMatch(/^# /);
    }),
    { numRuns: RUNS },
  );
});

test('the steps lead to where no rule about engines fails, or the plan says that there is no way', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      const { steps, deadEnd } = enginePlan(cluster);
      const arrived = steps.reduce((before, { after }) => become(before, after), cluster);
      const left = deadEnd === undefined ? failures(arrived) : [];
      expect(left).toEqual([]);
      expect(deadEnd === undefined || steps.length === 0).toBe(true);
      expect(enginePlan({ ...arrived, autoProvisioning: false }).steps).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

/** The commands of a plan that could not be run at their turn. */
function impossible(cluster: Cluster): string[] {
  let before: EngineFacts = cluster;
  return enginePlan(cluster).steps.flatMap(({ commands, after }) => {
    const facts = before;
    before = after;
    const ready = (facts.power ?? 'running') === 'running' && !isMidOperation(facts);
    return commands
      .filter((command) => command.includes(' update '))
      .filter((command) => !ready || allowed.some(([option, holds]) => command.includes(option) && !holds(facts)));
  });
}

test('each command may be run where it stands', () => {
  fc.assert(
    fc.property(clusters, (cluster) => {
      expect(impossible(cluster)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('a way that was left half done goes on where it stopped', () => {
  fc.assert(
    fc.property(clusters, fc.nat(), (cluster, n) => {
      const { steps } = enginePlan(cluster);
      const at = steps.length === 0 ? 0 : n % steps.length;
      const halfway = steps.slice(0, at).reduce((before, { after }) => become(before, after), cluster);
      const rest = enginePlan(halfway).steps.map(({ commands }) => commands);
      // Whether provisioning was on before it had to go is not to be seen any more.
      const wanted = steps.slice(at).map(({ commands }) => commands);
      const back = (commands: readonly string[]) => commands.every((command) => !command.endsWith(' Auto'));
      expect(rest.filter(back)).toEqual(wanted.filter(back));
    }),
    { numRuns: RUNS },
  );
});

describe('the words', () => {
  const of = (properties: object) => {
    const id = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/one';
    const listed = parseCluster({ id, properties });
    if ('problem' in listed) throw new Error(listed.problem);
    return engineRemedy(snapshotOf(listed.cluster));
  };
  const UPDATE = 'az aks update --subscription s -g rg -n one';

  test('from kubenet with Calico to Cilium', () => {
    const networkProfile = { networkPlugin: 'kubenet', networkPolicy: 'calico' };
    expect(of({ networkProfile, currentKubernetesVersion: '1.34.2' })).toBe(
      [
        '# While the engine changes, AKS reimages all node pools together and refuses other operations.',
        '# Step 1: Needs Azure CLI 2.63 and Kubernetes 1.30 or later. Policy objects stay, but NOTHING is enforced until an engine is on again.',
        `${UPDATE} --network-policy none`,
        '# Step 2: Needs Kubernetes 1.27 or later and a user-assigned identity on the cluster. It cannot be undone.',
        `${UPDATE} --network-plugin azure --network-plugin-mode overlay`,
        '# Step 3: Needs Azure CLI 2.52 or later. Cilium replaces any other engine, and enforces only once all nodes are reimaged.',
        `${UPDATE} --network-dataplane cilium`,
      ].join('\n'),
    );
  });

  test('a folder of manifests names no cluster, and gets no command for one without a name', () => {
    const cluster = folderCluster('policies', 'calico');
    expect(engineRemedy(snapshotOf(cluster))).toMatch(/^# Manifests do not say which cluster/);
  });

  test.each<[string, object, string]>([
    [
      'Windows nodes on an old NPM',
      {
        networkProfile: { networkPlugin: 'azure', networkPolicy: 'azure' },
        currentKubernetesVersion: '1.28.9',
        agentPoolProfiles: [{ name: 'win', osType: 'Windows' }],
      },
      `${UPDATE} --network-policy calico`,
    ],
    [
      'Calico after kubenet starts late',
      { networkProfile: { networkPlugin: 'kubenet' }, agentPoolProfiles: [{ name: 'win', osType: 'Windows' }] },
      'for a moment after the pod starts',
    ],
    [
      'node auto-provisioning comes back',
      { networkProfile: { networkPlugin: 'azure' }, nodeProvisioningProfile: { mode: 'Auto' } },
      `${UPDATE} --node-provisioning-mode Auto`,
    ],
    ['an operation under way is waited for', { provisioningState: 'Updating' }, 'az aks wait --subscription s'],
    ['a stopped cluster is started first', { powerState: { code: 'Stopped' } }, 'az aks start --subscription s'],
    ['a CNI of its own', { networkProfile: { networkPlugin: 'none', networkPolicy: 'calico' } }, 'AKS cannot change'],
    ['a value nobody knows', { networkProfile: { networkPlugin: 'flannel' } }, '"flannel", a value that this version'],
  ])('%s', (_name, properties, words) => {
    expect(of(properties)).toContain(words);
  });
});
