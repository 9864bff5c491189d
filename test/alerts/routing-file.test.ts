// The routing file: what it says is done, what is wrong is named, and the rest of it holds.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import { parseRouting } from '../../shared/alerts/routing-file.ts';

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
      'times.n.days[0]: “mon-fry” must be a day like mon',
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
    ['a first route with an unknown property', 'route: { too: platform }', 'route.too: there is no such part'],
    ['a property named __proto__', 'route: { __proto__: platform }', 'route.__proto__: there is no such part'],
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

  test.each<[string, readonly string[]]>([
    ['mon', ['mon']],
    ['Saturday', ['sat']],
    ['mon-fri', ['mon', 'tue', 'wed', 'thu', 'fri']],
    ['mon:wed', ['mon', 'tue', 'wed']],
    ['monday:wednesday', ['mon', 'tue', 'wed']],
    ['sat-mon', ['sat', 'sun', 'mon']],
    ['mon,fri', ['mon', 'fri']],
    ['mon-tue, sat:sun', ['mon', 'tue', 'sat', 'sun']],
  ])('the days %s are %j', (days, expected) => {
    const { routing, problems } = parseRouting(
      `maintenance: [{ comment: c, again: { days: ['${days}'], from: '01:00', to: '02:00', timezone: UTC } }]`,
    );
    expect(problems).toEqual([]);
    expect(routing.maintenance[0]!.during).toMatchObject({ days: expected });
  });

  test.each(['monkey', 'mon to fri', 'saturday and sunday', 'mon-fri-sun', 'mon-', 'mon,', 'mond', 'sunflower', ''])(
    'the days “%s” are refused, by name',
    (days) => {
      const { problems } = parseRouting(
        `maintenance: [{ comment: c, again: { days: ['${days}'], from: '01:00', to: '02:00', timezone: UTC } }]`,
      );
      expect(problems.join()).toMatch(/days\[0\]: “.*” must be a day like mon or monday, or a range/);
      const digest = `digest: { every: week, weekday: '${days}', at: '09:00', timezone: UTC }`;
      expect(parseRouting(digest).problems.join()).toContain('digest.weekday: must be a day like mon or monday');
    },
  );

  test('maintenance of whole days lasts from the first moment of the first to the last of the last, in its zone', () => {
    const during = (more: string) =>
      parseRouting(`maintenance: [{ comment: c, from: 2026-12-01, to: 2026-12-02${more} }]`).routing.maintenance[0]
        ?.during;
    expect(during('')).toEqual({
      from: Date.parse('2026-12-01T00:00:00Z'),
      to: Date.parse('2026-12-02T23:59:59.999Z'),
    });
    expect(during(', timezone: Europe/Berlin')).toMatchObject({ from: Date.parse('2026-11-30T23:00:00Z') });
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

  test.each(['__proto__', 'constructor', 'colour'])('the routes hold beside a first route’s property %s', (name) => {
    const text = `route: { ${name}: 1, to: 7, quiet: [x], routes: [{ match: ['severity=high'], to: oncall }] }`;
    const { routing, problems } = parseRouting(text);
    expect(problems.map((problem) => problem.split(':')[0])).toEqual([`route.${name}`, 'route.to', 'route.quiet']);
    expect(routing.route).toMatchObject({ to: ['*'], routes: [{ to: ['oncall'] }] });
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
