// A short text that tells whether a long one is the same as before.

/** @returns 32 bits of the text, by the hash of Fowler, Noll and Vo (FNV-1a): to tell two states of one object apart, not to sign anything */
export function fingerprint(text: string): string {
  let hash = 2_166_136_261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16_777_619);
  return (hash >>> 0).toString(36);
}
