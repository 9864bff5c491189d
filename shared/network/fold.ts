// Folding: from the policies that select a class to its row. There are two ways: sum.ts, and tiers.ts where Calico's policies are.
import type { PodClass } from './classes.ts';
import type { Columns } from './columns.ts';
import type { EngineProfile } from './engines.ts';
import type { Governing } from './governing.ts';
import type { ClusterObjects } from './objects.ts';
import type { PortSets } from './port-sets.ts';

/** What a side of a cluster is made of. */
export interface SideParts {
  readonly objects: ClusterObjects;
  readonly profile: EngineProfile;
  readonly governing: Governing;
  readonly classes: readonly PodClass[];
  readonly ports: PortSets;
  readonly columns: Columns;
}

export interface Folded {
  /** The same for classes that get the same row; absent where nothing but the row itself tells. */
  readonly key?: string;
  /** Makes the row, which is valid until another one is made. */
  readonly row: () => Uint16Array;
}

/** @param index of the class @param selected the policies that select it */
export type Fold = (index: number, selected: Governing) => Folded;
