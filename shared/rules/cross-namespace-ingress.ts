// A workload that a policy selects may still be open to every namespace.
import type { Connectivity, Workload } from '../network/index.ts';
import type { PolicyRef, Selector } from '../network/objects.ts';
import { NONE } from '../network/port-sets.ts';
import { matches } from '../network/selectors.ts';
import { isIsolated } from './isolation.ts';
import { editPolicy } from './manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './view.ts';
import { classesByNamespace, viewOf, workloadSubject } from './view.ts';

export const crossNamespaceIngress: Rule = {
  id: 'cross-namespace-ingress',
  title: 'The workload is not reachable from every namespace',
  rationale:
    'A namespace is the usual border between teams: a rule that selects all namespaces tears it down for every present and future one.',
  severity: 'medium',
  subject: 'workload',
  plane: 'in-cluster',
  controls: ['Least privilege'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const populated = classesByNamespace(view);
    for (const workload of view.workloads) yield judge(view, workload, populated);
  },
};

type Populated = ReadonlyMap<string, readonly number[]>;

function judge(view: View, workload: Workload, populated: Populated): Judgement {
  const { net, doubt } = view;
  const subject = workloadSubject(workload);
  const closed = workload.classes.filter((index) => isIsolated(net, 'ingress', index));
  if (closed.length === 0) return notApplicable('medium', 'No policy selects it for ingress.', subject);
  const unsure = doubt(workload.namespace);
  if (unsure) return unknown('medium', unsure.reason, unsure.message, undefined, subject);
  const open = closed.filter((index) => letsEachIn(net, index, populated, workload.namespace));
  const isAlone = populated.size === (populated.has(workload.namespace) ? 1 : 0);
  const culprits = [...new Set(open.flatMap((index) => culpritsOf(view, index, isAlone)))];
  if (culprits.length === 0) return pass('medium', 'Its policies name the namespaces that may reach it.', subject);
  return fail(
    'medium',
    `Every namespace may reach it on some port, by ${culprits.map(({ name }) => name).join(', ')}.`,
    culprits.map((policy) => editPolicy(policy, 'Name the namespaces that need it.')).join('\n'),
    subject,
  );
}

/** @returns true when some pod of each namespace but its own is let in on some port */
function letsEachIn(net: Connectivity, index: number, populated: Populated, own: string): boolean {
  const row = net.ingress.rowOf[index]!;
  for (const [name, classes] of populated)
    if (name !== own && !classes.some((source) => row === -1 || net.ingress.rows[row]![source] !== NONE)) return false;
  return true;
}

/** A namespace without a name, and with no label but that. */
const STRANGE = { 'kubernetes.io/metadata.name': '' };

/**
 * That all namespaces of today get in may be a list of them: these are the policies that would also let in one that nobody thought of.
 * @param alone without another namespace to ask, any pod must get in
 */
function culpritsOf({ net }: View, index: number, alone: boolean): readonly PolicyRef[] {
  const strange = (whom: Selector | string | undefined, pods: Selector): boolean =>
    whom !== undefined && typeof whom !== 'string' && matches(whom, STRANGE) && (!alone || matches(pods, {}));
  const plain = net.ingress.selectedBy[index]!.map((policy) => net.policies[policy]!).filter(({ ingress }) =>
    ingress?.some(
      ({ peers }) => peers === undefined || peers.some((p) => p.kind === 'pods' && strange(p.namespaces, p.pods)),
    ),
  );
  const cilium = net.ingress.ciliumBy[index]!.map((policy) => net.ciliumPolicies[policy]!).filter(({ ingress }) =>
    ingress.allows.some(
      ({ peers }) => peers === undefined || peers.some((p) => p.kind === 'pods' && strange(p.namespaces, p.pods)),
    ),
  );
  return [...plain, ...cilium];
}
