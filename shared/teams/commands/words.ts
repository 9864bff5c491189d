// What people type: quoted, compared, and answered when it is not understood.
import type { CardMessage } from '../../ports.ts';
import { card, clip, code, text } from '../cards/elements.ts';
import type { Command } from './command.ts';

/** What a person typed is data: so much of it is quoted. */
const MAX_QUOTED_CHARS = 40;

export const quote = (words: string): string => `“${clip(words, MAX_QUOTED_CHARS)}”`;

/** @returns the card for a command whose words were not understood: what exactly, and the form */
export function misunderstood({ name, usage, group }: Command, problems: readonly string[]): CardMessage {
  const headline = `I did not understand this “${name}”${group === 'act' ? ': nothing was changed' : ''}`;
  return card(headline, [
    text(headline, { size: 'medium', bold: true }),
    ...problems.slice(0, 10).map((problem) => text(problem)),
    text('This is the form:', { subtle: true, size: 'small' }),
    code(usage),
  ]);
}

const MAX_TYPOS = 4;
const MOST_NEAR = 3;

/** @returns what is called almost like it, nearest first */
export const nearest = <T>(all: readonly T[], wanted: string, nameOf: (one: T) => string): readonly T[] =>
  all
    .map((one) => ({ one, typos: editDistance(nameOf(one).toLowerCase(), wanted.toLowerCase().slice(0, 64)) }))
    .filter(({ typos }) => typos <= MAX_TYPOS)
    .toSorted((a, b) => a.typos - b.typos)
    .slice(0, MOST_NEAR)
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
