// A workload that a policy selects may still be open to every namespace.
import type { AnyPolicy, Connectivity, SupposedPod, Workload } from '../network/index.ts';
import { admittedBy, podOf, selecting, suppose } from '../network/index.ts';
import { NONE } from '../network/port-sets.ts';
import { doubtAbout, isIsolated, selectedBy } from './isolation.ts';
import { listedPolicies } from './listed.ts';
import { editPolicy } from './manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './view.ts';
import { classesByNamespace, viewOf, workloadSubject } from './view.ts';

export const crossNamespaceIngress: Rule = {
  id: 'cross-namespace-ingress',
  title: 'The workload is not reachable from every namespace',
  rationale:
    'A namespace is the usual border between teams: a rule that selects all namespaces removes it, for those of today and for those to come.',
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
  const { net } = view;
  const subject = workloadSubject(workload);
  const closed = workload.classes.filter((index) => isIsolated(net, 'ingress', index));
  if (closed.length === 0) return notApplicable('medium', 'No policy closes it for ingress.', subject);
  const unsure = doubtAbout(view, workload, 'ingress');
  if (unsure) return unknown('medium', unsure.reason, unsure.message, undefined, subject);
  const open = closed.filter((index) => letsEachIn(net, index, populated, workload.namespace));
  if (open.length === 0) return pass('medium', NAMED, subject);
  const others = [...populated].filter(([name]) => name !== workload.namespace).map(([, classes]) => classes);
  const opened = open.filter((index) => letsStrangersIn(net, index, others));
  if (opened.length === 0) return pass('medium', NAMED, subject);
  const culprits = [...new Set(opened.flatMap((index) => culpritsOf(net, index, others)))];
  if (culprits.length > 0)
    return fail(
      'medium',
      `Every namespace may reach it on some port, by ${listedPolicies(culprits)}.`,
      edit(culprits),
      subject,
    );
  const lax = [...new Set(opened.flatMap((index) => selectedBy(net, 'ingress', index)))];
  return fail(
    'medium',
    `Every namespace may reach it on some port: nothing denies what ${listedPolicies(lax)} ${lax.length === 1 ? 'leaves' : 'leave'} open.`,
    edit(lax),
    subject,
  );
}

const NAMED = 'Its policies name the namespaces that may reach it.';

const edit = (policies: readonly AnyPolicy[]): string =>
  policies.map((policy) => editPolicy(policy, 'Let in only the namespaces that need it.')).join('\n');

/** @returns true when some pod of each namespace but its own is let in on some port */
function letsEachIn(net: Connectivity, index: number, populated: Populated, own: string): boolean {
  const row = net.ingress.rowOf[index]!;
  for (const [name, classes] of populated)
    if (name !== own && !classes.some((source) => row === -1 || net.ingress.rows[row]![source] !== NONE)) return false;
  return true;
}

type Others = readonly (readonly number[])[];

/** That all namespaces of today get in may be a list of them: so it is asked whether one that nobody thought of would. */
function letsStrangersIn(net: Connectivity, index: number, others: Others): boolean {
  const pods = [podOf(net, index), ...strangers(net, index, others)];
  const side = suppose(net, 'ingress', selecting(net, 'ingress', index), pods);
  const row = side.rows[side.rowOf[0]!];
  return row === undefined || row.slice(1, pods.length).some((set) => set !== NONE);
}

const culpritsOf = (net: Connectivity, index: number, others: Others): readonly AnyPolicy[] =>
  selectedBy(net, 'ingress', index).filter((policy) =>
    admittedBy(net, policy, 'ingress', podOf(net, index), strangers(net, index, others)).pods.some(
      (set) => set !== NONE,
    ),
  );

/** Pods in a namespace that nobody named, otherwise like those that get in; where nobody could ask, one without labels. */
function strangers(net: Connectivity, index: number, others: Others): readonly SupposedPod[] {
  const known = asked.get(net) ?? new Map<string, readonly SupposedPod[]>();
  asked.set(net, known);
  // Whom a row lets in is the same for every class that has it, but for the namespaces left out.
  const key = `${net.ingress.rowOf[index]!} ${net.classes[index]!.namespace}`;
  const found = known.get(key) ?? findStrangers(net, index, others);
  known.set(key, found);
  return found;
}

const asked = new WeakMap<Connectivity, Map<string, readonly SupposedPod[]>>();

function findStrangers(net: Connectivity, index: number, others: Others): readonly SupposedPod[] {
  if (others.length === 0) return [{ labels: {} }];
  const row = net.ingress.rows[net.ingress.rowOf[index]!];
  const found = new Map<string, SupposedPod>();
  for (const classes of others) {
    const source = classes.find((c) => row === undefined || row[c] !== NONE);
    if (source === undefined) continue;
    const { namespace: _namespace, ...pod } = podOf(net, source);
    found.set(JSON.stringify([pod.labels, pod.atoms]), pod);
  }
  return [...found.values()];
}
