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
  LocalRedirect,
  Namespace,
  NetworkPolicy,
  ObjectProblem,
  Pod,
  PolicyRef,
  PossibleReach,
  Service,
} from '../objects.ts';
import { directions } from '../objects.ts';
import { sharedPriorities } from '../shared-priorities.ts';
import type { Shape } from './fields.ts';
import { labelNotes, strayFields } from './fields.ts';
import { shapes } from './shapes.ts';
import { adminReach, isAdminKind, parseAdminPolicy } from './admin.ts';
import type { CidrGroups } from './cilium-groups.ts';
import { cidrGroupsOf, parseCidrGroup } from './cilium-groups.ts';
import { isCalico, restored } from './calico-storage.ts';
import type { Named } from './named.ts';
import { namedObjects, refOf } from './named.ts';
import { calicoReach, parseCalicoPolicy, parseNetworkSet, parseTier } from './calico.ts';
import { ciliumReach, parseCiliumPolicies } from './cilium.ts';
import { controllerOf, ownersAmong, templateKinds, withoutDoubles } from './owners.ts';
import { parsePod, parseTemplate } from './pod.ts';
import { parseNode } from './platforms.ts';
import { parseNetworkPolicy, policyReach } from './policy.ts';
import { createSurroundingsParser, parseService } from './surroundings.ts';
import type { Raw } from './raw.ts';
import { parseRedirect } from './redirects.ts';
import { attempt, isObject, toLabels } from './raw.ts';

export interface Parsed {
  readonly objects: ClusterObjects;
  /** Objects of kinds that have nothing to do with network policy, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
}

export interface ParseOptions {
  /** Live clusters name pods' ReplicaSets, which change with every rollout: take the Deployment behind them. */
  readonly throughReplicaSets: boolean;
}

/** Never throws: what cannot be understood is a problem, the rest is there. @param raws objects, not lists of them */
export function parseObjects(raws: Iterable<unknown>, options: ParseOptions = { throughReplicaSets: false }): Parsed {
  const problems: ObjectProblem[] = [];
  const notes: ObjectProblem[] = [];
  const skipped = new Map<string, number>();
  const named = namedObjects(raws, problems);
  const ownerOf = ownersAmong(named, options.throughReplicaSets);
  const groups = groupsIn(named, problems);
  const nodes = new Map(named.filter(isNode).map(({ raw, name }) => [name, parseNode(raw, name)]));
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
  const redirects: LocalRedirect[] = [];
  const foreignPolicies: ForeignPolicy[] = [];
  const surroundings = createSurroundingsParser();

  /** Reads a policy of which every field must be known. @param reach whom it may govern when it cannot be read */
  const understand = <T>(
    ref: PolicyRef,
    raw: Raw,
    shape: Shape,
    parse: () => T,
    reach: () => readonly PossibleReach[],
  ): T | undefined =>
    attempt(
      ref,
      problems,
      () => {
        const told = strayFields(ref, raw, shape);
        const parsed = parse();
        notes.push(...told);
        return parsed;
      },
      reach,
    );

  for (const item of named) {
    const { raw, kind, group, namespace, name } = item;
    const ref = refOf(item);
    notes.push(...labelNotes(ref, raw));
    if (kind === 'Namespace' && group === '') namespaces.set(name, toNamespace(name, raw));
    else if (kind === 'Pod' && group === '') pods.push(parsePod(raw, { namespace, name }, ownerOf(item), nodes));
    else if (templateKinds.has(kind)) {
      if (kind === 'DaemonSet') daemonSets.push(toDaemonSet(raw, namespace, name));
      const owner = controllerOf(raw);
      // A template whose owner is here too would count the same pods twice.
      if (owner && present.has(`${namespace}/${owner.kind}/${owner.name}`)) continue;
      const pod = parseTemplate(raw, { namespace, name }, owner ?? { kind, name });
      if (pod) pods.push(pod);
    } else if (kind === 'Service' && group === '') services.push(parseService(raw, namespace, name));
    else if (surroundings.take(kind, group, raw, { namespace, name })) continue;
    else if (kind === 'NetworkPolicy' && group === 'networking.k8s.io') {
      const policy = understand(
        ref,
        raw,
        shapes.NetworkPolicy,
        () => parseNetworkPolicy(raw, namespace, name),
        () => policyReach(raw, namespace),
      );
      if (policy) policies.push(policy);
    } else if (group === 'policy.networking.k8s.io') {
      const policy = understand(
        ref,
        raw,
        isAdminKind(kind) ? shapes[kind] : 'anything',
        () => parseAdminPolicy(raw, kind, name),
        () => adminReach(raw),
      );
      if (policy) adminPolicies.push(policy);
      else if (!problems.some((problem) => problem.ref === ref)) count(skipped, kind);
    } else if (group === 'cilium.io' && /^Cilium(Clusterwide)?NetworkPolicy$/.test(kind)) {
      const own = kind as CiliumPolicy['kind'];
      const parsed = understand(
        ref,
        raw,
        shapes.cilium,
        () => parseCiliumPolicies(raw, own, namespace, name, groups),
        () => ciliumReach(raw, own, namespace),
      );
      for (const policy of parsed ?? []) ciliumPolicies.push(policy);
      foreignPolicies.push({ ...ref, family: 'cilium' });
    } else if (group === 'cilium.io' && kind === 'CiliumLocalRedirectPolicy') {
      const redirect = attempt(ref, problems, () => parseRedirect(raw, namespace, name));
      if (redirect) redirects.push(redirect);
    } else if (isCidrGroup(item) || isNode(item)) {
      // Read before what refers to them.
    } else if (isCalico(group) && /^(Global)?NetworkPolicy$/.test(kind)) {
      const own = kind === 'NetworkPolicy' ? namespace : undefined;
      const parsed = understand(
        ref,
        raw,
        shapes.calico,
        () => parseCalicoPolicy(restored(raw, group), group, own, name),
        () => calicoReach(raw, own),
      );
      if (parsed) calicoPolicies.push(parsed);
      foreignPolicies.push({ ...ref, family: 'calico' });
    } else if (isCalico(group) && kind === 'Tier') {
      const tier = attempt(ref, problems, () => parseTier(raw, name), anybody);
      if (tier) calicoTiers.push(tier);
    } else if (isCalico(group) && /^(Global)?NetworkSet$/.test(kind)) {
      const own = kind === 'NetworkSet' ? namespace : '';
      const set = attempt(ref, problems, () => parseNetworkSet(restored(raw, group), own), anybody);
      if (set) networkSets.push(set);
    } else count(skipped, kind);
  }

  const placed = [
    ...pods,
    ...policies,
    ...services,
    ...[...ciliumPolicies, ...calicoPolicies, ...networkSets].filter(({ namespace }) => namespace !== ''),
  ];
  for (const { namespace } of placed)
    if (!namespaces.has(namespace)) namespaces.set(namespace, toNamespace(namespace, {}));
  const objects = {
    namespaces: [...namespaces.values()],
    nodes: [...nodes.values()],
    pods: withoutDoubles(pods),
    services,
    daemonSets,
    policies,
    adminPolicies,
    ciliumPolicies,
    calicoPolicies,
    calicoTiers,
    networkSets,
    redirects,
    foreignPolicies,
    surroundings: surroundings.found,
    problems,
    notes: [...notes, ...sharedPriorities(adminPolicies)],
  };
  return { objects, skipped };
}

/** A tier or a set may decide about any pod that some policy governs. */
const anybody = (): readonly PossibleReach[] => [{ namespaces: undefined, pods: [], directions }];

const isNode = ({ kind, group }: Named): boolean => kind === 'Node' && group === '';
const isCidrGroup = ({ kind, group }: Named): boolean => group === 'cilium.io' && kind === 'CiliumCIDRGroup';

function groupsIn(named: readonly Named[], problems: ObjectProblem[]): CidrGroups {
  const found = named
    .filter(isCidrGroup)
    .map((item) => attempt(refOf(item), problems, () => parseCidrGroup(item.raw, item.name)));
  return cidrGroupsOf(found.filter((group) => group !== undefined));
}

/** The API server sets kubernetes.io/metadata.name on every namespace. */
const toNamespace = (name: string, raw: Raw): Namespace => {
  const metadata = isObject(raw['metadata']) ? raw['metadata'] : {};
  const labels: Labels = { ...toLabels(metadata['labels']), 'kubernetes.io/metadata.name': name };
  const { phase } = isObject(raw['status']) ? raw['status'] : {};
  const terminating = phase === 'Terminating' || typeof metadata['deletionTimestamp'] === 'string';
  return { name, labels, annotations: toLabels(metadata['annotations']), ...(terminating ? { terminating } : {}) };
};

function toDaemonSet(raw: Raw, namespace: string, name: string): DaemonSet {
  const status = isObject(raw['status']) ? raw['status'] : {};
  const whole = (value: unknown): number => (typeof value === 'number' ? value : 0);
  return { namespace, name, desired: whole(status['desiredNumberScheduled']), ready: whole(status['numberReady']) };
}

const count = (counts: Map<string, number>, kind: string): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1);
