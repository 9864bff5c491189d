// Text that no compression makes much shorter, for rows that are to be as long as they can be.

/** @param seed the same gives the same text */
export function noise(chars: number, seed: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < chars) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += String.fromCharCode(0x4e00 + (state >>> 18));
  }
  return text;
}
