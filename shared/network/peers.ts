// Which namespaces each class of pods can talk with, and on which ports: looked at once for all classes that no row on either side tells apart.
import type { Connectivity } from './compile.ts';
import type { Direction } from './objects.ts';
import { ALL, NONE } from './port-sets.ts';
import { createRows } from './rows.ts';
import type { Side } from './side.ts';

export interface Met {
  /** The namespaces that hold a pod it can talk with, as bits. */
  readonly bits: Uint32Array;
  /** The id of the ports on which it can talk with some pod. */
  readonly ports: number;
}

/**
 * Within one row, classes that every row of the other side lets through alike meet the same namespaces: they share one answer.
 * @param place which bit each namespace is
 */
export function namespacesMet(net: Connectivity, direction: Direction, place: Int32Array): readonly Met[] {
  const own = net[direction];
  const other = net[direction === 'ingress' ? 'egress' : 'ingress'];
  const words = Math.ceil(place.length / 32);
  const placeOf = Int32Array.from(net.classes, ({ namespace }) => place[namespace]!);
  const present = [...net.classes.keys()].filter((index) => net.classes[index]!.weight > 0);
  const byOtherRow = Map.groupBy(present, (index) => other.rowOf[index]!);
  const columnOf = columnsOf(other, net.classes.length);
  const result: Met[] = Array.from({ length: net.classes.length });
  for (const [ownRow, members] of Map.groupBy(net.classes.keys(), (index) => own.rowOf[index]!)) {
    const alike = [...Map.groupBy(members, (index) => columnOf[index]!).values()].map((same) => {
      return { same, bits: new Uint32Array(words), sets: new Set<number>() };
    });
    for (const [otherRow, others] of byOtherRow) {
      const back = other.rows[otherRow];
      let groups: readonly Group[] | undefined;
      for (const { same, bits, sets } of alike) {
        const ports = back ? back[same[0]!]! : ALL;
        if (ports === NONE) continue;
        groups ??= groupsOf(own.rows[ownRow], others, placeOf);
        if (groups.length === 0) break;
        for (const { set, places } of groups) {
          const both = net.ports.intersect(ports, set);
          if (both === NONE) continue;
          sets.add(both);
          for (const at of places) bits[at >> 5]! |= 1 << (at & 31);
        }
      }
    }
    for (const { same, bits, sets } of alike) {
      const met = { bits, ports: net.ports.unionOf([...sets]) };
      for (const index of same) result[index] = met;
    }
  }
  return result;
}

/** @returns the same number for classes that every row of a side lets through alike */
function columnsOf({ rows }: Side, classes: number): Int32Array {
  const columns = createRows();
  const column = new Uint16Array(rows.length);
  return Int32Array.from({ length: classes }, (_, index) => {
    for (let row = 0; row < rows.length; row++) column[row] = rows[row]![index]!;
    return columns.intern(column);
  });
}

/** Classes towards which a row lets through the same ports: the places of their namespaces. */
interface Group {
  readonly set: number;
  readonly places: number[];
}

/** @param row undefined: it lets everything through @returns those of the classes towards which it lets anything through */
function groupsOf(row: Uint16Array | undefined, classes: readonly number[], placeOf: Int32Array): readonly Group[] {
  const groups: Group[] = [];
  let group: Group | undefined;
  for (const index of classes) {
    const set = row ? row[index]! : ALL;
    if (set === NONE) continue;
    if (group?.set !== set) group = groups.find((known) => known.set === set);
    if (!group) groups.push((group = { set, places: [] }));
    if (group.places.at(-1) !== placeOf[index]) group.places.push(placeOf[index]!);
  }
  return groups;
}
