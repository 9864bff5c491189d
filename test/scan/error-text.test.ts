// What was thrown becomes part of sentences that people read: one line, short, and without secrets.
import { expect, test } from 'vitest';
import { errorText } from '../../shared/scan/error-text.ts';

const TOKEN = `eyJ${'a'.repeat(40)}.eyJ${'b'.repeat(60)}.${'c'.repeat(40)}`;

test.each<[string, unknown, string]>([
  ['an error', new TypeError('x is not a function'), 'x is not a function'],
  ['several lines', new Error('first\n  second\t third'), 'first second third'],
  ['an error without a message', new Error('  '), 'an error without a message'],
  ['a text', 'gone', 'gone'],
  ['nothing', undefined, 'undefined'],
])('%s', (_what, thrown, text) => {
  expect(errorText(thrown)).toBe(text);
});

test('it is at most 200 characters long', () => {
  expect(errorText(new Error('word '.repeat(1_000)))).toHaveLength(200);
});

test('a token in it is not told', () => {
  expect(errorText(new Error(`401 for Bearer ${TOKEN}`))).not.toContain(TOKEN.slice(3, 40));
});
