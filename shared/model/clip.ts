// Cutting text to a length.

/** @returns a text of at most `most` UTF-16 units, with a mark where it was cut; no character is cut in half */
export const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
