// Moments and lengths of time as people write them: the same in chat, tags, annotations, the API and the routing file.
import { endOfDay, startOfDay } from './zone.ts';

/** A day, or a moment of one: what a day means depends on whether it is where something starts or where it ends. */
export type When = { readonly day: string } | { readonly moment: Date };

const DATE = /^\d{4}-\d\d-\d\d$/;
const MOMENT =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/i;

/** What to write, for messages about something else. */
export const WHEN_SHAPE = 'a date like 2026-12-01 or a moment like 2026-12-01T10:30Z or 2026-12-01T10:30+01:00';

/** @returns undefined for what is neither a day nor a moment with its offset, and for a day that does not exist */
export function parseWhen(text: string): When | undefined {
  const given = text.trim();
  const date = DATE.test(given) ? given : MOMENT.exec(given)?.[1];
  if (date === undefined || !exists(date)) return undefined;
  return date === given ? { day: date } : { moment: new Date(given.toUpperCase()) };
}

/** The calendar of Date turns 30 February into a day of March. */
function exists(date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date);
}

/** @returns where it begins: a day at its first moment in the zone */
export const startOf = (when: When, zone: string): Date => ('day' in when ? startOfDay(when.day, zone) : when.moment);

/** @returns where it ends: a day at its last millisecond in the zone */
export const endOf = (when: When, zone: string): Date => ('day' in when ? endOfDay(when.day, zone) : when.moment);

const MINUTE_MS = 60_000;
const units: readonly { readonly names: RegExp; readonly ms: number }[] = [
  { names: /^(w|wks?|weeks?)$/i, ms: 7 * 24 * 60 * MINUTE_MS },
  { names: /^(d|days?)$/i, ms: 24 * 60 * MINUTE_MS },
  { names: /^(h|hrs?|hours?)$/i, ms: 60 * MINUTE_MS },
  // A capital M alone means months elsewhere.
  { names: /^(m|[Mm]ins?|[Mm]inutes?|MINS?|MINUTES?)$/, ms: MINUTE_MS },
];

/**
 * @param text one or more numbers with their units, the larger unit first: `90m`, `1h30m`, `2 days`
 * @returns milliseconds, above 0; undefined when it is not a length of time
 */
export function parseDuration(text: string): number | undefined {
  const given = text.trim();
  if (!/^(?:\d{1,4}\s*[a-z]+\s*)+$/i.test(given)) return undefined;
  let total = 0;
  let last = -1;
  for (const [, number, unit] of given.matchAll(/(\d+)\s*([a-z]+)/gi)) {
    const place = units.findIndex(({ names }) => names.test(unit!));
    if (place <= last) return undefined;
    last = place;
    total += Number(number) * units[place]!.ms;
  }
  return total > 0 ? total : undefined;
}
