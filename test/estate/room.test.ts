// Many clusters are read in one process: none holds more than there is room for, and the large ones wait for each other.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMeter } from '../../shared/estate/kubernetes/meter.ts';
import type { RoomLimits, Stay } from '../../shared/estate/room.ts';
import { createRoom, roomIn } from '../../shared/estate/room.ts';
import { Excess, TooMuchError } from '../../shared/estate/too-much.ts';
import { createScale } from '../../shared/estate/kubernetes/weight.ts';

const limits: RoomLimits = { shareBytes: 10, commonBytes: 100, mostBytes: 200, turnMs: 60_000 };
const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** @returns whether there is room by now */
async function settles(stay: Stay): Promise<boolean> {
  let settled = false;
  void stay.settle(never).then(() => (settled = true));
  await turn();
  return settled;
}

describe('a room', () => {
  test('has a share for everybody, and no more than there is in common for who needs more', async () => {
    const room = createRoom(limits);
    const small = Array.from({ length: 50 }, () => room.enter());
    for (const stay of small) {
      stay.hold(10);
      expect(await settles(stay)).toBe(true);
    }
    const [a, b, c, d] = Array.from({ length: 4 }, () => room.enter());
    a!.hold(70);
    expect(await settles(a!)).toBe(true);
    // The first that does not fit goes on as the largest; the second waits.
    b!.hold(190);
    expect(await settles(b!)).toBe(true);
    c!.hold(180);
    expect(await settles(c!)).toBe(false);
    d!.hold(40);
    expect(await settles(d!)).toBe(true);
    b!.leave();
    await turn();
    expect(await settles(c!)).toBe(true);
  });

  test('refuses who holds more than one read may', () => {
    const stay = createRoom(limits).enter();
    stay.hold(200);
    expect(() => stay.hold(1)).toThrow(Excess);
  });

  test('lets go who waits when its time is over', async () => {
    const room = createRoom(limits);
    const [largest, waiting] = [room.enter(), room.enter()];
    largest.hold(200);
    await largest.settle(never);
    waiting.hold(200);
    const over = new AbortController();
    const waits = waiting.settle(over.signal);
    over.abort(new Error('over'));
    await expect(waits).rejects.toThrow('over');
  });

  test('is never overfull, and everybody gets a turn, whoever holds and leaves when', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.nat(60), { maxLength: 6 }), { maxLength: 12 }), async (plans) => {
        const room = createRoom({ ...limits, mostBytes: 1_000 });
        const admitted = new Map<number, number>();
        await Promise.all(
          plans.map(async (steps, i) => {
            const stay = room.enter();
            let held = 0;
            for (const step of steps) {
              stay.hold(step);
              await stay.settle(never);
              admitted.set(i, Math.max(0, (held += step) - limits.shareBytes));
              const beyond = [...admitted.values()].toSorted((a, b) => b - a);
              expect(beyond.slice(1).reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(limits.commonBytes);
              await turn();
            }
            admitted.delete(i);
            stay.leave();
          }),
        );
      }),
    );
  });

  test('grows with the heap, and every reader of a small one still has some', () => {
    for (const heap of [64, 256, 1_024, 4_096].map((mb) => mb * 1024 * 1024)) {
      const { shareBytes, commonBytes, mostBytes } = roomIn(heap);
      expect(shareBytes * 24 + commonBytes + 2 * mostBytes).toBeLessThan(Math.max(heap, 192 * 1024 * 1024));
    }
  });
});

describe('a meter', () => {
  const bounds = { packedBytes: 1_000, bytes: 2_000, objects: 3, pages: 2 };
  const free = { hold: () => undefined, settle: async () => undefined };

  test.each([
    ['packed bytes', (meter: ReturnType<typeof createMeter>) => meter.packed(1_001)],
    ['bytes', (meter: ReturnType<typeof createMeter>) => meter.unpacked(2_001)],
    ['objects', (meter: ReturnType<typeof createMeter>) => [1, 2, 3, 4].forEach((i) => meter.object(i))],
    ['pages', (meter: ReturnType<typeof createMeter>) => [1, 2, 3].forEach(() => meter.page())],
  ])('stops at too many %s, and says what it counted', (_name, spend) => {
    expect(() => spend(createMeter(bounds, free))).toThrow(TooMuchError);
    expect(() => spend(createMeter(bounds, free))).toThrow(/Counted until then: \d objects, \d\.\d MB/);
  });
});

test('what is weighed weighs at least what it takes in memory, within a third', () => {
  const scale = createScale();
  const value = Array.from({ length: 50_000 }, (_, i) => ({
    metadata: { name: `pod-${i}`, namespace: `n-${i % 100}`, labels: { app: `a-${i % 7}`, tier: 'web' } },
    spec: { containers: [{ ports: [{ containerPort: i }] }] },
  }));
  const text = JSON.stringify(value);
  const weight = scale(value);
  const before = process.memoryUsage().heapUsed;
  const parsed: unknown = JSON.parse(text);
  const took = process.memoryUsage().heapUsed - before;
  expect(parsed).toHaveLength(50_000);
  expect(weight).toBeGreaterThan(took * 0.67);
});
