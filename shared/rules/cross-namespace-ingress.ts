// A workload that a policy selects may still be open to every namespace.
import type { AnyPolicy, Workload } from '../network/index.ts';
import type { Doors } from './evidence/doors.ts';
import { doorsOf } from './evidence/doors.ts';
import { doubtAbout } from './evidence/doubt.ts';
import { isIsolated, selectedBy } from './evidence/isolation.ts';
import { listedPolicies } from '../model/listed.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { about } from './rule.ts';
import type { View } from './evidence/view.ts';
import { viewOf } from './evidence/view.ts';
import { workloadSubject } from './subjects.ts';

export const crossNamespaceIngress: Rule = {
  id: 'cross-namespace-ingress',
  title: 'The workload is not reachable from every namespace',
  failing: 'is reachable from every namespace',
  rationale:
    'A namespace is the usual border between teams: a rule that selects all namespaces removes it, for those of today and for those to come.',
  severity: 'medium',
  subject: 'workload',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['Least privilege'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/'],
  *evaluate(snapshot) {
    const view = viewOf(snapshot);
    const doors = doorsOf(view);
    for (const workload of view.workloads) yield judge(view, workload, doors);
  },
};

function judge(view: View, workload: Workload, { letsEachIn, culpritsOf }: Doors): Judgement {
  const { net } = view;
  const it = about(workloadSubject(workload));
  const closed = workload.classes.filter((index) => isIsolated(net, 'ingress', index));
  if (closed.length === 0) return it.notApplicable('No policy closes it for ingress.');
  const unsure = doubtAbout(view, workload, 'ingress');
  if (unsure) return it.unknown(unsure.reason, unsure.message);
  const open = closed.filter((index) => letsEachIn(index) && culpritsOf(index) !== undefined);
  if (open.length === 0) return it.pass('Its policies name the namespaces that may reach it.');
  const culprits = [...new Set(open.flatMap((index) => culpritsOf(index) ?? []))];
  if (culprits.length > 0)
    return it.fail(`Every namespace may reach it on some port, by ${listedPolicies(culprits)}.`, edit(culprits));
  const lax = [...new Set(open.flatMap((index) => selectedBy(net, 'ingress', index)))];
  return it.fail(
    `Every namespace may reach it on some port: nothing denies what ${listedPolicies(lax)} ${lax.length === 1 ? 'leaves' : 'leave'} open.`,
    edit(lax),
  );
}

const edit = (policies: readonly AnyPolicy[]): string =>
  policies.map((policy) => editPolicy(policy, 'Let in only the namespaces that need it.')).join('\n');
