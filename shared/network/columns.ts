// Which columns of a row a peer means: the classes of pods it selects, and the address ranges it covers.
import type { PodClass } from './classes.ts';
import type { IpRange } from './ip.ts';
import { parseCidr, subtractRanges } from './ip.ts';
import type { ClusterObjects, IpBlock, Selector } from './objects.ts';
import { indexLabels, selectorKey } from './selectors.ts';

export interface Columns {
  /** Classes first, then address ranges. */
  readonly count: number;
  readonly all: readonly number[];
  /** @param namespaces a selector, or the name of one namespace */
  pods(namespaces: Selector | string, pods: Selector): readonly number[];
  /** Ranges, and the pods whose addresses lie inside. */
  block(block: IpBlock): readonly number[];
}

/** Answers are kept: the same peer stands in many policies. */
export function createColumns(
  objects: ClusterObjects,
  classes: readonly PodClass[],
  atoms: readonly IpRange[],
): Columns {
  const podIndex = indexLabels(classes.map((c) => c.labels));
  const namespaceIndex = indexLabels(objects.namespaces.map((namespace) => namespace.labels));
  const namespaceOf = new Map(objects.namespaces.map(({ name }, index) => [name, index]));
  const byNamespace: number[][] = objects.namespaces.map(() => []);
  for (const [index, c] of classes.entries()) byNamespace[c.namespace]!.push(index);
  const answers = new Map<string, readonly number[]>();
  const keep = (key: string, make: () => readonly number[]): readonly number[] => {
    const known = answers.get(key);
    if (known) return known;
    const made = make();
    answers.set(key, made);
    return made;
  };
  const everyNamespace = objects.namespaces.map((_, index) => index);
  const select = (inside: readonly number[], pods: Selector): readonly number[] => {
    if (pods.length === 0) return inside.flatMap((namespace) => byNamespace[namespace]!);
    if (inside.length === 1) {
      const wanted = inside[0]!;
      const found = podIndex.find(pods);
      return found.filter((index) => classes[index]!.namespace === wanted);
    }
    const wanted = new Set(inside);
    return podIndex.find(pods).filter((index) => wanted.has(classes[index]!.namespace));
  };
  return {
    count: classes.length + atoms.length,
    all: Array.from({ length: classes.length + atoms.length }, (_, index) => index),
    pods: (namespaces, pods) => {
      if (typeof namespaces === 'string') {
        const index = namespaceOf.get(namespaces);
        return index === undefined ? [] : keep(`n${namespaces}\u0005${selectorKey(pods)}`, () => select([index], pods));
      }
      const inside = (): readonly number[] =>
        namespaces.length === 0 ? everyNamespace : namespaceIndex.find(namespaces);
      return keep(`s${selectorKey(namespaces)}\u0005${selectorKey(pods)}`, () => select(inside(), pods));
    },
    block: (block) =>
      keep(`b${block.cidr} ${block.except.join()}`, () => {
        const holes = block.except.map((text) => parseCidr(text)!);
        const parts = subtractRanges(parseCidr(block.cidr)!, holes);
        const inside = new Set<number>();
        for (const [index, atom] of atoms.entries())
          if (parts.some((part) => part.from <= atom.from && atom.to <= part.to)) inside.add(index);
        const pods = classes.flatMap((c, index) => (c.atoms.some((atom) => inside.has(atom)) ? [index] : []));
        return [...pods, ...[...inside].map((atom) => classes.length + atom)];
      }),
  };
}
