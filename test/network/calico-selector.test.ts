// Calico's selector language: what is written is what is meant, whatever is put together with whatever.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Labels } from '../../shared/network/objects.ts';
import { parseCalicoSelector } from '../../shared/network/parse/calico-selector.ts';

/** A text of the language, with what it means, put together apart from the parser. */
interface Written {
  readonly text: string;
  readonly holds: (labels: Labels) => boolean;
  readonly keys: readonly string[];
}

const keys = ['app', 'k8s.io/env', 'tier_1'];
const words = ['web', 'we', 'eb', 'db', '', 'a b', 'x"y'];
const quoted = (word: string): string => `'${word}'`;

const leaf: fc.Arbitrary<Written> = fc
  .tuple(fc.constantFrom(...keys), fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 }))
  .chain(([key, values]) => {
    const [word] = values as [string];
    const one = (text: string, holds: (value: string | undefined) => boolean): Written => ({
      text,
      holds: (labels) => holds(labels[key]),
      keys: [key],
    });
    const set = `{${values.map(quoted).join(', ')}}`;
    return fc.constantFrom<Written>(
      one(`${key} == ${quoted(word)}`, (value) => value === word),
      one(`${key}!=${quoted(word)}`, (value) => value !== word),
      one(`has(${key})`, (value) => value !== undefined),
      one(`${key} in ${set}`, (value) => value !== undefined && values.includes(value)),
      one(`${key} not in ${set}`, (value) => value === undefined || !values.includes(value)),
      one(`${key} contains ${quoted(word)}`, (value) => value?.includes(word) ?? false),
      one(`${key} starts with ${quoted(word)}`, (value) => value?.startsWith(word) ?? false),
      one(`${key} ends with ${quoted(word)}`, (value) => value?.endsWith(word) ?? false),
      { text: 'all()', holds: () => true, keys: [] },
      { text: 'global()', holds: () => false, keys: [] },
    );
  });

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('written').map((of) => ({ ...of, text: `!(${of.text})`, holds: (labels: Labels) => !of.holds(labels) })),
    fc
      .tuple(fc.constantFrom('&&', '||'), fc.array(tie('written'), { minLength: 2, maxLength: 3 }))
      .map(([sign, of]) => ({
        text: of.map(({ text }) => `(${text})`).join(` ${sign} `),
        holds: (labels: Labels) =>
          sign === '&&' ? of.every(({ holds }) => holds(labels)) : of.some(({ holds }) => holds(labels)),
        keys: of.flatMap((one) => one.keys),
      })),
  ),
}));
const someLabels = fc.dictionary(fc.constantFrom(...keys), fc.constantFrom(...words), { noNullPrototype: true });

test('a selector matches what it says, and knows the keys that it looks at', () => {
  fc.assert(
    fc.property(written, someLabels, ({ text, holds, keys: used }, labels) => {
      const selector = parseCalicoSelector(text, '');
      expect([text, selector.matches(labels)]).toEqual([text, holds(labels)]);
      expect(new Set(selector.keys.keys())).toEqual(new Set(used));
      expect(selector.text).toBe(text);
    }),
  );
});

test.each([
  ["app == 'a' || app == 'b' && has(tier)", { app: 'a' }, true],
  ["app == 'a' || app == 'b' && has(tier)", { app: 'b' }, false],
  ["!has(app) && tier == 'x'", { tier: 'x' }, true],
  ["!!app == 'a'", { app: 'a' }, true],
  ["app in {'a',}", { app: 'a' }, true],
  ['app in {}', { app: 'a' }, false],
  ['', {}, true],
  ['  ', {}, true],
  ['app == "it\'s"', { app: "it's" }, true],
  ["constructor == 'x' || has(constructor)", {}, false],
])('%s of %o is %s', (text, labels, expected) => {
  expect(parseCalicoSelector(text, '').matches(labels)).toBe(expected);
});

test('of each key it knows the values that it names, and nothing of one whose text it searches', () => {
  const { keys: found } = parseCalicoSelector("a == 'x' && a != 'y' && has(b) && c in {'p','q'} && d contains 'z'", '');
  expect([...found]).toEqual([
    ['a', ['x', 'y']],
    ['b', []],
    ['c', ['p', 'q']],
    ['d', undefined],
  ]);
  expect(parseCalicoSelector("a starts with 'x' || a == 'y'", '').keys.get('a')).toBeUndefined();
  expect(parseCalicoSelector("a == 'y' || a ends with 'x'", '').keys.get('a')).toBeUndefined();
});

describe('what is not a selector is refused, with the place', () => {
  test.each([
    ["app == 'x' &&", 'the selector "app == \'x\' &&" cannot be read near "its end"'],
    ["app = 'x'", '" = \'x\'" is not part of a selector'],
    ['app == x', 'the selector "app == x" cannot be read near "x"'],
    ["(app == 'x'", 'the selector "(app == \'x\'" cannot be read near "its end"'],
    ["app == 'x')", 'the selector "app == \'x\')" cannot be read near ")"'],
    ["app in {'a' 'b'}", 'the selector "app in {\'a\' \'b\'}" cannot be read near "b"'],
    ["app in 'a'", 'the selector "app in \'a\'" cannot be read near "a"'],
    ["app starts 'a'", 'the selector "app starts \'a\'" cannot be read near "a"'],
    ["app like 'a'", 'the selector "app like \'a\'" cannot be read near "a"'],
    ["has('app')", 'the selector "has(\'app\')" cannot be read near "app"'],
    ['some()', 'the selector "some()" cannot be read near "its end"'],
    [`${'('.repeat(101)}all()${')'.repeat(101)}`, 'is nested too deeply'],
    [`${'!'.repeat(101)}all()`, 'is nested too deeply'],
  ])('%s', (text, message) => {
    expect(() => parseCalicoSelector(text, 'spec.selector')).toThrow(message);
  });

  test('a hundred brackets inside each other are read', () => {
    expect(parseCalicoSelector(`${'('.repeat(100)}all()${')'.repeat(100)}`, '').matches({})).toBe(true);
  });
});
