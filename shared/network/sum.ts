// The row of a class under network policies and Cilium's policies: the sum of what they allow, without what they deny. Admin policies stand around it.
import { createAdminTiers } from './admin-tiers.ts';
import { createDraft } from './draft.ts';
import type { Fold, SideParts } from './fold.ts';
import type { Direction } from './objects.ts';
import { ALL, NONE } from './port-sets.ts';
import type { PortSets } from './port-sets.ts';
import type { ReadPorts } from './rule-ports.ts';
import type { Part, PartsOf } from './rule-parts.ts';
import { joinParts, keyOf } from './rule-parts.ts';

export function createSum(
  direction: Direction,
  { classes, columns, ports }: SideParts,
  readPorts: ReadPorts,
  partsOf: PartsOf,
): Fold {
  const draft = createDraft(ports, columns.count);
  const decideTier = createAdminTiers(direction, columns, readPorts, draft);
  const sum = new Uint16Array(columns.count);
  return (index, { policies, admin, cilium }) => {
    const self = classes[index]!;
    const sections = cilium.map((policy) => policy[direction]);
    const isolated = policies.length > 0 || sections.some(({ isolates }) => isolates);
    // What is decided only at run time allows nothing for certain, and denies nothing for certain either.
    const certain = (rules: (typeof sections)[number]['allows']): readonly Part[] =>
      rules.filter(({ conditional }) => !conditional).flatMap((rule) => partsOf(rule, '', self));
    const allows = [
      ...policies.flatMap((policy) =>
        (policy[direction] ?? []).flatMap((rule) => partsOf(rule, policy.namespace, self)),
      ),
      ...sections.flatMap((section) => certain(section.allows)),
    ];
    if (admin.length === 0) {
      const denies = sections.flatMap((section) => certain(section.denies));
      return {
        key: `${isolated}|${keyOf(allows)}|${keyOf(denies)}`,
        row() {
          sum.fill(isolated ? NONE : ALL);
          if (isolated) add(sum, joinParts(allows, ports), ports);
          takeAway(sum, joinParts(denies, ports), ports);
          return sum;
        },
      };
    }
    return {
      row() {
        draft.begin();
        decideTier('Admin', admin, self);
        if (isolated) {
          // A policy that selects a pod decides: what none of its rules lets through is closed, and no later tier is asked.
          for (const part of joinParts(allows, ports)) draft.decide('Allow', part.columns, part.ports);
          return draft.allowed();
        }
        decideTier('Baseline', admin, self);
        return draft.allowedOrOpen();
      },
    };
  };
}

type Added = Omit<Part, 'key'>;

function add(row: Uint16Array, parts: readonly Added[], sets: PortSets): void {
  for (const { columns, ports } of parts)
    for (const column of columns) {
      const set = ports.at(column);
      const before = row[column]!;
      if (before !== set) row[column] = before === NONE ? set : sets.union(before, set);
    }
}

/** A denial wins over every allowance. */
function takeAway(row: Uint16Array, parts: readonly Added[], sets: PortSets): void {
  for (const { columns, ports } of parts)
    for (const column of columns) row[column] = sets.subtract(row[column]!, ports.at(column));
}
