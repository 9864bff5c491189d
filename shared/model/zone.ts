// What a clock on the wall shows, in the zone where it hangs.

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];

export interface LocalTime {
  /** `2026-11-21` */
  readonly date: string;
  readonly weekday: Weekday;
  /** Minutes since midnight as the clock shows them, 0 to 1439. */
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** @returns true for an IANA zone name that this runtime knows, for instance `Europe/Berlin` */
export function isZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, made);
  return made;
}

/** @returns what a clock in the zone shows at a moment @throws RangeError for a zone that is not known */
export function localTime(at: Date, zone: string): LocalTime {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  return {
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    weekday: parts['weekday']!.slice(0, 3).toLowerCase() as Weekday,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
}

const DAY_MS = 86_400_000;

/**
 * @param date `2026-12-01`, a day that exists
 * @returns the first moment of that day in the zone: not midnight where the clocks are put forward at midnight
 */
export function startOfDay(date: string, zone: string): Date {
  // No zone is further from UTC than 14 hours (tz database): the day begins somewhere in between.
  let [before, from] = [Date.parse(`${date}T00:00:00Z`) - DAY_MS, Date.parse(`${date}T00:00:00Z`) + DAY_MS];
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (localTime(new Date(middle), zone).date < date) before = middle;
    else from = middle;
  }
  return new Date(from);
}

/** @returns the last millisecond of that day in the zone */
export function endOfDay(date: string, zone: string): Date {
  const next = new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  return new Date(startOfDay(next, zone).getTime() - 1);
}
