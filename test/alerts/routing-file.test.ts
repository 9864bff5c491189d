// The routing file: what it says is done, what is wrong is named, and the rest of it holds.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMatcher } from '../../shared/alerts/matchers.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import { parseRouting } from '../../shared/alerts/routing-file.ts';
import { digestDate, isWithin, localTime } from '../../shared/alerts/time.ts';
import { play } from '../support/alert-play.ts';
import { runs } from '../support/runs.ts';

describe('what is wrong is named by its place', () => {
  test.each<[string, string, string]>([
    ['text that is not YAML', 'route: [', 'routing: '],
    ['a list instead of parts', '- a', 'routing: an object with parts'],
    ['an unknown part', 'rotue: {}', 'rotue: there is no such part; the parts are fireAfter,'],
    ['a count of zero', 'fireAfter: 0', 'fireAfter: must be a whole number from 1 to 100'],
    ['a count that is text', 'resolveAfter: two', 'resolveAfter: must be a whole number'],
    ['flapping without hours', 'flap: { turns: 4 }', 'flap.hours: must be a whole number'],
    ['a share above one', 'storm: { share: 2, clusters: 5 }', 'storm.share: '],
    ['an interval that is not a time', 'renotify: { high: soon }', 'renotify.high: must be like 24h or 3d, or never'],
    [
      'an interval of an unknown severity',
      'renotify: { critical: 1h }',
      'renotify.critical: there is no such severity; the severities are high,',
    ],
    [
      'an hour that does not exist',
      `times: { n: { from: '25:00', to: '07:00', timezone: UTC } }`,
      'times.n.from: must be a time',
    ],
    [
      'a zone that does not exist',
      `times: { n: { from: '22:00', to: '07:00', timezone: Mars/X } }`,
      'times.n.timezone: is not an IANA',
    ],
    [
      'a day that does not exist',
      `times: { n: { days: [mon-fry], from: '22:00', to: '07:00', timezone: UTC } }`,
      'times.n.days[0]: must be a day like mon',
    ],
    [
      'maintenance without an end',
      'maintenance: [{ comment: x, from: 2026-12-01T20:00:00Z }]',
      'maintenance[0]: needs either',
    ],
    [
      'maintenance that ends before it starts',
      'maintenance: [{ comment: x, from: 2026-12-01T20:00:00Z, to: 2026-12-01T19:00:00Z }]',
      'maintenance[0]: needs either from and a later to',
    ],
    ['maintenance without a reason', `maintenance: [{ again: { from: '1:00' } }]`, 'maintenance[0].comment: '],
    [
      'a field that does not exist',
      `maintenance: [{ comment: x, match: ['clutser=a'] }]`,
      'maintenance[0].match: “clutser=a”',
    ],
    ['a digest without an hour', 'digest: { every: day, timezone: UTC }', 'digest.at: '],
    [
      'a digest of a month',
      `digest: { every: month, at: '09:00', timezone: UTC }`,
      'digest.every: must be day or week',
    ],
    ['a route that is text', 'route: platform', 'route: '],
    ['a first route that does not take everything', `route: { match: ['severity=high'] }`, 'route.match: '],
    ['a route with an unknown property', 'route: { too: platform }', 'route: '],
    [
      'a route below without a match',
      'route: { routes: [{ to: a }] }',
      'route.routes[0]: only the first route may take everything',
    ],
    [
      'a matcher without an operator',
      `route: { routes: [{ match: ['severity'] }] }`,
      'route.routes[0].match: “severity” is not of the form',
    ],
    ['routes that are not a list', 'route: { routes: {} }', 'route.routes: a list is expected'],
    [
      'quiet hours that are not defined',
      'route: { quiet: [nights] }',
      'route.quiet: nights is not defined under times',
    ],
    ['a group that does not exist', 'route: { groupBy: [colour] }', 'route.groupBy[0]: must be one of'],
  ])('%s', (_name, text, problem) => {
    const { routing, problems } = parseRouting(text);
    expect(problems.join('\n')).toContain(problem);
    expect(routing.route.to).toEqual(defaultRouting.route.to);
  });

  test('the rest of the file holds', () => {
    const { routing, problems } = parseRouting(`
      fireAfter: 3
      resolveAfter: none
      route:
        to: platform
        routes:
          - { match: ['severity=hihg', 'bad'], to: oncall }
          - { match: ['severity=high'], to: oncall }
    `);
    expect(problems).toHaveLength(2);
    expect(routing).toMatchObject({ fireAfter: 3, resolveAfter: 1 });
    expect(routing.route.routes).toHaveLength(1);
  });

  test('the README’s own example is right', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, example] = /```yaml\n(fireAfter[^]*?)```/.exec(readme) ?? [];
    expect(parseRouting(example ?? 'missing: true').problems).toEqual([]);
  });

  test('no text whatever makes it throw', () => {
    const part = fc.constantFrom('route', 'times', 'maintenance', 'renotify', 'digest', 'flap', 'fireAfter');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.dictionary(part, fc.jsonValue()).map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(parseRouting(text).routing.route.to.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  test('aliases that multiply without end are refused', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`).join()}]`),
    ];
    expect(parseRouting(bomb.join('\n')).problems.length).toBeGreaterThan(0);
  });
});

describe('matchers', () => {
  const event = play().event('new-failure', 'Shop-Prod', {
    clusterId: '/subscriptions/sub/x',
    subject: 'workload/payments/db[StatefulSet]',
    tags: { Env: 'Prod', owner: '' },
    severity: 'medium',
  });
  test.each<[string, boolean]>([
    ['cluster=shop-prod', true],
    ['cluster=shop-*', true],
    ['cluster=/subscriptions/*', true],
    ['cluster!=shop-*', false],
    ['cluster=a,b,shop-prod', true],
    ['cluster!=a,b', true],
    ['namespace=payments', true],
    ['namespace = pay* ', true],
    ['severity=high', false],
    ['tag.env=prod', true],
    ['TAG.ENV=prod', true],
    ['tag.team=', true],
    ['tag.team=*', true],
    ['tag.env=', false],
    ['tag.owner=', true],
    ['kind=new-failure', true],
    ['subject=workload/payments/*', true],
    ['resourcegroup=rg', true],
    ['subscription=sub', true],
    ['rule!=r', false],
  ])('%s %s', (text, expected) => {
    const matcher = parseMatcher(text);
    expect('matches' in matcher && matcher.matches(event)).toBe(expected);
    expect('matches' in matcher).toBe(true);
  });

  test.each(['', 'cluster', 'colour=red', 'tag.=x', '=x', 'cluster=a,,b', `cluster=${'x'.repeat(400)}`])(
    '“%s” is refused with words',
    (text) => {
      const matcher = parseMatcher(text);
      expect('problem' in matcher && matcher.problem.length).toBeGreaterThan(10);
    },
  );
});

describe('clocks on walls', () => {
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
});
