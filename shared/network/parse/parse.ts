// Raw Kubernetes objects of any kind to one cluster's worth of typed objects.
import type { ClusterObjects, DaemonSet, Labels, Namespace, ObjectProblem, Pod, Service } from '../objects.ts';
import { sharedPriorities } from '../shared-priorities.ts';
import type { CidrGroups } from './cilium-groups.ts';
import { cidrGroupsOf, parseCidrGroup } from './cilium-groups.ts';
import { labelNotes } from './fields.ts';
import type { Named } from './named.ts';
import { namedObjects, refOf } from './named.ts';
import { controllerOf, ownersAmong, templateKinds, withoutDoubles } from './owners.ts';
import { parseNode } from './platforms.ts';
import { parsePod, parseTemplate } from './pod.ts';
import { createPoliciesParser } from './policies.ts';
import type { Raw } from './raw.ts';
import { attempt, isObject, toLabels } from './raw.ts';
import { createSurroundingsParser, parseService } from './surroundings.ts';

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
  const nodes = new Map(named.filter(isNode).map(({ raw, name }) => [name, parseNode(raw, name)]));
  const present = new Set(named.map(({ kind, namespace, name }) => `${namespace}/${kind}/${name}`));
  const namespaces: Namespace[] = [];
  const pods: Pod[] = [];
  const services: Service[] = [];
  const daemonSets: DaemonSet[] = [];
  const surroundings = createSurroundingsParser();
  const policies = createPoliciesParser(groupsIn(named, problems), problems, notes);

  for (const item of named) {
    const { raw, kind, group, namespace, name } = item;
    const ref = refOf(item);
    notes.push(...labelNotes(ref, raw));
    if (kind === 'Namespace' && group === '') namespaces.push(toNamespace(name, raw));
    else if (kind === 'Pod' && group === '') pods.push(parsePod(raw, { namespace, name }, ownerOf(item), nodes));
    else if (templateKinds.has(kind)) {
      if (kind === 'DaemonSet') daemonSets.push(toDaemonSet(raw, namespace, name));
      const owner = controllerOf(raw);
      // A template whose owner is here too would count the same pods twice.
      if (owner && present.has(`${namespace}/${owner.kind}/${owner.name}`)) continue;
      const pod = parseTemplate(raw, { namespace, name }, owner ?? { kind, name });
      if (pod) pods.push(pod);
    } else if (kind === 'Service' && group === '') services.push(parseService(raw, namespace, name));
    else if (isNode(item) || isCidrGroup(item)) continue;
    else if (!surroundings.take(kind, group, raw, { namespace, name }) && !policies.take(item, ref))
      skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
  }

  const { policies: plain, ciliumPolicies, calicoPolicies, networkSets } = policies.found;
  const placed = [...pods, ...plain, ...services, ...ciliumPolicies, ...calicoPolicies, ...networkSets];
  const objects = {
    namespaces: withNamespacesOf(placed, namespaces),
    nodes: [...nodes.values()],
    pods: withoutDoubles(pods),
    services,
    daemonSets,
    ...policies.found,
    surroundings: surroundings.found,
    problems,
    notes: [...notes, ...sharedPriorities(policies.found.adminPolicies)],
  };
  return { objects, skipped };
}

/** @returns the namespaces, and one for each that these objects are in though it is not among them */
function withNamespacesOf(
  objects: readonly { readonly namespace: string }[],
  given: readonly Namespace[],
): readonly Namespace[] {
  const known = new Map(given.map((namespace) => [namespace.name, namespace]));
  for (const { namespace } of objects)
    if (namespace !== '' && !known.has(namespace)) known.set(namespace, toNamespace(namespace, {}));
  return [...known.values()];
}

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
