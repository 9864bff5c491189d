// Whether classes of pods are open to namespaces other than their own: to each of today, and to one that nobody named.
import type { AnyPolicy, Connectivity, SupposedPod } from '../../network/index.ts';
import { admittedBy, podOf, suppose } from '../../network/index.ts';
import { NONE } from '../../network/port-sets.ts';
import { selectedBy } from './isolation.ts';
import { remembered } from './remembered.ts';
import type { View } from './view.ts';
import { classesByNamespace } from './view.ts';

export interface Doors {
  /** Some pod of each other namespace is let in on some port. */
  readonly letsEachIn: (index: number) => boolean;
  /** The policies by which pods of a namespace that nobody named get in, as far as they can be singled out; undefined when none gets in. */
  readonly culpritsOf: (index: number) => readonly AnyPolicy[] | undefined;
}

/** @returns the answers for the classes of a view */
export function doorsOf(view: View): Doors {
  const { net } = view;
  const { rowOf, profileOf } = net.ingress;
  const namespaceOf = (index: number): number => net.classes[index]!.namespace;
  const populated = [...classesByNamespace(view).values()];
  const shutOut = remembered(
    (index) => rowOf[index]!,
    (index) =>
      populated
        .filter((classes) => !classes.some((source) => lets(net, index, source)))
        .map(([first]) => namespaceOf(first!)),
  );
  const strangers = strangersTo(net, populated);
  return {
    letsEachIn: (index) => shutOut(index).every((namespace) => namespace === namespaceOf(index)),
    // Today's namespaces may all get in because each is on a list: so the question is whether one that nobody thought of would, too.
    culpritsOf: remembered(
      (index) => `${profileOf[index]!} ${namespaceOf(index)}`,
      (index) => (letsIn(net, index, strangers(index)) ? findCulprits(net, index, strangers(index)) : undefined),
    ),
  };
}

function lets({ ingress: { rows, rowOf } }: Connectivity, index: number, source: number): boolean {
  const row = rowOf[index]!;
  return row === -1 || rows[row]![source] !== NONE;
}

/** Pods in a namespace that nobody named, otherwise like those that get in; one without labels where there is no other namespace. */
function strangersTo(
  net: Connectivity,
  populated: readonly (readonly number[])[],
): (index: number) => readonly SupposedPod[] {
  const namespaceOf = (index: number): number => net.classes[index]!.namespace;
  const kindOf = remembered(
    (index) => index,
    (index) => JSON.stringify([net.classes[index]!.labels, net.classes[index]!.atoms]),
  );
  return remembered(
    (index) => `${net.ingress.rowOf[index]!} ${namespaceOf(index)}`,
    (index) => {
      const others = populated.filter(([first]) => namespaceOf(first!) !== namespaceOf(index));
      if (others.length === 0) return [{ labels: {} }];
      const found = new Map<string, number>();
      for (const classes of others) {
        const source = classes.find((one) => lets(net, index, one));
        if (source !== undefined) found.set(kindOf(source), source);
      }
      return [...found.values()].map((source): SupposedPod => {
        const { namespace: _namespace, ...pod } = podOf(net, source);
        return pod;
      });
    },
  );
}

function letsIn(net: Connectivity, index: number, strangers: readonly SupposedPod[]): boolean {
  const pods = [podOf(net, index), ...strangers];
  const side = suppose(net, 'ingress', net.ingress.selected[index]!, pods);
  const row = side.rows[side.rowOf[0]!];
  return row === undefined || row.slice(1, pods.length).some((set) => set !== NONE);
}

const findCulprits = (net: Connectivity, index: number, strangers: readonly SupposedPod[]): readonly AnyPolicy[] =>
  selectedBy(net, 'ingress', index).filter((policy) =>
    admittedBy(net, policy, 'ingress', podOf(net, index), strangers).pods.some((set) => set !== NONE),
  );
