// Rows of port sets, each kept once: most classes have the row of another.

export interface Rows {
  readonly all: readonly Uint16Array[];
  /** @returns where among all the row is; a copy of it when it is new */
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
