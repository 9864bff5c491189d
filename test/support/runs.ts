// How many of the generated cases are tried: a tenth in `npm test`, all in `npm run check`, what TEST_SHARE says elsewhere.
const share = Number(process.env['TEST_SHARE'] ?? 0.1);

/** @param all how often in `npm run check` @returns how often now: at least once */
export const runs = (all: number): number => Math.max(1, Math.round(all * share));

/** @returns all of the cases in `npm run check`; else every tenth, say, starting at another one each time. A test that fails must name its case */
export function sampled<T>(cases: readonly T[]): readonly T[] {
  const step = Math.max(1, Math.round(1 / share));
  const first = Math.floor(Math.random() * Math.min(step, cases.length));
  return cases.filter((_, i) => i % step === first);
}
