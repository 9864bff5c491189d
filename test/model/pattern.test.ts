// `*` stands for any text.
import { expect, test } from 'vitest';
import { compilePattern } from '../../shared/model/pattern.ts';

test.each<[string, string, boolean]>([
  ['a', 'a', true],
  ['a', 'ab', false],
  ['*', '', true],
  ['npm-*', 'npm-ipv6', true],
  ['*-ipv6', 'npm-ipv6', true],
  ['n*-*6', 'npm-ipv6', true],
  ['a*a', 'a', false],
  ['a*b*a', 'aa', false],
  ['a**b', 'acb', true],
])('the pattern %s on %s', (pattern, text, expected) => {
  expect(compilePattern(pattern)(text)).toBe(expected);
});
