// What people type: quoted, compared, and answered when it is not understood.
import type { CardMessage } from '../../ports.ts';
import { nearest as nearestOf } from '../../nearest.ts';
import { card } from '../cards/parts/card.ts';
import { code, text } from '../cards/parts/elements.ts';
import { clip } from '../cards/parts/words.ts';
import type { Command } from './command.ts';

/** What a person typed is data: this much of it is quoted. */
const MAX_QUOTED_CHARS = 40;

export const quote = (words: string): string => `“${clip(words, MAX_QUOTED_CHARS)}”`;

/** @returns the card for a command whose words were not understood: which of them, the form, and an example */
export function misunderstood({ name, usage, example, group }: Command, problems: readonly string[]): CardMessage {
  const headline = `I did not understand this “${name}”${group === 'act' ? ': nothing was changed' : ''}`;
  return card(headline, [
    text(headline, { size: 'medium', bold: true }),
    ...problems.slice(0, 10).map((problem) => text(problem)),
    text('This is the form:', { subtle: true, size: 'small' }),
    code(usage),
    ...(example === usage ? [] : [text('For example:', { subtle: true, size: 'small' }), code(example)]),
  ]);
}

const MAX_TYPOS = 4;
const MOST_NEAR = 3;

/** @returns those with nearly that name, nearest first */
export const nearest = <T>(all: readonly T[], wanted: string, nameOf: (one: T) => string): readonly T[] =>
  nearestOf(all, wanted, nameOf, MAX_TYPOS).slice(0, MOST_NEAR);
