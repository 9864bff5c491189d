// A published rate is never exceeded, and nobody waits longer than needed.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Wish } from '../../shared/model/turns.ts';
import { takeTurns } from '../../shared/model/turns.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const wishes = (count: number, until = Number.POSITIVE_INFINITY): Wish[] =>
  Array.from({ length: count }, () => ({ calls: 1, until }));

test('whoever comes first goes at once, then one after the other', () => {
  const { starts } = takeTurns(0, NOW, wishes(53));
  expect(starts.slice(0, 50)).toEqual(Array.from({ length: 50 }, () => NOW));
  expect(starts.slice(50)).toEqual([NOW + 1_100, NOW + 2_200, NOW + 3_300]);
});

test('who would come too late takes nothing from those who do not', () => {
  const { starts, next } = takeTurns(0, NOW, [...wishes(50), { calls: 2, until: NOW + 2_000 }, ...wishes(1)]);
  expect(starts.slice(50)).toEqual([undefined, NOW + 1_100]);
  expect(takeTurns(next, NOW, wishes(1, NOW + 1_000)).next).toBe(next);
});

test('whatever the order of requests, the calls never exceed what Azure lets through: 60, and one more each second', () => {
  const request = fc.record({
    gapMs: fc.nat(90_000),
    calls: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 40 }),
  });
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 8 }), (requests) => {
      let [now, next] = [NOW, 0];
      const times: number[] = [];
      for (const { gapMs, calls } of requests) {
        now += gapMs;
        const turns = takeTurns(
          next,
          now,
          calls.map((count) => ({ calls: count, until: Number.POSITIVE_INFINITY })),
        );
        next = turns.next;
        for (const [i, start] of turns.starts.entries()) for (let n = 0; n < calls[i]!; n++) times.push(start!);
      }
      times.sort((a, b) => a - b);
      let [tokens, at] = [60, NOW];
      for (const time of times) {
        tokens = Math.min(60, tokens + (time - at) / 1000) - 1;
        at = time;
        expect(tokens).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});
