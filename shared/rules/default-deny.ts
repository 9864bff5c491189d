// Both directions of one question: is what nobody allowed denied?
import type { AdminPolicy, CiliumPolicy, Namespace, NetworkPolicy } from '../network/objects.ts';
import { matches } from '../network/selectors.ts';
import type { Severity } from '../model/verdict.ts';
import { denyAll } from './manifests.ts';
import type { Judgement, Snapshot } from './rule.ts';
import { fail, pass, unknown } from './rule.ts';
import { namespaceSubject, viewOf } from './view.ts';

type Direction = 'ingress' | 'egress';

/** @returns a finding a namespace: is every pod of it, also one that does not exist yet, closed unless something opens it? */
export function* defaultDeny(snapshot: Snapshot, direction: Direction, severity: Severity): Generator<Judgement> {
  const { namespaces, objects, engine, doubt } = viewOf(snapshot);
  for (const namespace of namespaces) {
    const { name, labels } = namespace;
    const subject = namespaceSubject(name);
    const own = objects.policies.find((policy) => policy.namespace === name && closesAll(policy, direction));
    const admin = objects.adminPolicies.find(
      (policy) => matches(policy.subject.namespaces, labels) && deniesAll(policy, direction),
    );
    const cilium =
      engine === 'cilium'
        ? objects.ciliumPolicies.find((policy) => isolatesAll(policy, namespace, direction))
        : undefined;
    const found = own ?? admin ?? cilium;
    const unsure = doubt(name);
    if (found) yield pass(severity, `${found.name} closes ${name} for ${direction}.`, subject);
    else if (unsure) yield unknown(severity, unsure.reason, unsure.message, undefined, subject);
    else
      yield fail(
        severity,
        `No policy closes every pod of ${name} for ${direction}.`,
        denyAll(name, direction === 'ingress' ? 'Ingress' : 'Egress'),
        subject,
      );
  }
}

/** Selects every pod and has no rule: what else is allowed, other policies add. */
const closesAll = (policy: NetworkPolicy, direction: Direction): boolean =>
  policy.selector.length === 0 && policy[direction]?.length === 0;

const deniesAll = (policy: AdminPolicy, direction: Direction): boolean =>
  policy.subject.pods.length === 0 &&
  policy[direction].some(
    (rule) =>
      rule.action === 'Deny' &&
      rule.ports === undefined &&
      rule.peers.some((peer) => peer.kind === 'pods' && peer.namespaces.length === 0 && peer.pods.length === 0),
  );

function isolatesAll(policy: CiliumPolicy, { name, labels }: Namespace, direction: Direction): boolean {
  const { namespaces, pods } = policy.subject;
  const section = policy[direction];
  const inside = typeof namespaces === 'string' ? namespaces === name : matches(namespaces, labels);
  return inside && pods.length === 0 && section.isolates && section.allows.length === 0;
}
