// The trend shows the times in which nothing was scanned.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHoles } from '../../shared/api/holes.ts';
import type { TrendPoint } from '../../shared/api/api-services.ts';
import { apiFleet, ask, makeServices } from '../support/api.ts';

const at = (time: string): string => `2026-11-21T${time}:00.000Z`;
const until = new Date(at('10:10'));

describe('holes of half-hourly scans', () => {
  test.each<[string, string[], [string, string][]]>([
    ['none without any scan', [], []],
    ['none with one fresh scan', ['10:00'], []],
    ['none in an even history', ['08:30', '09:00', '09:30', '10:00'], []],
    ['none when one scan is skipped', ['08:30', '09:00', '10:00'], []],
    ['one when two are missing', ['08:00', '09:30', '10:00'], [['08:00', '09:30']]],
    ['one a minute beyond two periods', ['08:59', '10:00'], [['08:59', '10:00']]],
    ['one that goes on', ['08:30', '09:00'], [['09:00', '10:10']]],
    [
      'each of several, oldest first, whatever the order of scans',
      ['10:00', '02:00', '06:00'],
      [
        ['02:00', '06:00'],
        ['06:00', '10:00'],
      ],
    ],
    ['none between scans of the same moment', ['10:00', '10:00'], []],
  ])('%s', (_name, closes, expected) => {
    expect(findHoles(closes.map(at), 30, until)).toEqual(
      expected.map(([from, to]) => ({ from: at(from), to: at(to) })),
    );
  });

  test('are never shorter than two periods, never overlap, and hold no close', () => {
    const minute = fc.integer({ min: 0, max: 5_000 });
    fc.assert(
      fc.property(fc.array(minute), fc.integer({ min: 1, max: 600 }), (minutes, period) => {
        const closes = minutes.map((m) => new Date(until.getTime() - m * 60_000).toISOString());
        const holes = findHoles(closes, period, until);
        for (const { from, to } of holes) {
          expect(Date.parse(to) - Date.parse(from)).toBeGreaterThan(2 * period * 60_000);
          expect(closes.filter((close) => close > from && close < to)).toEqual([]);
        }
        const ends = holes.flatMap(({ from, to }) => [from, to]);
        expect(ends).toEqual(ends.toSorted());
      }),
    );
  });
});

test('the trend answers with its holes, by the period of the schedule', async () => {
  const { scanId, outcome, summary } = apiFleet;
  const point = (time: string): TrendPoint => ({ scanId, outcome, summary, at: at(time), closedAt: at(time) });
  const trend = async () => [point('10:00'), point('07:00')];
  const holes = async (periodMinutes: number) =>
    (await ask('trend', '', { services: makeServices({ trend, periodMinutes }) })).body['holes'];
  expect(await holes(30)).toEqual([{ from: at('07:00'), to: at('10:00') }]);
  expect(await holes(120)).toEqual([]);
});
