// What the rules of network policies and of Cilium's policies add to a row: these columns, on these ports.
import type { PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type { PeerRule } from './governing.ts';
import type { Direction } from './objects.ts';
import { NONE } from './port-sets.ts';
import type { PortSets } from './port-sets.ts';
import type { ColumnPorts, ReadPorts } from './rule-ports.ts';
import { fixedPorts } from './rule-ports.ts';

export interface Part {
  readonly columns: readonly number[];
  readonly ports: ColumnPorts;
  /** The same for parts that add the same. */
  readonly key: string;
}

/** @param namespace that of the rule's policy @param self the class that the rule is for @returns what a rule adds */
export type PartsOf = (rule: PeerRule, namespace: string, self: PodClass) => readonly Part[];

/** Answers are kept: a rule stands in rows of many classes. */
export function createPartsOf(direction: Direction, columns: Columns, readPorts: ReadPorts): PartsOf {
  const identities = new Map<readonly number[], number>();
  const identityOf = (list: readonly number[]): number => {
    const known = identities.get(list) ?? identities.size;
    identities.set(list, known);
    return known;
  };
  const known = new Map<PeerRule, readonly Part[]>();
  return (rule, namespace, self) => {
    const cached = known.get(rule);
    if (cached) return cached;
    const ports = readPorts(rule.ports, self);
    if (ports.fixed === NONE) return [];
    // Ports by name differ from destination to destination: such a part is like no other but the same rule's.
    const name = ports.fixed === undefined ? `f${known.size}` : String(ports.fixed);
    const lists = rule.peers?.map((peer) => columns.peer(peer, namespace)) ?? [columns.all];
    const parts = lists.map((list): Part => ({ columns: list, ports, key: `${identityOf(list)}:${name}` }));
    // Into a pod, a name means what that pod calls so.
    const differs = direction === 'ingress' && rule.ports?.some((port) => 'name' in port);
    if (!differs) known.set(rule, parts);
    return parts;
  };
}

/** @returns text that is the same for parts that together add the same */
export const keyOf = (parts: readonly Part[]): string => [...new Set(parts.map(({ key }) => key))].toSorted().join(' ');

const MANY_PARTS = 100;

/** Thousands of rules on the same peers are one: adding them one by one would make a set of ports of every step. */
export function joinParts(parts: readonly Part[], sets: PortSets): readonly Omit<Part, 'key'>[] {
  if (parts.length <= MANY_PARTS) return parts;
  const fixed = parts.filter(({ ports }) => ports.fixed !== undefined);
  const joined = [...Map.groupBy(fixed, ({ columns }) => columns)].map(([columns, group]) => ({
    columns,
    ports: fixedPorts(sets.unionOf(group.map(({ ports }) => ports.fixed!))),
  }));
  return [...joined, ...parts.filter(({ ports }) => ports.fixed === undefined)];
}
