// Chance that can be repeated: every number of a run comes from its seed.

export interface Random {
  /** From 0 to below 1. */
  readonly next: () => number;
  chance(probability: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  pick<T>(items: readonly T[]): T;
  /** Between the bounds, each order of magnitude as likely as another. */
  magnitude(least: number, most: number): number;
}

/** @param seed a whole number; numbers beside each other give unrelated runs */
export function seeded(seed: number): Random {
  // xorshift128 (Marsaglia, 2003), its state filled by a multiplicative hash of the seed.
  const state = new Uint32Array(4);
  for (let i = 0; i < 4; i++) state[i] = Math.imul(seed + i + 1, 0x9e37_79b1) ^ Math.imul(i + 7, 0x85eb_ca6b);
  const step = (): number => {
    const first = state[3]!;
    const mixed = first ^ (first << 11);
    const last = state[0]!;
    state.copyWithin(1, 0, 3);
    state[0] = mixed ^ (mixed >>> 8) ^ last ^ (last >>> 19);
    return state[0];
  };
  for (let i = 0; i < 20; i++) step();
  const next = (): number => step() / 2 ** 32;
  return {
    next,
    chance: (probability) => next() < probability,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    magnitude: (least, most) => least * (most / least) ** next(),
  };
}
