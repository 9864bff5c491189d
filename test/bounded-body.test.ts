// Bodies of strangers are bounded while they are read.
import { expect, test } from 'vitest';
import { isTooLong, readBounded } from '../shared/bounded-body.ts';

/** Gives chunks until nobody asks any more. */
function endless(chunkBytes: number) {
  const asked = { chunks: 0, cancelled: false };
  const bytes = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        asked.chunks++;
        controller.enqueue(new Uint8Array(chunkBytes));
      },
      cancel: () => void (asked.cancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { asked, bytes };
}

test('a body within the bound is read whole, whatever its chunks', async () => {
  const bytes = new Blob(['hello', ' ', 'wörld']).stream();
  expect((await readBounded({ declared: null, bytes }, 12))?.toString()).toBe('hello wörld');
});

test('no body is an empty one', async () => {
  expect(await readBounded({ declared: undefined, bytes: null }, 10)).toEqual(Buffer.alloc(0));
});

test('a body that declares too much is not touched', async () => {
  const { asked, bytes } = endless(1);
  expect(await readBounded({ declared: '11', bytes }, 10)).toBeUndefined();
  expect(asked).toEqual({ chunks: 0, cancelled: false });
});

test.each([null, undefined, '', '0', '10', 'many', '-1'])(
  'one that declares %s and never ends is left at the chunk that goes too far',
  async (declared) => {
    const { asked, bytes } = endless(4);
    expect(await readBounded({ declared, bytes }, 10)).toBeUndefined();
    expect(asked).toEqual({ chunks: 3, cancelled: true });
  },
);

test.each([
  ['10', false],
  ['11', true],
  ['99999999999999999999', true],
  ['1e3', true],
  ['many', false],
  [null, false],
])('a declared length of %s against a bound of 10 is too long: %s', (declared, tooLong) => {
  expect(isTooLong({ declared }, 10)).toBe(tooLong);
});
