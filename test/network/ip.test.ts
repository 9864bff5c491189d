// Whether ranges of addresses meet, held against asking every pair.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { meeting } from '../../shared/network/ip.ts';
import { runs } from '../support/runs.ts';

const range = fc
  .tuple(fc.bigInt({ min: 0n, max: 60n }), fc.bigInt({ min: 0n, max: 8n }))
  .map(([from, length]) => ({ from, to: from + length }));

test('a range meets others where it has an address in common with one of them', () => {
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), range, (ranges, asked) => {
      const naive = ranges.some(({ from, to }) => asked.from <= to && from <= asked.to);
      expect(meeting(ranges)(asked)).toBe(naive);
    }),
    { numRuns: runs(1_000) },
  );
});
