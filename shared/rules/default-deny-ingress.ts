// A namespace should be closed for ingress unless a policy opens it.
import { closedByDefault } from '../network/index.ts';
import type { Direction } from '../network/objects.ts';
import { denyAll, engineFirst } from './remedies/manifests.ts';
import { listedPolicies } from '../model/listed.ts';
import type { Judgement, Rule, Snapshot } from './rule.ts';
import { about } from './rule.ts';
import { namespaceSubject } from './subjects.ts';
import { viewOf } from './evidence/view.ts';

export const defaultDenyIngress: Rule = {
  id: 'default-deny-ingress',
  title: 'The namespace is closed for ingress by default',
  failing: 'is open for ingress by default',
  rationale:
    'With a default deny a new pod starts closed, and forgetting a policy breaks something visible instead of opening something silently.',
  severity: 'medium',
  subject: 'namespace',
  plane: 'in-cluster',
  needsEngine: true,
  controls: ['Kubernetes documentation: default policies', 'kubeaudit: netpols'],
  references: ['https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies'],
  evaluate: (snapshot) => judgeDefault(snapshot, 'ingress'),
};

/** @returns a finding a namespace: is every pod of it, also one that does not exist yet, closed unless something opens it? */
export function* judgeDefault(snapshot: Snapshot, direction: Direction): Generator<Judgement> {
  const view = viewOf(snapshot);
  for (const namespace of view.namespaces) {
    const { name } = namespace;
    const it = about(namespaceSubject(name));
    const { closed, by, atRunTime } = closedByDefault(view.net, namespace, direction);
    const unsure = view.doubt(name, undefined, direction);
    if (closed) yield it.pass(`A new pod in ${name} is closed for ${direction}, by ${listedPolicies(by)}.`);
    else if (unsure) yield it.unknown(unsure.reason, unsure.message);
    else if (atRunTime)
      yield it.unknown(
        'unrecognised-value',
        `Whether a new pod in ${name} is closed for ${direction} depends on names, requests or groups, which are known only at run time.`,
      );
    else if (view.engine === 'none')
      yield it.fail(`No engine is on, so nothing closes ${name} for ${direction}.`, engineFirst(view));
    else yield it.fail(`A new pod in ${name} is open for ${direction}.`, denyAll(view, name, direction));
  }
}
