// A workload that a policy selects may still be open to every namespace.
import type { AnyPolicy, Workload } from '../network/index.ts';
import type { Doors } from './evidence/doors.ts';
import { doorsOf } from './evidence/doors.ts';
import { doubtAbout, isIsolated, selectedBy } from './evidence/isolation.ts';
import { listedPolicies } from '../model/listed.ts';
import { editPolicy } from './remedies/manifests.ts';
import type { Judgement, Rule } from './rule.ts';
import { fail, notApplicable, pass, unknown } from './rule.ts';
import type { View } from './evidence/view.ts';
import { viewOf, workloadSubject } from './evidence/view.ts';

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
    const doors = doorsOf(view);
    for (const workload of view.workloads) yield judge(view, workload, doors);
  },
};

function judge(view: View, workload: Workload, { letsEachIn, culpritsOf }: Doors): Judgement {
  const { net } = view;
  const subject = workloadSubject(workload);
  const closed = workload.classes.filter((index) => isIsolated(net, 'ingress', index));
  if (closed.length === 0) return notApplicable('medium', 'No policy closes it for ingress.', subject);
  const unsure = doubtAbout(view, workload, 'ingress');
  if (unsure) return unknown('medium', unsure.reason, unsure.message, undefined, subject);
  const open = closed.filter((index) => letsEachIn(index) && culpritsOf(index) !== undefined);
  if (open.length === 0) return pass('medium', 'Its policies name the namespaces that may reach it.', subject);
  const culprits = [...new Set(open.flatMap((index) => culpritsOf(index) ?? []))];
  if (culprits.length > 0)
    return fail(
      'medium',
      `Every namespace may reach it on some port, by ${listedPolicies(culprits)}.`,
      edit(culprits),
      subject,
    );
  const lax = [...new Set(open.flatMap((index) => selectedBy(net, 'ingress', index)))];
  return fail(
    'medium',
    `Every namespace may reach it on some port: nothing denies what ${listedPolicies(lax)} ${lax.length === 1 ? 'leaves' : 'leave'} open.`,
    edit(lax),
    subject,
  );
}

const edit = (policies: readonly AnyPolicy[]): string =>
  policies.map((policy) => editPolicy(policy, 'Let in only the namespaces that need it.')).join('\n');
