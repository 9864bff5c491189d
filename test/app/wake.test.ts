// Waking up: no step keeps another from being tried, and nobody is woken more often than is of use.
import { expect, test } from 'vitest';
import { allOf, atMostEvery } from '../../shared/app/wake.ts';

test('every step is tried in order, and the first failure is thrown at the end', async () => {
  const tried: string[] = [];
  const step = (name: string, fails: boolean) => async () => {
    tried.push(name);
    if (fails) throw new Error(name);
  };
  await expect(allOf([step('a', true), step('b', false), step('c', true), step('d', false)])).rejects.toThrow('a');
  expect(tried).toEqual(['a', 'b', 'c', 'd']);
  await expect(allOf([step('e', false)])).resolves.toBeUndefined();
});

test('what is done at most every 30 seconds is done at once, and again only when they have passed', () => {
  let now = 0;
  const done: number[] = [];
  const run = atMostEvery(30_000, { now: () => new Date(now) }, () => done.push(now));
  for (const at of [0, 1, 29_999, 30_000, 45_000, 60_000, 200_000, 200_001]) {
    now = at;
    run();
  }
  expect(done).toEqual([0, 30_000, 60_000, 200_000]);
});
