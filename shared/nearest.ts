// What somebody probably meant: the names that are a typo or two away from what was written.

/** Longer words are cut before they are compared. */
const MAX_COMPARED_CHARS = 64;

/** @param maxTypos letters to add, drop or change @returns what is called almost so, whatever the case, nearest first */
export function nearest<T>(
  all: readonly T[],
  wanted: string,
  nameOf: (one: T) => string,
  maxTypos: number,
): readonly T[] {
  const word = wanted.toLowerCase().slice(0, MAX_COMPARED_CHARS);
  return all
    .map((one) => ({ one, typos: editDistance(nameOf(one).toLowerCase(), word, maxTypos) }))
    .filter(({ typos }) => typos <= maxTypos)
    .toSorted((a, b) => a.typos - b.typos)
    .map(({ one }) => one);
}

/**
 * Levenshtein distance. Only what can still end within `most` is looked at, so that a word is compared with many thousands of names
 * in an instant.
 * @returns the distance where it is at most `most`, and otherwise something greater
 */
function editDistance(a: string, b: string, most: number): number {
  const far = most + 1;
  if (Math.abs(a.length - b.length) > most) return far;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  let next = [...row];
  for (let i = 1; i <= a.length; i++) {
    const [from, to] = [Math.max(1, i - most), Math.min(b.length, i + most)];
    next[from - 1] = from === 1 && i <= most ? i : far;
    let least = next[from - 1]!;
    for (let j = from; j <= to; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      least = Math.min(least, next[j]!);
    }
    if (to < b.length) next[to + 1] = far;
    if (least > most) return far;
    [row, next] = [next, row];
  }
  return row[b.length]!;
}
