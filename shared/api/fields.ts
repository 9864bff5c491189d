// What queries and bodies are made of: moments, numbers, choices and texts, each saying in its own words what it must be.
import { z } from 'zod';
import { WHEN_SHAPE, parseWhen } from '../model/moment.ts';

/** A day or an RFC 3339 moment: where a day begins and ends depends on the zone that the settings name. */
export const whenField = z.string(`must be ${WHEN_SHAPE}`).transform((text, { issues }) => {
  const when = parseWhen(text);
  if (when) return when;
  issues.push({ code: 'custom', input: text, message: `must be ${WHEN_SHAPE}` });
  return z.NEVER;
});

/** A parameter that is a whole number. */
export function wholeField(least: number, most: number) {
  const error = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine((value) => value >= least && value <= most, error);
}

/** One of a few words. */
export const choiceField = <const W extends readonly string[]>(words: W) =>
  z.enum(words, { error: `must be one of ${words.join(', ')}` });

/** Whether what leaves nothing out is meant. */
export const confirmField = z.boolean('must be true or false').optional();

/** Any text, without the white space around it. */
export const plainText = z
  .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be text') })
  .trim();

/** Some text. @param most characters */
export const textField = (most: number) =>
  plainText.min(1, 'must not be empty').max(most, `must have at most ${most} characters`);
