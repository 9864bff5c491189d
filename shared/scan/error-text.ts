// What was thrown, as a text that fits into a sentence.
import { redact } from '../log.ts';
import { clip } from '../model/clip.ts';

const MOST_CHARS = 200;

/** @returns the message of an error, or whatever else was thrown, in one line of at most 200 characters; what looks like a secret is left out */
export function errorText(error: unknown): string {
  const text = redact(error instanceof Error ? error.message : String(error));
  return clip(text.replaceAll(/\s+/g, ' ').trim() || 'an error without a message', MOST_CHARS);
}
