// Which columns of a row a peer means: the classes of pods it selects, and the address ranges it covers.
import type { PodClass } from './classes.ts';
import type { IpRange } from './ip.ts';
import { allIpv6, findAtom, parseCidr, subtractRanges } from './ip.ts';
import { podFamilies } from './calico-family.ts';
import type { AnyPeer } from './governing.ts';
import type { ClusterObjects, IpBlock, IpVersion, Selector } from './objects.ts';
import { indexLabels, matches, selectorKey } from './selectors.ts';

export interface Columns {
  /** Classes first, then address ranges. */
  readonly count: number;
  readonly all: readonly number[];
  /** @param namespaces a selector, or the name of one namespace */
  pods(namespaces: Selector | string, pods: Selector): readonly number[];
  /** Ranges, and the pods whose addresses lie inside; those without an address where it covers every IPv4 address, as theirs will be one. */
  block(block: IpBlock): readonly number[];
  /** Whom a rule speaks of; of what only run time knows, nobody for certain. @param namespace that of its policy */
  peer(peer: AnyPeer, namespace: string): readonly number[];
  /** IP families that a column has addresses of. */
  families(column: number): readonly IpVersion[];
}

/** Some 200 MB: a thousand times what real clusters come to. */
const MOST_KEPT = 25_000_000;

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
  for (const [index, c] of classes.entries()) if (c.labelled) byNamespace[c.namespace]!.push(index);
  const answers = new Map<string, readonly number[]>();
  let kept = 0;
  const keep = (key: string, make: () => readonly number[]): readonly number[] => {
    const known = answers.get(key);
    if (known) return known;
    const made = make();
    kept += made.length;
    if (kept > MOST_KEPT) throw new Error('The policies name more different sets of peers than can be judged.');
    answers.set(key, made);
    return made;
  };
  const byAtom = new Map<number, number[]>();
  for (const [index, c] of classes.entries())
    for (const atom of c.atoms) byAtom.set(atom, [...(byAtom.get(atom) ?? []), index]);
  const unplaced = classes.flatMap((c, index) => (c.unplaced ? [index] : []));
  const ipv4Atoms = atoms.filter(({ from }) => from < allIpv6.from).length;
  const everyNamespace = objects.namespaces.map((_, index) => index);
  const select = (inside: readonly number[], pods: Selector): readonly number[] => {
    if (pods.length === 0) return inside.flatMap((namespace) => byNamespace[namespace]!);
    const found = podIndex.find(pods);
    const own = inside.length === 1 ? byNamespace[inside[0]!]! : undefined;
    // Whichever are fewer: those of one namespace, or those that carry the labels.
    if (own && own.length < found.length) return own.filter((index) => matches(pods, classes[index]!.labels));
    const wanted = new Set(inside);
    return found.filter((index) => wanted.has(classes[index]!.namespace) && classes[index]!.labelled);
  };
  const families: (readonly IpVersion[] | undefined)[] = [];
  const familiesOf = (column: number): readonly IpVersion[] => {
    const atom = atoms[column - classes.length];
    if (atom) return [atom.from >= allIpv6.from ? 6 : 4];
    // Addresses of a class lie in the same ranges, so in the same families.
    return podFamilies(objects.pods[classes[column]!.members[0]!]!);
  };
  const all = Array.from({ length: classes.length + atoms.length }, (_, index) => index);
  let world: readonly number[] | undefined;
  const columns: Columns = {
    count: all.length,
    all,
    peer: (peer, namespace) => {
      if (peer.kind === 'pods') return columns.pods(peer.namespaces ?? namespace, peer.pods);
      if (peer.kind === 'ip') return columns.block(peer.block);
      return peer.kind === 'world' ? (world ??= all.filter((column) => !classes[column]?.labelled)) : [];
    },
    pods: (namespaces, pods) => {
      if (typeof namespaces === 'string') {
        const index = namespaceOf.get(namespaces);
        return index === undefined ? [] : keep(`n${namespaces}\u0005${selectorKey(pods)}`, () => select([index], pods));
      }
      const inside = (): readonly number[] =>
        namespaces.length === 0 ? everyNamespace : namespaceIndex.find(namespaces);
      return keep(`s${selectorKey(namespaces)}\u0005${selectorKey(pods)}`, () => select(inside(), pods));
    },
    families: (column) => (families[column] ??= familiesOf(column)),
    block: (block) =>
      keep(`b${block.cidr} ${block.except.join()}`, () => {
        const holes = block.except.map((text) => parseCidr(text)!);
        const pods = new Set<number>();
        const ranges: number[] = [];
        for (const part of subtractRanges(parseCidr(block.cidr)!, holes)) {
          let atom = findAtom(atoms, part.from);
          if (atom !== -1 && atoms[atom]!.from < part.from) atom++;
          for (; atom !== -1 && atom < atoms.length && atoms[atom]!.to <= part.to; atom++) {
            ranges.push(classes.length + atom);
            for (const index of byAtom.get(atom) ?? []) pods.add(index);
          }
        }
        // Ranges are in order, those of IPv4 first.
        if (ranges[ipv4Atoms - 1] === classes.length + ipv4Atoms - 1) for (const index of unplaced) pods.add(index);
        return [...[...pods].toSorted((a, b) => a - b), ...ranges];
      }),
  };
  return columns;
}
