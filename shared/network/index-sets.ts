// Sets of indices, as bits and as the ranges in which they are stored: `0-3,7`.

export const union = ([first, ...rest]: readonly Uint32Array[]): Uint32Array =>
  rest.reduce((sum, more) => sum.map((word, i) => word | more[i]!), first!);

/** @returns the indices of the bits that are set, as ranges: `0-3,7` */
export function formatBits(bits: Uint32Array, count: number): string {
  /** The first bit from here on that is set, or is not: a whole word is looked at in one step. */
  const next = (from: number, isSet: boolean): number => {
    for (let i = from; i < count; i = (i | 31) + 1) {
      const word = (isSet ? bits[i >> 5]! : ~bits[i >> 5]!) >>> (i & 31);
      if (word !== 0) return Math.min(count, i + 31 - Math.clz32(word & -word));
    }
    return count;
  };
  const ranges: string[] = [];
  for (let start = next(0, true), end; start < count; start = next(end, true)) {
    end = next(start, false);
    ranges.push(end === start + 1 ? `${start}` : `${start}-${end - 1}`);
  }
  return ranges.join();
}

/** @returns the indices that a set names: the reverse of how it is written */
export function parseSet(text: string): number[] {
  if (text === '') return [];
  return text.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
