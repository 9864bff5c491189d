// What somebody probably meant, among names that are a typo or two away.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../shared/nearest.ts';

/** Levenshtein distance by its definition. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distance(restA, restB);
  return 1 + Math.min(distance(restA, b), distance(a, restB), distance(restA, restB));
}

test('exactly the names within so many typos are found, nearest first', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), word, fc.integer({ min: 0, max: 4 }), (names, wanted, most) => {
      const expected = names
        .map((name) => ({ name, typos: distance(name, wanted) }))
        .filter(({ typos }) => typos <= most)
        .toSorted((a, b) => a.typos - b.typos)
        .map(({ name }) => name);
      expect(nearest(names, wanted, (name) => name, most)).toEqual(expected);
    }),
  );
});

test.each([
  ['Shop-Prod', ['shop-prod', 'shop-prd']],
  ['x'.repeat(10_000), []],
  ['', []],
])('%s means %j', (wanted, found) => {
  expect(nearest(['shop-prd', 'shop-prod', 'payments'], wanted, (name) => name, 4)).toEqual(found);
});
