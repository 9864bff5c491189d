// Cutting lists: into rounds of parallel calls, into transactions, and into parts that fit into a row.
import { BodyTooLargeError } from './body.ts';

/** Changes that a transaction holds (Performing entity group transactions, learn.microsoft.com/rest/api/storageservices). */
export const MOST_CHANGES = 100;

/** Cuts a list into parts of at most so many items. */
export const inParts = <T>(items: readonly T[], most: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / most) }, (_, index) => items.slice(index * most, (index + 1) * most));

/** Does something for each item, at most so many at a time. @returns the answers in the order of the items @throws what the first failure throws */
export async function inTurns<T, A>(
  items: readonly T[],
  most: number,
  run: (item: T) => Promise<A>,
): Promise<readonly A[]> {
  const answers: A[] = [];
  for (const part of inParts(items, most)) answers.push(...(await Promise.all(part.map(run))));
  return answers;
}

/**
 * Cuts a list into parts of which each fits into one row: the one way to store a list that grows.
 * @param most items in a part; a part whose items are too long for a row is halved until they fit
 * @param pack makes a row's properties of a part
 * @returns what was packed, in the order of the list
 * @throws BodyTooLargeError when a single item does not fit into a row
 */
export const packParts = <T, P>(items: readonly T[], most: number, pack: (part: readonly T[]) => P): readonly P[] =>
  inParts(items, most).flatMap((part) => {
    try {
      return [pack(part)];
    } catch (error) {
      if (!(error instanceof BodyTooLargeError) || part.length === 1) throw error;
      return packParts(part, Math.ceil(part.length / 2), pack);
    }
  });
