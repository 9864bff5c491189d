// Text that no compression makes much shorter, for rows that are to be as long as they can be.

const POOL_CHARS = 300_000;
const pool = (() => {
  let state = 1;
  return Array.from({ length: POOL_CHARS }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(0x4e00 + (state >>> 18));
  }).join('');
})();

/** @param seed the same gives the same text; that of the next shares nothing with it */
export function noise(chars: number, seed: number): string {
  const text = chars > POOL_CHARS ? pool.repeat(Math.ceil(chars / POOL_CHARS) + 1) : pool;
  const start = (seed * chars) % Math.max(1, text.length - chars);
  return text.slice(start, start + chars);
}
