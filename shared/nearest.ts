// What somebody probably meant: the names that are a typo or two away from what was written.

/** Longer words are cut before they are compared. */
const MAX_COMPARED_CHARS = 64;

/** @param maxTypos letters to add, drop or change @returns what is called almost so, whatever the case, nearest first */
export const nearest = <T>(
  all: readonly T[],
  wanted: string,
  nameOf: (one: T) => string,
  maxTypos: number,
): readonly T[] =>
  all
    .map((one) => ({
      one,
      typos: editDistance(nameOf(one).toLowerCase(), wanted.toLowerCase().slice(0, MAX_COMPARED_CHARS)),
    }))
    .filter(({ typos }) => typos <= maxTypos)
    .toSorted((a, b) => a.typos - b.typos)
    .map(({ one }) => one);

/** Levenshtein distance, for names a typo away. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
