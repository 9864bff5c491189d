// The ports of a rule towards each column: a number is the same everywhere, a name means what the destination calls so.
import type { PodClass } from './classes.ts';
import type { Direction, PortRule } from './objects.ts';
import type { PortSets } from './port-sets.ts';
import { ALL } from './port-sets.ts';

/** Which set of ports is meant towards each column. */
export interface ColumnPorts {
  /** The set, where it is the same towards all. */
  readonly fixed?: number;
  at(column: number): number;
}

export const fixedPorts = (set: number): ColumnPorts => ({ fixed: set, at: () => set });
export const everyPort: ColumnPorts = fixedPorts(ALL);

/** @returns the ports of one without those of the other, towards each column */
export function portsWithout(sets: PortSets, wanted: ColumnPorts, unwanted: ColumnPorts): ColumnPorts {
  if (wanted.fixed !== undefined && unwanted.fixed !== undefined)
    return fixedPorts(sets.subtract(wanted.fixed, unwanted.fixed));
  return { at: (column) => sets.subtract(wanted.at(column), unwanted.at(column)) };
}

/** @param self the class that the rule is for @returns the ports that a rule speaks of */
export type ReadPorts = (list: readonly PortRule[] | undefined, self: PodClass) => ColumnPorts;

/** @param classes the columns that are pods; the others give no port a name */
export function createReadPorts(direction: Direction, classes: readonly PodClass[], sets: PortSets): ReadPorts {
  return (list, self) => {
    if (list === undefined) return everyPort;
    const names = list.filter((port) => 'name' in port);
    const numbers = sets.ranges(list.filter((port) => 'from' in port));
    if (names.length === 0) return fixedPorts(numbers);
    const resolve = (destination: PodClass | undefined): number =>
      (destination?.ports ?? [])
        .filter((port) => names.some(({ name, protocol }) => name === port.name && protocol === port.protocol))
        .reduce((sum, { protocol, port }) => sets.union(sum, sets.range(protocol, port, port)), numbers);
    return direction === 'ingress' ? fixedPorts(resolve(self)) : { at: (column) => resolve(classes[column]) };
  };
}
