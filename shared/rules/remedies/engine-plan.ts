// The way from what a cluster runs to an engine that AKS supports there: the one plan from which every rule about engines takes its remedy.
import type { Cluster, EngineFacts } from '../../model/cluster.ts';
import { isByoCni, isMidOperation } from '../../model/cluster.ts';
import { parseClusterId } from '../../model/keys.ts';
import { azAks, shellComment } from '../../model/shell.ts';
import type { Step } from './engine-steps.ts';
import {
  isOld,
  leaveKubenet,
  leaveWindows,
  olderWindows,
  provisioning,
  start,
  uninstall,
  upgrade,
  wait,
  withNetwork,
} from './engine-steps.ts';
import type { Snapshot } from '../rule.ts';
import { unknownValue, windowsBeyondCalico, windowsPools } from '../facts/support-matrix.ts';

export interface Plan {
  readonly steps: readonly Step[];
  /** Why AKS offers no way from there; then there are no steps. */
  readonly deadEnd?: string;
}

/** No plan is longer; one that does not end is a defect. */
const MAX_STEPS = 12;

/**
 * Cilium wherever it can run; Calico where Windows nodes rule Cilium out. Sources: AKS, "Update Azure CNI", "Use network policies" and
 * "Enable or disable node auto-provisioning".
 * @returns the steps in order; none when the cluster has arrived
 */
export function enginePlan(cluster: Cluster): Plan {
  const deadEnd = findDeadEnd(cluster);
  if (deadEnd !== undefined) return { steps: [], deadEnd };
  const steps: Step[] = [];
  let facts = factsOf(cluster);
  for (let step = nextStep(cluster, facts); step; step = nextStep(cluster, facts)) {
    if (steps.length === MAX_STEPS) throw new Error('The engine plan does not end');
    steps.push(step);
    facts = step.after;
  }
  if (cluster.autoProvisioning && !facts.autoProvisioning && facts.network?.dataplane === 'cilium')
    steps.push(provisioning(cluster, facts, true));
  return { steps };
}

/** @returns the plan as comments and commands to paste, the same for every rule that asks about this cluster */
export function engineRemedy({ cluster, inCluster }: Pick<Snapshot, 'cluster' | 'inCluster'>): string {
  const { steps, deadEnd } = enginePlan(cluster);
  if (deadEnd !== undefined) return shellComment(deadEnd);
  const lines: string[] = [];
  if (steps.some((step) => step.commands.some((command) => command.includes('--network-'))))
    lines.push('While the engine changes, AKS reimages all node pools together and refuses other operations.');
  const calico =
    inCluster?.status === 'read' ? inCluster.objects.foreignPolicies.filter(({ family }) => family === 'calico') : [];
  if (calico.length > 0 && steps.some(({ after }) => after.network?.dataplane === 'cilium'))
    lines.push(
      `Cilium does not enforce Calico policies. This cluster has ${calico.length}: write NetworkPolicy objects that say the same first.`,
    );
  const numbered = steps.flatMap(({ notes, commands }, index) => [
    ...notes.map((note, i) => shellComment(i === 0 && steps.length > 1 ? `Step ${index + 1}: ${note}` : note)),
    ...commands,
  ]);
  return [...lines.map(shellComment), ...numbered].join('\n');
}

/** What the plan depends on, as UnreadableField names it. */
const BASIS =
  /^(network|network\.(plugin|pluginMode|policy|dataplane)|pools|pools\.\d+\.(os|osSku|kubernetesVersion)|autoProvisioning|kubernetesVersion|power|provisioning)$/;

function findDeadEnd(cluster: Cluster): string | undefined {
  if (!parseClusterId(cluster.id))
    return 'Manifests do not say which cluster they are for. Audit its ARM body too (az aks list -o json) to get the commands for its engine.';
  const unread = cluster.unreadableFields?.find(({ facts }) => facts.some((fact) => BASIS.test(fact)));
  if (unread)
    return `${unread.place} in the ARM body cannot be understood, and the steps to another engine depend on it.`;
  const odd = unknownValue(cluster);
  if (odd !== undefined) return `${odd} Look up in the AKS documentation which engines support it.`;
  if (isByoCni(cluster))
    return 'The cluster brings its own CNI (networkPlugin none): AKS cannot change its engine. Whoever installed the CNI can.';
  const { plugin, policy, dataplane } = cluster.network ?? {};
  if (plugin === 'kubenet' && (policy === 'cilium' || dataplane === 'cilium'))
    return 'AKS does not document a way out of kubenet with Cilium: ask Azure support, or move the workloads to a new cluster.';
  return cluster.provisioning === 'deleting' ? 'The cluster is being deleted.' : undefined;
}

/** Only what the plan depends on: a field that could not be read costs nothing unless it is one of these. */
function factsOf(cluster: Cluster): EngineFacts {
  const { network, pools, autoProvisioning, kubernetesVersion, power, provisioning: state } = cluster;
  const { plugin, pluginMode, policy, dataplane } = network ?? {};
  return withNetwork(
    {
      pools: pools.map(({ name, os, osSku, kubernetesVersion: version }) => ({
        name,
        os,
        ...(osSku === undefined ? {} : { osSku }),
        ...(version === undefined ? {} : { kubernetesVersion: version }),
      })),
      autoProvisioning,
      ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
      ...(power === undefined ? {} : { power }),
      ...(state === undefined ? {} : { provisioning: state }),
    },
    {
      ...(plugin === undefined ? {} : { plugin }),
      ...(pluginMode === undefined ? {} : { pluginMode }),
      ...(policy === undefined ? {} : { policy }),
      ...(dataplane === undefined ? {} : { dataplane }),
    },
  );
}

/** The one thing to do next, by what the cluster is now: a plan that was left half done goes on where it stopped. */
function nextStep(cluster: Cluster, facts: EngineFacts): Step | undefined {
  const step = engineStep(cluster, facts);
  if (!step) return undefined;
  if (facts.power === 'stopped') return start(cluster, facts);
  return isMidOperation(facts) ? wait(cluster, facts) : step;
}

function engineStep(cluster: Cluster, facts: EngineFacts): Step | undefined {
  const { plugin, policy = 'none', dataplane } = facts.network ?? {};
  const windows = windowsPools(facts).length > 0;
  if (windows && (policy === 'cilium' || dataplane === 'cilium')) return leaveWindows(facts);
  if (windowsBeyondCalico(facts).length > 0) return olderWindows(facts);
  if (plugin === 'kubenet' && policy !== 'none') return uninstall(cluster, facts);
  if (plugin === 'kubenet') return leaveKubenet(cluster, facts, windows);
  return windows ? towardsCalico(cluster, facts, policy) : towardsCilium(cluster, facts);
}

function towardsCilium(cluster: Cluster, facts: EngineFacts): Step | undefined {
  const { policy, dataplane } = facts.network ?? {};
  if (dataplane === 'cilium' && policy !== 'azure' && policy !== 'calico') return undefined;
  if (facts.autoProvisioning) return provisioning(cluster, facts, false);
  const options = dataplane === 'cilium' ? ['--network-policy', 'cilium'] : [];
  return {
    notes: [
      'Needs Azure CLI 2.52 or later. Cilium replaces any other engine, and enforces only once all nodes are reimaged.',
    ],
    commands: [azAks(cluster, 'update', '--network-dataplane', 'cilium', ...options)],
    after: withNetwork(facts, { policy: 'cilium', dataplane: 'cilium' }),
  };
}

function towardsCalico(cluster: Cluster, facts: EngineFacts, policy: string): Step | undefined {
  if (policy === 'azure') return uninstall(cluster, facts);
  if (facts.autoProvisioning) return provisioning(cluster, facts, false);
  if (policy === 'calico') return isOld(facts, 20) ? upgrade(cluster, facts, 20) : undefined;
  if (isOld(facts, 30)) return upgrade(cluster, facts, 30);
  return {
    notes: ['Needs Kubernetes 1.30 or later. Calico protects Linux and Windows nodes.'],
    commands: [azAks(cluster, 'update', '--network-policy', 'calico')],
    after: withNetwork(facts, { policy: 'calico' }),
  };
}
