// Raw Kubernetes objects of any kind to one cluster's worth of typed objects.
import type {
  AdminPolicy,
  CalicoPolicy,
  CalicoTier,
  CiliumPolicy,
  NetworkSet,
  ClusterObjects,
  DaemonSet,
  ForeignPolicy,
  Labels,
  Namespace,
  NetworkPolicy,
  ObjectProblem,
  Owner,
  Pod,
  PolicyRef,
  Service,
} from './objects.ts';
import { adminReach, parseAdminPolicy } from './parse-admin.ts';
import type { CidrGroups } from './cilium-groups.ts';
import { cidrGroupsOf, parseCidrGroup } from './cilium-groups.ts';
import { commonName, isCalico, isOlder, restored } from './calico-storage.ts';
import { calicoReach, parseCalicoPolicy, parseNetworkSet, parseTier } from './parse-calico.ts';
import { ciliumReach, parseCiliumPolicies } from './parse-cilium.ts';
import { controllerOf, parsePod, parseTemplate, templateKinds } from './parse-pod.ts';
import { parseNetworkPolicy, policyReach } from './parse-policy.ts';
import { createSurroundingsParser, parseService } from './parse-surroundings.ts';
import type { Raw } from './raw.ts';
import { attempt, isAbsent, isObject, toLabels } from './raw.ts';

export interface Parsed {
  readonly objects: ClusterObjects;
  /** Objects of kinds that have nothing to do with network policy, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface ParseOptions {
  /** Live clusters name pods' ReplicaSets, which change with every rollout: take the Deployment behind them. */
  readonly throughReplicaSets: boolean;
}

const DEFAULT_NAMESPACE = 'default';
const CLUSTER_WIDE = new Set([
  'CiliumCIDRGroup',
  'GlobalNetworkSet',
  'Tier',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'ClusterNetworkPolicy',
  'CiliumClusterwideNetworkPolicy',
  'GlobalNetworkPolicy',
]);

interface Named {
  readonly raw: Raw;
  readonly kind: string;
  readonly group: string;
  readonly namespace: string;
  readonly name: string;
  /** The API server makes a name of its own from `generateName`, each time another. */
  readonly generated: boolean;
}

/** Never throws: what cannot be understood is a problem, the rest is there. @param raws objects, not lists of them */
export function parseObjects(raws: Iterable<unknown>, options: ParseOptions = { throughReplicaSets: false }): Parsed {
  const problems: ObjectProblem[] = [];
  const skipped = new Map<string, number>();
  const all: Named[] = [];
  let position = 0;
  for (const raw of raws) {
    position++;
    const found = nameOf(raw);
    if (typeof found === 'string') problems.push(nameless(raw, position, found));
    else all.push(found);
  }
  const named = withoutOlder(withoutEarlier(all, problems));
  const owners = new Map(
    named.flatMap(({ raw, kind, namespace, name }) => {
      const owner = templateKinds.has(kind) ? controllerOf(raw) : undefined;
      return owner ? [[`${namespace}/${kind}/${name}`, owner] as const] : [];
    }),
  );
  const groups = groupsIn(named, problems);
  const present = new Set(named.map(({ kind, namespace, name }) => `${namespace}/${kind}/${name}`));
  const namespaces = new Map<string, Namespace>();
  const pods: Pod[] = [];
  const services: Service[] = [];
  const daemonSets: DaemonSet[] = [];
  const policies: NetworkPolicy[] = [];
  const adminPolicies: AdminPolicy[] = [];
  const ciliumPolicies: CiliumPolicy[] = [];
  const calicoPolicies: CalicoPolicy[] = [];
  const calicoTiers: CalicoTier[] = [];
  const networkSets: NetworkSet[] = [];
  const foreignPolicies: ForeignPolicy[] = [];
  const surroundings = createSurroundingsParser();

  for (const item of named) {
    const { raw, kind, group, namespace, name } = item;
    const ref = refOf(item);
    if (kind === 'Namespace' && group === '') namespaces.set(name, toNamespace(name, raw));
    else if (kind === 'Pod' && group === '') pods.push(parsePod(raw, namespace, name, ownerOf(item, owners, options)));
    else if (templateKinds.has(kind)) {
      if (kind === 'DaemonSet') daemonSets.push(toDaemonSet(raw, namespace, name));
      const owner = controllerOf(raw);
      // A template whose owner is here too would count the same pods twice.
      if (owner && present.has(`${namespace}/${owner.kind}/${owner.name}`)) continue;
      const pod = parseTemplate(raw, namespace, name, owner ?? { kind, name });
      if (pod) pods.push(pod);
    } else if (kind === 'Service' && group === '') services.push(parseService(raw, namespace, name));
    else if (surroundings.take(kind, group, raw, { namespace, name })) continue;
    else if (kind === 'NetworkPolicy' && group === 'networking.k8s.io') {
      const policy = attempt(
        ref,
        problems,
        () => parseNetworkPolicy(raw, namespace, name),
        () => policyReach(raw, namespace),
      );
      if (policy) policies.push(policy);
    } else if (group === 'policy.networking.k8s.io') {
      const policy = attempt(
        ref,
        problems,
        () => parseAdminPolicy(raw, kind, name),
        () => adminReach(raw),
      );
      if (policy) adminPolicies.push(policy);
      else if (!problems.some((problem) => problem.ref === ref)) count(skipped, kind);
    } else if (group === 'cilium.io' && /^Cilium(Clusterwide)?NetworkPolicy$/.test(kind)) {
      const own = kind as CiliumPolicy['kind'];
      const parsed = attempt(
        ref,
        problems,
        () => parseCiliumPolicies(raw, own, namespace, name, groups),
        () => ciliumReach(raw, own, namespace),
      );
      for (const policy of parsed ?? []) ciliumPolicies.push(policy);
      foreignPolicies.push({ ...ref, family: 'cilium' });
    } else if (isCidrGroup(item)) {
      // Read before the policies that refer to it.
    } else if (isCalico(group) && /^(Global)?NetworkPolicy$/.test(kind)) {
      const own = kind === 'NetworkPolicy' ? namespace : undefined;
      const parsed = attempt(
        ref,
        problems,
        () => parseCalicoPolicy(restored(raw, group), group, own, name),
        () => calicoReach(raw, own),
      );
      if (parsed) calicoPolicies.push(parsed);
      foreignPolicies.push({ ...ref, family: 'calico' });
    } else if (isCalico(group) && kind === 'Tier') {
      const tier = attempt(ref, problems, () => parseTier(raw, name));
      if (tier) calicoTiers.push(tier);
    } else if (isCalico(group) && /^(Global)?NetworkSet$/.test(kind)) {
      const own = kind === 'NetworkSet' ? namespace : '';
      const set = attempt(ref, problems, () => parseNetworkSet(restored(raw, group), own));
      if (set) networkSets.push(set);
    } else count(skipped, kind);
  }

  const placed = [
    ...pods,
    ...policies,
    ...services,
    ...[...ciliumPolicies, ...calicoPolicies].filter((policy) => policy.namespace !== ''),
  ];
  for (const { namespace } of placed)
    if (!namespaces.has(namespace)) namespaces.set(namespace, toNamespace(namespace, {}));
  const objects = {
    namespaces: [...namespaces.values()],
    // Pods that a template here makes stand for themselves where they are listed too.
    pods: withoutDoubles(pods),
    services,
    daemonSets,
    policies,
    adminPolicies,
    ciliumPolicies,
    calicoPolicies,
    calicoTiers,
    networkSets,
    foreignPolicies,
    surroundings: surroundings.found,
    problems,
  };
  return { objects, skipped };
}

const isCidrGroup = ({ kind, group }: Named): boolean => group === 'cilium.io' && kind === 'CiliumCIDRGroup';

function groupsIn(named: readonly Named[], problems: ObjectProblem[]): CidrGroups {
  const found = named
    .filter(isCidrGroup)
    .map((item) => attempt(refOf(item), problems, () => parseCidrGroup(item.raw, item.name)));
  return cidrGroupsOf(found.filter((group) => group !== undefined));
}

/** The longest that the API server takes (RFC 1123 subdomain). */
const MAX_NAME = 253;

/** @returns what an object is called, or where it says nothing usable */
function nameOf(raw: unknown): Named | string {
  if (!isObject(raw) || typeof raw['kind'] !== 'string' || raw['kind'].length > MAX_NAME) return 'kind';
  const { kind, apiVersion, metadata } = raw;
  if (typeof apiVersion !== 'string') return 'apiVersion';
  if (!isObject(metadata)) return 'metadata';
  const { name, generateName, namespace } = metadata;
  const called = typeof name === 'string' && name !== '' ? name : generateName;
  if (typeof called !== 'string' || called === '' || called.length > MAX_NAME) return 'metadata.name';
  const isPlaced = typeof namespace === 'string' && namespace !== '';
  if (isPlaced ? namespace.length > MAX_NAME : !isAbsent(namespace) && namespace !== '') return 'metadata.namespace';
  const slash = apiVersion.indexOf('/');
  return {
    raw,
    kind,
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    namespace: isPlaced ? namespace : DEFAULT_NAMESPACE,
    name: called,
    generated: called !== name,
  };
}

/** Known by its place among the objects, from 1. */
const nameless = (raw: unknown, position: number, path: string): ObjectProblem => ({
  ref: {
    group: '',
    kind: isObject(raw) && typeof raw['kind'] === 'string' ? raw['kind'].slice(0, MAX_NAME) : 'Object',
    namespace: '',
    name: `#${position}`,
  },
  path,
  message: `an object needs kind, apiVersion and a name of at most ${MAX_NAME} characters`,
});

const refOf = ({ group, kind, namespace, name }: Named): PolicyRef => ({
  group,
  kind,
  namespace: CLUSTER_WIDE.has(kind) ? '' : namespace,
  name,
});

/** No cluster has two objects of one name: the later one counts, as applying them in turn would have it. */
function withoutEarlier(all: readonly Named[], problems: ObjectProblem[]): readonly Named[] {
  const keyOf = ({ group, kind, namespace, name }: Named): string => `${namespace}/${kind}/${name}/${group}`;
  const last = new Map(all.map((item) => [keyOf(item), item]));
  if (last.size === all.length) return all;
  return all.filter((item) => {
    if (item.generated || last.get(keyOf(item)) === item) return true;
    problems.push({
      ref: refOf(item),
      path: 'metadata.name',
      message: 'another of this name follows, which counts instead',
    });
    return false;
  });
}

/** Calico serves one object in two groups, and a migration copies it from one to the other: the newer group's counts. */
function withoutOlder(all: readonly Named[]): readonly Named[] {
  const calico = all.filter(({ group }) => isCalico(group));
  const keyOf = ({ raw, kind, group, namespace, name }: Named): string =>
    `${namespace}/${kind}/${commonName(raw, kind, group, name)}`;
  const newer = new Set(calico.filter(({ group }) => !isOlder(group)).map(keyOf));
  if (newer.size === 0) return all;
  const older = new Set(calico.filter((item) => isOlder(item.group) && newer.has(keyOf(item))));
  return all.filter((item) => !older.has(item));
}

/** The API server sets kubernetes.io/metadata.name on every namespace. */
const toNamespace = (name: string, raw: Raw): Namespace => {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const labels: Labels = { ...toLabels(metadata['labels']), 'kubernetes.io/metadata.name': name };
  return { name, labels, annotations: toLabels(metadata['annotations']) };
};

function toDaemonSet(raw: Raw, namespace: string, name: string): DaemonSet {
  const status = isObject(raw['status']) ? raw['status'] : {};
  const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return { namespace, name, desired: whole(status['desiredNumberScheduled']), ready: whole(status['numberReady']) };
}

/** The controller, followed up as far as the objects tell: a pod's ReplicaSet to its Deployment, a Job to its CronJob. */
function ownerOf(
  { raw, namespace, kind, name }: Named,
  owners: ReadonlyMap<string, Owner>,
  options: ParseOptions,
): Owner {
  let owner = controllerOf(raw);
  if (!owner) return { kind, name };
  for (let step = 0; step < 5; step++) {
    const next: Owner | undefined = owners.get(`${namespace}/${owner.kind}/${owner.name}`);
    if (!next) break;
    owner = next;
  }
  const labels = isObject(raw['metadata']) ? toLabels(raw['metadata']['labels']) : {};
  const hash = labels['pod-template-hash'];
  if (options.throughReplicaSets && owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) };
  return owner;
}

function withoutDoubles(pods: readonly Pod[]): readonly Pod[] {
  const live = new Set(
    pods
      .filter((pod) => pod.owner.kind !== 'Pod' && pod.owner.name !== pod.name)
      .map((pod) => `${pod.namespace}/${pod.owner.kind}/${pod.owner.name}`),
  );
  return pods.filter(
    (pod) =>
      pod.owner.name !== pod.name ||
      pod.owner.kind === 'Pod' ||
      !live.has(`${pod.namespace}/${pod.owner.kind}/${pod.owner.name}`),
  );
}

const count = (counts: Map<string, number>, kind: string): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1);
