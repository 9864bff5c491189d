// Rows of port sets, each kept once: most classes have the row of another.

import { TooInvolved } from './too-involved.ts';

/** Of all rows together, 100 MB: 7,000 workloads of which no two have the same neighbours. 20,000 pods in 1,000 namespaces come to a tenth. */
const MOST_CELLS = 50_000_000;

export interface Rows {
  readonly all: readonly Uint16Array[];
  /** @returns where among all the row is; a copy of it when it is new @throws TooInvolved when there are too many */
  intern(row: Uint16Array): number;
}

/** @returns a place for rows that are all of one length */
export function createRows(): Rows {
  const all: Uint16Array[] = [];
  const byHash = new Map<number, number[]>();
  return {
    all,
    intern(row) {
      let hash = 2_166_136_261;
      for (const value of row) hash = Math.imul(hash ^ value, 16_777_619);
      const candidates = byHash.get(hash) ?? [];
      const known = candidates.find((index) => isSame(all[index]!, row));
      if (known !== undefined) return known;
      if ((all.length + 1) * row.length > MOST_CELLS)
        throw new TooInvolved('The policies tell more pods and addresses apart than can be judged.');
      all.push(row.slice());
      byHash.set(hash, [...candidates, all.length - 1]);
      return all.length - 1;
    },
  };
}

function isSame(a: Uint16Array, b: Uint16Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
