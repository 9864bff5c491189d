// How long something lasts, as people write it.

const UNIT_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** @param text `90m`, `2h`, `3d`, `1w` @returns milliseconds; undefined when it is none of these */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,4})\s*(m|h|d|w)(?:in(?:ute)?s?|ours?|ays?|eeks?)?$/i.exec(text.trim());
  const milliseconds = match ? Number(match[1]) * UNIT_MS[match[2]!.toLowerCase()]! : 0;
  return milliseconds > 0 ? milliseconds : undefined;
}
