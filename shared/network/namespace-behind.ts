// Which namespace opened or closed a connection at whose ends no policy changed.
import type { ReachChange } from './reach-change.ts';
import { namespaceOf } from './reach-change.ts';
import type { ReachSnapshot } from './reach-snapshot.ts';

/** A namespace with other labels than before, a new one, or one where other pods run. */
export interface NamespaceBehind {
  readonly kind: 'labels' | 'new' | 'workloads';
  readonly namespace: string;
}

/** @returns what tells the namespace behind a change; undefined where one is empty now: what is gone is not drift */
export function createNamespaceBehind(
  before: ReachSnapshot,
  after: ReachSnapshot,
): (change: ReachChange, name: string) => NamespaceBehind | undefined {
  const [was, is] = [labelsOf(before), labelsOf(after)];
  const [inhabited, stillInhabited] = [inhabitedOf(before), inhabitedOf(after)];
  const isRelabelled = (name: string): boolean => was.has(name) && is.has(name) && was.get(name) !== is.get(name);
  return ({ direction, workload }, name) => {
    if (!stillInhabited.has(name)) return undefined;
    const own = namespaceOf(workload);
    // Both ends of a connection have to come to the same answer: the source is asked first.
    const ends = direction === 'ingress' ? [name, own] : [own, name];
    const relabelled = ends.find(isRelabelled);
    if (relabelled !== undefined) return { kind: 'labels', namespace: relabelled };
    if (!was.has(name)) return { kind: 'new', namespace: name };
    return { kind: 'workloads', namespace: inhabited.has(name) ? ends[0]! : name };
  };
}

const labelsOf = ({ namespaces, labels = [] }: ReachSnapshot): ReadonlyMap<string, string | undefined> =>
  new Map(namespaces.map((name, index) => [name, labels[index]]));

const inhabitedOf = ({ workloads }: ReachSnapshot): ReadonlySet<string> =>
  new Set(workloads.map(([workload]) => namespaceOf(workload)));
