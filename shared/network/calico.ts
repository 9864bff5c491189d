// What Calico's selectors and rules mean among classes and columns.
import { familiesOf } from './calico-family.ts';
import type { PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type {
  CalicoEntity,
  CalicoPolicy,
  CalicoRule,
  CalicoSelector,
  ClusterObjects,
  Direction,
  IpVersion,
  Labels,
  Namespace,
  NetworkSet,
  PortRule,
} from './objects.ts';

export interface CalicoParts {
  readonly objects: ClusterObjects;
  readonly classes: readonly PodClass[];
  readonly columns: Columns;
}

export interface CalicoLookup {
  /** Does the policy govern pods of this class? */
  governs(policy: CalicoPolicy, c: PodClass): boolean;
  /** The columns an entity means. */
  columnsOf(entity: CalicoEntity): readonly number[];
  /** The side of a rule that is the pod itself; a rule may narrow it. */
  isSelf(entity: CalicoEntity, index: number): boolean;
  /** Whether a rule of these IP families decides about connections between a class and a column. */
  carries(rule: CalicoRule, index: number): (column: number) => boolean;
}

/** What selectors see of a namespace. */
export const calicoNamespaceLabels = ({ name, labels }: Namespace): Labels => ({
  ...labels,
  'projectcalico.org/name': name,
});

/** What selectors see of a pod. */
export const calicoPodLabels = (namespace: string, labels: Labels): Labels => ({
  ...labels,
  'projectcalico.org/namespace': namespace,
  'projectcalico.org/orchestrator': 'k8s',
});

/** What selectors see of a network set (Calico, updateprocessors/networksetprocessor.go). */
const calicoSetLabels = ({ namespace, labels }: NetworkSet): Labels =>
  namespace === '' ? labels : { ...labels, 'projectcalico.org/namespace': namespace };

/** @returns false when the entity means everybody */
export const narrows = ({ selector, not, namespaces, global, nets, notNets }: CalicoEntity): boolean =>
  selector !== undefined ||
  not !== undefined ||
  namespaces !== undefined ||
  global ||
  nets !== undefined ||
  notNets.length > 0;

/** @returns whether a rule of the policy may say different things to pods that the policy governs: by its own side, or by their IP families */
export const tellsApart = (policy: CalicoPolicy, direction: Direction): boolean =>
  policy[direction]?.some(
    (rule) => narrows(direction === 'ingress' ? rule.destination : rule.source) || familiesOf(rule).length === 1,
  ) ?? false;

/** Answers are kept: entities stand in rows of many classes. */
export function createCalicoLookup({ objects, classes, columns }: CalicoParts): CalicoLookup {
  const namespaceLabels = objects.namespaces.map(calicoNamespaceLabels);
  const podLabels = new Map(
    classes.map((c) => [c, calicoPodLabels(objects.namespaces[c.namespace]!.name, c.labels)] as const),
  );
  const labelsOf = (c: PodClass): Labels => podLabels.get(c)!;
  const inNamespaces = (c: PodClass, namespaces: CalicoSelector | string | undefined): boolean => {
    if (namespaces === undefined) return true;
    if (typeof namespaces === 'string') return objects.namespaces[c.namespace]!.name === namespaces;
    return namespaces.matches(namespaceLabels[c.namespace]!);
  };
  const setInScope = (namespace: string, { namespaces, global }: CalicoEntity): boolean => {
    if (global) return namespace === '';
    if (namespaces === undefined) return true;
    if (typeof namespaces === 'string') return namespace === namespaces;
    const index = objects.namespaces.findIndex(({ name }) => name === namespace);
    return index !== -1 && namespaces.matches(namespaceLabels[index]!);
  };
  const setColumns = (selector: CalicoSelector | undefined, entity: CalicoEntity): readonly number[] =>
    objects.networkSets
      .filter((set) => setInScope(set.namespace, entity) && (selector?.matches(calicoSetLabels(set)) ?? true))
      .flatMap((set) => set.nets.flatMap((net) => columns.block(net)));
  const selected = (selector: CalicoSelector | undefined, entity: CalicoEntity): Set<number> => {
    const found = new Set<number>(setColumns(selector, entity));
    if (!entity.global)
      for (const [index, c] of classes.entries())
        if (inNamespaces(c, entity.namespaces) && (selector?.matches(labelsOf(c)) ?? true)) found.add(index);
    return found;
  };
  const answers = new Map<CalicoEntity, readonly number[]>();
  const columnsOf = (entity: CalicoEntity): readonly number[] => {
    const known = answers.get(entity);
    if (known) return known;
    let found: readonly number[] = columns.all;
    const within = (inside: ReadonlySet<number>): void => {
      found = found.filter((column) => inside.has(column));
    };
    const outside = (inside: ReadonlySet<number>): void => {
      found = found.filter((column) => !inside.has(column));
    };
    if (entity.selector || entity.namespaces !== undefined || entity.global) within(selected(entity.selector, entity));
    if (entity.nets) within(new Set(entity.nets.flatMap((net) => columns.block(net))));
    if (entity.notNets.length > 0) outside(new Set(entity.notNets.flatMap((net) => columns.block(net))));
    // What has no labels, being neither an endpoint nor in a set, is not among those that notSelector takes away.
    if (entity.not) outside(selected(entity.not, { ...entity, namespaces: undefined, global: false }));
    answers.set(entity, found);
    return found;
  };
  return {
    governs: (policy, c) => inNamespaces(c, policy.subjectNamespaces) && policy.subject.matches(labelsOf(c)),
    columnsOf,
    isSelf: (entity, index) => columnsOf(entity).includes(index),
    carries: createCarries(classes.length, columns),
  };
}

/** @param classes how many columns are pods */
function createCarries(classes: number, columns: Columns): CalicoLookup['carries'] {
  const families = new Map<CalicoRule, readonly IpVersion[]>();
  const familiesOfRule = (rule: CalicoRule): readonly IpVersion[] => {
    const found = families.get(rule) ?? familiesOf(rule);
    families.set(rule, found);
    return found;
  };
  return (rule, index) => {
    const [only, other] = familiesOfRule(rule);
    if (only === undefined || other !== undefined) return () => other !== undefined;
    const own = columns.families(index);
    return (column) => {
      const theirs = columns.families(column);
      if (column >= classes || !theirs.includes(only)) return theirs.includes(only);
      // Between pods of both families an allowance in one is a way; a denial in one leaves the other open.
      return own.includes(only) && (own.length === 1 || theirs.length === 1 || rule.action === 'Allow');
    };
  };
}

/** The ports of a rule as one description: everything of its protocols where it names none. */
export function calicoPorts(rule: CalicoRule): {
  readonly ports: readonly PortRule[];
  readonly notPorts: readonly PortRule[];
} {
  const whole = rule.protocols.map((protocol): PortRule => ({ protocol, from: 1, to: 65_535 }));
  return { ports: rule.ports ?? whole, notPorts: rule.notPorts };
}
