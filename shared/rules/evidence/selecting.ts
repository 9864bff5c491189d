// Whom a policy of any kind selects, and by which labels.
import type { AnyPolicy } from '../../network/index.ts';
import type {
  AdminPolicy,
  CalicoPolicy,
  CiliumPeer,
  Direction,
  Labels,
  Namespace,
  Peer,
  Selector,
} from '../../network/objects.ts';
import { matches } from '../../network/selectors.ts';

/** The kinds that namespaces' owners write; those for a whole cluster have other ways to go wrong. */
export type SelectingPolicy = Exclude<AnyPolicy, AdminPolicy>;

export const isSelecting = (policy: AnyPolicy): policy is SelectingPolicy => !('priority' in policy);

export interface Selecting {
  readonly inNamespace: (namespace: Namespace) => boolean;
  readonly matches: (labels: Labels) => boolean;
  /** The values that it asks for, by the label. */
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  /** What it closes. */
  readonly directions: readonly Direction[];
}

const both: readonly Direction[] = ['ingress', 'egress'];

export function selectingOf(policy: SelectingPolicy): Selecting {
  if ('selector' in policy)
    return {
      inNamespace: ({ name }) => name === policy.namespace,
      ...bySelector(policy.selector),
      directions: both.filter((direction) => policy[direction] !== undefined),
    };
  if ('subjectNamespaces' in policy) return ofCalico(policy);
  const { namespaces, pods } = policy.subject;
  return {
    inNamespace: ({ name, labels }) =>
      typeof namespaces === 'string' ? name === namespaces : matches(namespaces, labels),
    ...bySelector(pods),
    directions: both.filter((direction) => policy[direction].isolates),
  };
}

function ofCalico({ subject, subjectNamespaces: where, ...policy }: CalicoPolicy): Selecting {
  return {
    inNamespace: ({ name, labels }) => {
      if (where === undefined || typeof where === 'string') return where === undefined || where === name;
      return where.matches({ ...labels, 'projectcalico.org/name': name });
    },
    matches: (labels) => subject.matches(labels),
    wanted: new Map([...subject.keys].flatMap(([key, values]) => (values?.length ? [[key, values] as const] : []))),
    directions: both.filter((direction) => policy[direction] !== undefined),
  };
}

/** A selector that asks whether a label is there, or is not, asks for no value. */
const bySelector = (selector: Selector): Pick<Selecting, 'matches' | 'wanted'> => ({
  matches: (labels) => matches(selector, labels),
  wanted: new Map(selector.flatMap(({ key, operator, values }) => (operator === 'In' ? [[key, values] as const] : []))),
});

/** @returns the labels by which a policy names pods, its own and its peers */
export function labelKeysOf(policy: SelectingPolicy): readonly string[] {
  const peers = both.flatMap((direction): readonly string[] => {
    if ('subjectNamespaces' in policy)
      return (policy[direction] ?? []).flatMap(({ source, destination }) =>
        [source, destination].flatMap(({ selector, not }) => [
          ...(selector?.keys.keys() ?? []),
          ...(not?.keys.keys() ?? []),
        ]),
      );
    const section = policy[direction];
    const rules = section === undefined || !('isolates' in section) ? section : [...section.allows, ...section.denies];
    return (rules ?? [])
      .flatMap((rule): readonly (Peer | CiliumPeer)[] => rule.peers ?? [])
      .flatMap((peer) => (peer.kind === 'pods' ? peer.pods.map(({ key }) => key) : []));
  });
  return [...selectingOf(policy).wanted.keys(), ...peers];
}
