// When something ends, as people write it.

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

/**
 * @param text a day `2026-12-01`, meant to its end in UTC, or a moment `2026-12-01T10:00Z`
 * @returns undefined for what is neither, and for a day that does not exist
 */
export function parseEnd(text: string): Date | undefined {
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!day && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/i.test(text)) return undefined;
  const end = new Date(day ? `${text}T23:59:59Z` : text.toUpperCase());
  return Number.isNaN(end.getTime()) || !end.toISOString().startsWith(text.slice(0, 10)) ? undefined : end;
}
