// What a partial scan is missing: sentences for people, no more and no longer than somebody reads, and how many there are in all.
import { clip } from './clip.ts';

/** What is missing in detail stands at each subscription and each cluster. */
const MOST_SENTENCES = 50;
const MOST_CHARS = 300;

export interface Missing {
  /** What the scan is missing, a sentence each; of many, the first. */
  readonly missing: readonly string[];
  /** How many sentences there were in all. */
  readonly missingCount: number;
}

/** Bounds what is kept of it, however large the fleet. @param sentences what matters most first */
export const toMissing = (sentences: readonly string[]): Missing => ({
  missing: sentences.slice(0, MOST_SENTENCES).map((sentence) => clip(sentence, MOST_CHARS)),
  missingCount: sentences.length,
});

/** @returns the first sentences, and a line that counts the others, where there are any */
export function missingLines({ missing, missingCount }: Missing, most = MOST_SENTENCES): readonly string[] {
  const shown = missing.slice(0, most);
  const more = missingCount - shown.length;
  return more > 0 ? [...shown, `and ${more} more`] : shown;
}
