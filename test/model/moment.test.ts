// Moments and lengths of time as people write them, wherever they write them.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOf, parseDuration, parseWhen, startOf } from '../../shared/model/moment.ts';
import { localTime } from '../../shared/model/zone.ts';

describe('a day or a moment', () => {
  test.each<[string, string, string, string]>([
    ['2026-12-01', 'UTC', '2026-12-01T00:00:00.000Z', '2026-12-01T23:59:59.999Z'],
    ['2026-12-01', 'Europe/Berlin', '2026-11-30T23:00:00.000Z', '2026-12-01T22:59:59.999Z'],
    ['2026-12-01', 'America/Los_Angeles', '2026-12-01T08:00:00.000Z', '2026-12-02T07:59:59.999Z'],
    ['2026-12-01', 'Pacific/Kiritimati', '2026-11-30T10:00:00.000Z', '2026-12-01T09:59:59.999Z'],
    ['2026-12-01', 'Asia/Kathmandu', '2026-11-30T18:15:00.000Z', '2026-12-01T18:14:59.999Z'],
    // Clocks are put forward and back on these days: they have 23 and 25 hours.
    ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z', '2026-03-29T21:59:59.999Z'],
    ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', '2026-10-25T22:59:59.999Z'],
    // Here the clocks are put forward at midnight: the day begins at one o'clock.
    ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z', '2026-09-07T02:59:59.999Z'],
    ['2028-02-29', 'UTC', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
    ['2026-12-01T10:00Z', 'Europe/Berlin', '2026-12-01T10:00:00.000Z', '2026-12-01T10:00:00.000Z'],
    ['2026-12-01t10:00:30z', 'UTC', '2026-12-01T10:00:30.000Z', '2026-12-01T10:00:30.000Z'],
    ['2026-12-01T10:00:30.5Z', 'UTC', '2026-12-01T10:00:30.500Z', '2026-12-01T10:00:30.500Z'],
    ['2026-12-01T10:00+01:00', 'UTC', '2026-12-01T09:00:00.000Z', '2026-12-01T09:00:00.000Z'],
    ['2026-12-01T23:30:00-05:00', 'UTC', '2026-12-02T04:30:00.000Z', '2026-12-02T04:30:00.000Z'],
    [' 2026-12-01 ', 'UTC', '2026-12-01T00:00:00.000Z', '2026-12-01T23:59:59.999Z'],
  ])('%s in %s begins at %s and ends at %s', (text, zone, start, end) => {
    const when = parseWhen(text)!;
    expect([startOf(when, zone), endOf(when, zone)].map((at) => at.toISOString())).toEqual([start, end]);
  });

  test.each([
    '',
    'tomorrow',
    '2026-02-29',
    '2026-02-30T10:00Z',
    '2026-13-01',
    '2026-12-01T10:00',
    '2026-12-01T24:00Z',
    '2026-12-01T10:60Z',
    '2026-12-01T10Z',
    '2026-12-01 10:00Z',
    '2026-12-01T10:00+1',
    '2026-12-01T10:00+15:00',
    '01.12.2026',
    '20261201',
    '2026-12-01\n2026-12-02',
  ])('“%s” is neither', (text) => {
    expect(parseWhen(text)).toBeUndefined();
  });

  const date = fc
    .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
    .map((at) => at.toISOString().slice(0, 10));
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));

  test('a day begins with its first moment in the zone and ends with its last', () => {
    fc.assert(
      fc.property(date, zone, (day, place) => {
        const when = { day };
        const [start, end] = [startOf(when, place), endOf(when, place)];
        const shown = [start.getTime() - 1, start.getTime(), end.getTime(), end.getTime() + 1].map(
          (at) => localTime(new Date(at), place).date,
        );
        // A country that moved across the date line left a day out: then no moment shows it.
        expect(shown[0]! < day && shown[3]! > day && (end < start || (shown[1] === day && shown[2] === day))).toBe(
          true,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a length of time', () => {
  test.each<[string, number]>([
    ['90m', 90],
    ['2h', 120],
    ['2 hours', 120],
    ['1h30m', 90],
    ['1h 30m', 90],
    ['1 hour 30 minutes', 90],
    ['3d', 3 * 1440],
    ['1d12h', 36 * 60],
    ['1w', 7 * 1440],
    ['2W', 14 * 1440],
    ['1 Day', 1440],
    ['5 mins', 5],
    ['5 Minutes', 5],
    ['0d1h', 60],
  ])('%s is %s minutes', (text, minutes) => {
    expect(parseDuration(text)).toBe(minutes * 60_000);
  });

  test.each(['', '0h', '-2h', '2', 'h', '2hd', '2mours', '2M', '30m1h', '1h1h', '99999d', '1.5h', '2h until', 'soon'])(
    '“%s” is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});
