// Who asks while it is being found out waits for the same answer; who asks later gets a newer one.
import { expect, test, vi } from 'vitest';
import { inFlight } from '../../shared/app/in-flight.ts';

test('a thousand at once are one question', async () => {
  let asked = 0;
  const ask = inFlight(async () => ++asked);
  expect(new Set(await Promise.all(Array.from({ length: 1_000 }, ask)))).toEqual(new Set([1]));
  expect(await ask()).toBe(2);
});

test('a failure is everybody’s who waits for it, and nobody’s afterwards', async () => {
  const find = vi.fn<() => Promise<string>>().mockRejectedValueOnce(new Error('down')).mockResolvedValue('up');
  const ask = inFlight(find);
  expect(await Promise.allSettled([ask(), ask()])).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
  expect(await ask()).toBe('up');
  expect(find).toHaveBeenCalledTimes(2);
});
