// Which columns of a row a peer means: the classes of pods it selects, and the address ranges it covers.
import type { PodClass } from './classes.ts';
import type { IpRange } from './ip.ts';
import { allIpv6, findAtom, parseCidr, subtractRanges } from './ip.ts';
import { podFamilies } from './calico-family.ts';
import type { AnyPeer } from './governing.ts';
import type { ClusterObjects, IpBlock, IpVersion, Selector } from './objects.ts';
import { indexLabels, matches, selectorKey } from './selectors.ts';
import { TooInvolved } from './too-involved.ts';

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

/** Answers are kept: the same peer stands in many policies. */
export function createColumns(
  objects: ClusterObjects,
  classes: readonly PodClass[],
  atoms: readonly IpRange[],
): Columns {
  const all = Array.from({ length: classes.length + atoms.length }, (_, index) => index);
  const keep = createKeeper();
  const find = podFinder(objects, classes);
  const cover = blockFinder(classes, atoms);
  let world: readonly number[] | undefined;
  const families: (readonly IpVersion[] | undefined)[] = [];
  const familiesOf = (column: number): readonly IpVersion[] => {
    const atom = atoms[column - classes.length];
    if (atom) return [atom.from >= allIpv6.from ? 6 : 4];
    // Addresses of a class lie in the same ranges, so in the same families.
    return podFamilies(objects.pods[classes[column]!.members[0]!]!);
  };
  const columns: Columns = {
    count: all.length,
    all,
    pods: (namespaces, pods) => {
      const where = typeof namespaces === 'string' ? `n${namespaces}` : `s${selectorKey(namespaces)}`;
      return keep(`${where}\u0005${selectorKey(pods)}`, () => find(namespaces, pods));
    },
    block: (block) => keep(`b${block.cidr} ${block.except.join()}`, () => cover(block)),
    peer: (peer, namespace) => {
      if (peer.kind === 'pods') return columns.pods(peer.namespaces ?? namespace, peer.pods);
      if (peer.kind === 'ip') return columns.block(peer.block);
      return peer.kind === 'world' ? (world ??= all.filter((column) => !classes[column]?.labelled)) : [];
    },
    families: (column) => (families[column] ??= familiesOf(column)),
  };
  return columns;
}

/** Some 40 MB: a hundred times what real clusters come to. */
const MOST_KEPT = 5_000_000;

/** @returns what makes each answer once */
function createKeeper(): (key: string, make: () => readonly number[]) => readonly number[] {
  const answers = new Map<string, readonly number[]>();
  let kept = 0;
  return (key, make) => {
    const known = answers.get(key);
    if (known) return known;
    const made = make();
    kept += made.length;
    if (kept > MOST_KEPT) throw new TooInvolved('The policies name more different sets of peers than can be judged.');
    answers.set(key, made);
    return made;
  };
}

/** @returns what finds the classes that are in some namespaces and carry some labels */
function podFinder(
  { namespaces: all }: ClusterObjects,
  classes: readonly PodClass[],
): (namespaces: Selector | string, pods: Selector) => readonly number[] {
  const podIndex = indexLabels(classes.map((c) => c.labels));
  const namespaceIndex = indexLabels(all.map(({ labels }) => labels));
  const namespaceOf = new Map(all.map(({ name }, index) => [name, index]));
  const byNamespace: number[][] = all.map(() => []);
  for (const [index, c] of classes.entries()) if (c.labelled) byNamespace[c.namespace]!.push(index);
  const within = (namespaces: Selector | string): readonly number[] => {
    if (typeof namespaces !== 'string') return namespaceIndex.find(namespaces);
    const index = namespaceOf.get(namespaces);
    return index === undefined ? [] : [index];
  };
  return (namespaces, pods) => {
    const inside = within(namespaces);
    if (pods.length === 0) return inside.flatMap((namespace) => byNamespace[namespace]!);
    const found = podIndex.find(pods);
    const own = inside.length === 1 ? byNamespace[inside[0]!]! : undefined;
    // Whichever are fewer: those of one namespace, or those that carry the labels.
    if (own && own.length < found.length) return own.filter((index) => matches(pods, classes[index]!.labels));
    const wanted = new Set(inside);
    return found.filter((index) => wanted.has(classes[index]!.namespace) && classes[index]!.labelled);
  };
}

/** @returns what finds the address ranges that a block covers, and the classes inside, which come first */
function blockFinder(classes: readonly PodClass[], atoms: readonly IpRange[]): (block: IpBlock) => readonly number[] {
  const byAtom = new Map<number, number[]>();
  for (const [index, c] of classes.entries())
    for (const atom of c.atoms) {
      const known = byAtom.get(atom);
      if (known) known.push(index);
      else byAtom.set(atom, [index]);
    }
  const unplaced = classes.flatMap((c, index) => (c.unplaced ? [index] : []));
  const ipv4Atoms = atoms.filter(({ from }) => from < allIpv6.from).length;
  return ({ cidr, except }) => {
    const holes = except.map((text) => parseCidr(text)!);
    const pods = new Set<number>();
    const ranges: number[] = [];
    for (const part of subtractRanges(parseCidr(cidr)!, holes)) {
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
  };
}
