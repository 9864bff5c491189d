// Wall-clock time in zones: intervals, and the days of digests.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestDate, isWithin } from '../../shared/alerts/time.ts';
import { localTime } from '../../shared/model/zone.ts';
import { runs } from '../support/runs.ts';

test.each([
  ['2026-03-29T00:59:00Z', 'Europe/Berlin', '2026-03-29 sun 01:59'],
  ['2026-03-29T01:00:00Z', 'Europe/Berlin', '2026-03-29 sun 03:00'],
  ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25 sun 02:30'],
  ['2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25 sun 02:30'],
  ['2026-11-21T00:00:00Z', 'Asia/Kolkata', '2026-11-21 sat 05:30'],
  ['2026-11-21T00:00:00Z', 'America/St_Johns', '2026-11-20 fri 20:30'],
  ['2026-11-21T24:00:00Z', 'UTC', '2026-11-22 sun 00:00'],
])('%s in %s is %s', (at, zone, expected) => {
  const { date, weekday, minute } = localTime(new Date(at), zone);
  const two = (n: number): string => String(n).padStart(2, '0');
  expect(`${date} ${weekday} ${two(Math.floor(minute / 60))}:${two(minute % 60)}`).toBe(expected);
});

const friday = { days: ['fri'] as const, from: 22 * 60, to: 7 * 60, zone: 'UTC' };
test.each([
  ['2026-11-20T21:59:00Z', false],
  ['2026-11-20T22:00:00Z', true],
  ['2026-11-21T06:59:00Z', true],
  ['2026-11-21T07:00:00Z', false],
  ['2026-11-20T03:00:00Z', false],
  ['2026-11-21T22:30:00Z', false],
])('a Friday night holds %s: %s', (at, expected) => {
  expect(isWithin(friday, new Date(at))).toBe(expected);
});

test('a whole day is from 00:00 to 24:00', () => {
  const day = { days: ['sat'] as const, from: 0, to: 1440, zone: 'UTC' };
  expect(
    ['2026-11-20T23:59:00Z', '2026-11-21T00:00:00Z', '2026-11-21T23:59:00Z', '2026-11-22T00:00:00Z'].map((at) =>
      isWithin(day, new Date(at)),
    ),
  ).toEqual([false, true, true, false]);
});

test('whatever the zone and the hour, every day has its digest, also when nobody looks at that very minute', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'UTC'),
      fc.integer({ min: 0, max: 1439 }),
      fc.integer({ min: 0, max: 364 }),
      (zone, at, day) => {
        const dates: string[] = [];
        for (let minute = 0; minute < 10 * 1440; minute += 47) {
          const moment = new Date(Date.UTC(2026, 0, 1 + day) + minute * 60_000);
          const date = digestDate({ every: 'day', weekday: 'mon', at, zone }, moment);
          // A clock that is put back past the hour shows the day before again for a while.
          if ((dates.at(-1) ?? '') < date) dates.push(date);
        }
        const days = dates.map((date) => Date.parse(date) / 86_400_000);
        expect(days).toEqual(days.map((_, index) => days[0]! + index));
        // Ten days begin and end anywhere in a local day, and one of them may be short of an hour.
        expect([10, 11, 12]).toContain(days.length);
      },
    ),
    { numRuns: runs(50) },
  );
});
