// Manifests that mend a finding, with the real names filled in, ready for `kubectl apply -f -`.
import { kubectl, shellComment } from '../../model/shell.ts';
import type { Workload } from '../../network/index.ts';
import type { Direction, PolicyRef } from '../../network/objects.ts';
import { engineRemedy } from './engine-plan.ts';
import { labelsOf } from '../evidence/workload.ts';
import { dnsRule } from './dns-rule.ts';
import type { View } from '../evidence/view.ts';
import { yamlSelector, yamlText } from './yaml-text.ts';

/** @returns a NetworkPolicy under a name that is not taken @param spec the lines of its spec, not indented */
export function manifest(view: View, namespace: string, name: string, spec: readonly string[]): string {
  return [
    'apiVersion: networking.k8s.io/v1',
    'kind: NetworkPolicy',
    `metadata: { name: ${yamlText(freeName(name, namesOf(view).policies.get(namespace)))}, namespace: ${yamlText(namespace)} }`,
    'spec:',
    ...spec.map((line) => `  ${line}`),
  ].join('\n');
}

/** The longest name that the API server takes (RFC 1123 subdomain), with room for a number. */
const LONGEST = 253 - 4;

function freeName(wanted: string, taken: ReadonlySet<string> = new Set()): string {
  const name = wanted.slice(0, LONGEST).replace(/[-.]+$/, '');
  for (let number = 2; taken.has(name); number++) if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
  return name;
}

/** A NetworkPolicy for one workload, with a comment where its selector means more than that. @param spec all but the selector */
export function manifestFor(view: View, workload: Workload, prefix: string, spec: readonly string[]): string {
  const { namespace, name, kind } = workload;
  const labels = labelsOf(view.net, workload);
  // Two workloads of one name get policies of two names: applying one must not replace the other.
  const isAlone = namesOf(view).workloads.get(`${namespace}/${name}`) === 1;
  const called = isAlone ? `${prefix}-${name}` : `${prefix}-${name}-${kind.toLowerCase()}`;
  const isLabelled = Object.keys(labels).length > 0;
  return [
    ...(isLabelled ? [] : ['# Its pods share no label of their own: this selects every pod of the namespace.']),
    manifest(view, namespace, called, [`podSelector: ${yamlSelector(labels)}`, ...spec]),
  ].join('\n');
}

interface Names {
  /** Of NetworkPolicies, by namespace. */
  readonly policies: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many workloads have a name, as `NAMESPACE/NAME`. */
  readonly workloads: ReadonlyMap<string, number>;
}
const known = new WeakMap<View, Names>();

/** Thousands of remedies ask: names are looked through once. */
function namesOf(view: View): Names {
  const made = known.get(view);
  if (made) return made;
  const policies = Map.groupBy(view.objects.policies, ({ namespace }) => namespace);
  const workloads = Map.groupBy(view.workloads, ({ namespace, name }) => `${namespace}/${name}`);
  const names = {
    policies: new Map([...policies].map(([namespace, list]) => [namespace, new Set(list.map(({ name }) => name))])),
    workloads: new Map([...workloads].map(([name, list]) => [name, list.length])),
  };
  known.set(view, names);
  return names;
}

/** A policy that isolates every pod of a namespace in one direction and allows nothing but what all of them need. */
export function denyAll(view: View, namespace: string, direction: Direction): string {
  const [type, note, rules] =
    direction === 'ingress'
      ? ['Ingress', '# Closes every pod of the namespace for ingress. First allow what they need, or they break.', []]
      : [
          'Egress',
          '# Closes every pod of the namespace for egress, except to DNS. First allow what else they need.',
          ['egress:', ...dnsRule(view)],
        ];
  return [
    note,
    manifest(view, namespace, `default-deny-${direction}`, ['podSelector: {}', `policyTypes: [${type}]`, ...rules]),
  ].join('\n');
}

/** @param what to change, in words */
export const editPolicy = (ref: PolicyRef, what: string): string => `${shellComment(what)}\n${kubectl('edit', ref)}`;

/** The kinds of Kubernetes' own controllers, with their groups. */
const CONTROLLERS: Readonly<Record<string, string>> = {
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  ReplicationController: '',
  CronJob: 'batch',
};

/** @param what to change in its pod template, in words, without a full stop */
export function editWorkload(
  { namespace, kind, name }: Pick<Workload, 'namespace' | 'kind' | 'name'>,
  what: string,
): string {
  if (Object.hasOwn(CONTROLLERS, kind))
    return `${shellComment(`${what}.`)}\n${kubectl('edit', { group: CONTROLLERS[kind]!, kind, namespace, name })}`;
  if (kind !== 'Pod' && kind !== 'Job')
    return shellComment(`${what}, where ${kind} ${name} of namespace ${namespace} declares it.`);
  const replace = shellComment(`${what}, then replace it: it cannot be changed in place.`);
  return `${replace}\n${kubectl('delete', { group: kind === 'Job' ? 'batch' : '', kind, namespace, name })}`;
}

/** What comes before any policy where no engine is on. */
export const engineFirst = ({ cluster, read }: View): string =>
  [
    shellComment('No policy is enforced until an engine is on. Audit again afterwards.'),
    engineRemedy({ cluster, inCluster: read }),
  ].join('\n');
