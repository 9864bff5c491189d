// Wall-clock time: quiet hours, maintenance windows and digests mean what the clock on the wall says.
import type { Weekday } from '../model/zone.ts';
import { localTime, weekdays } from '../model/zone.ts';

/** A stretch of time on each of the named days. One that ends at or before its start goes on into the next day. */
export interface Interval {
  readonly days: readonly Weekday[];
  /** Minutes since midnight; 1440 is the end of the day. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

const dayBefore = (day: Weekday): Weekday => weekdays[(weekdays.indexOf(day) + 6) % 7]!;

/**
 * @returns true from the start of the interval until just before its end, both by the clock on the wall: in an hour that a clock
 *   change skips or repeats, what the clock shows counts
 */
export function isWithin({ days, from, to, zone }: Interval, at: Date): boolean {
  const { weekday, minute } = localTime(at, zone);
  if (from < to) return days.includes(weekday) && from <= minute && minute < to;
  return (days.includes(weekday) && minute >= from) || (days.includes(dayBefore(weekday)) && minute < to);
}

export interface DigestTimes {
  readonly every: 'day' | 'week';
  /** The day of a weekly digest. */
  readonly weekday: Weekday;
  /** Minutes since midnight. */
  readonly at: number;
  readonly zone: string;
}

/** @returns the local date of the newest digest that was due by a moment; one that was missed because nothing ran is still due */
export function digestDate({ every, weekday, at, zone }: DigestTimes, now: Date): string {
  const local = localTime(now, zone);
  const cycle = every === 'week' ? 7 : 1;
  const since = every === 'week' ? (weekdays.indexOf(local.weekday) - weekdays.indexOf(weekday) + 7) % 7 : 0;
  const daysBack = since === 0 && local.minute < at ? cycle : since;
  return new Date(Date.parse(`${local.date}T12:00:00Z`) - daysBack * 86_400_000).toISOString().slice(0, 10);
}
