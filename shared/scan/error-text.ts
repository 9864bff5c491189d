// What was thrown, as a text that fits into a sentence.
import { clip } from '../model/clip.ts';

const MOST_CHARS = 200;

/** @returns the message of an error, or whatever else was thrown, in one line of at most 200 characters */
export const errorText = (error: unknown): string =>
  clip(
    (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').trim() ||
      'an error without a message',
    MOST_CHARS,
  );
