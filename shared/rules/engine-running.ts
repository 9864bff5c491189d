// The engine that ARM names must also be at work on every node.
import { isByoCni } from '../model/cluster.ts';
import { kubectl, shellComment } from '../model/shell.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { fail, notApplicable, notGiven, pass, unknown } from './rule.ts';
import { engineDaemonSets } from './evidence/engine.ts';
import { viewOf } from './evidence/view.ts';

/** AKS installs it, so nobody else should have to. */
const look = (name: string): string =>
  [
    shellComment(`AKS installs ${name} and keeps it there. Check whether it is back; if not, ask Azure support.`),
    'kubectl get daemonsets.apps --all-namespaces',
  ].join('\n');

export const engineRunning: Rule = {
  id: 'engine-running',
  title: 'The engine runs on every node',
  failing: 'has nodes on which the engine is not running',
  rationale: 'Policies are enforced by an agent on each node: where it does not run, pods are open whatever ARM says.',
  severity: 'high',
  subject: 'cluster',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['CIS Kubernetes 1.12: 5.3.1'],
  references: ['https://learn.microsoft.com/azure/aks/use-network-policies'],
  evaluate: (snapshot) => [judge(snapshot)],
};

function judge(snapshot: Snapshot): Judgement {
  const { cluster, engine, objects, read } = viewOf(snapshot);
  const told = objects.daemonSets.some(
    ({ name, desired }) => desired > 0 && engineDaemonSets.some((e) => e.name === name),
  );
  if (read.fromManifests && !told) return notGiven('disabled', 'Manifests do not say which engine runs.');
  if (engine === 'unrecognised')
    return unknown(
      isByoCni(cluster) ? 'byo-cni' : 'unrecognised-value',
      'None of the engines that this version of Bulkhead knows is running in the cluster.',
    );
  if (engine === 'none') return notApplicable('No engine is on.');
  const { name } = engineDaemonSets.find((known) => known.engine === engine)!;
  const found = objects.daemonSets.filter((set) => set.name === name);
  const lagging = found.find((set) => set.ready < set.desired);
  if (found.length === 0) return fail(`The engine is ${engine}, but its DaemonSet ${name} is missing.`, look(name));
  if (lagging)
    return fail(
      `${lagging.namespace}/${name} is ready on ${lagging.ready} of ${lagging.desired} nodes.`,
      kubectl('describe', { group: 'apps', kind: 'DaemonSet', namespace: lagging.namespace, name }),
    );
  return pass(`${name} is ready on every node.`);
}
