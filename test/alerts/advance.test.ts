// Who hears of what, when, and together with what.
import { describe, expect, test } from 'vitest';
import type { Silence } from '../../shared/alerts/alert-service.ts';
import { fleetOf } from '../support/fleet.ts';
import { play, routingOf } from '../support/alert-play.ts';
import { inputOf } from '../support/alert-stage.ts';
import { alertEvent } from '../support/alerts.ts';
import { advance } from '../../shared/alerts/advance.ts';
import { emptyState } from '../../shared/alerts/model.ts';

const silence = (more: Partial<Silence> = {}): Silence => ({
  id: 's1',
  matchers: ['cluster=a'],
  startsAt: '2026-11-21T09:00:00Z',
  endsAt: '2026-11-21T12:00:00Z',
  createdBy: 'Robin',
  comment: 'a move',
  ...more,
});
const platform = [{ key: 'P', name: 'platform' }, { key: 'O', name: 'oncall' }, { key: 'X' }];

describe('routing', () => {
  const tree = `
    route:
      to: platform
      routes:
        - { match: ['severity=high', 'tag.env=prod'], to: oncall, continue: true }
        - { match: ['severity=high'], to: platform }
        - match: ['cluster=b*']
          to: [platform, oncall]
          routes:
            - { match: ['rule=r2'], to: oncall }
        - { match: ['kind=cluster-appeared'], to: nobody-is-called-so }
  `;
  test.each<[string, Parameters<ReturnType<typeof play>['event']>, string[]]>([
    ['what matches nothing goes to the first route', ['new-failure', 'a', { severity: 'low' }], ['P']],
    ['continue takes the next match too', ['new-failure', 'a', { tags: { Env: 'PROD' } }], ['O', 'P']],
    ['the first match wins without continue', ['new-failure', 'b', { severity: 'high' }], ['P']],
    ['several destinations of one route', ['new-failure', 'b', { severity: 'low' }], ['O', 'P']],
    ['the deepest match wins', ['new-failure', 'b', { severity: 'low', rule: 'r2' }], ['O']],
    ['a name that nobody has falls back to the first route', ['cluster-appeared', 'a', { severity: 'low' }], ['P']],
  ])('%s', (_name, event, expected) => {
    const p = play({ routing: routingOf(tree), targets: platform });
    const told = p.scan([p.event(...event)]);
    expect(told.map((line) => line.split(':')[0]!).toSorted()).toEqual(expected);
  });

  test('when nobody subscribed under any name of the tree, everybody who subscribed hears', () => {
    const p = play({ routing: routingOf('route: { to: typo }'), targets: platform });
    expect(p.scan([p.event('new-failure', 'a')])).toHaveLength(3);
  });

  test('whoever subscribes later hears of what happens later', () => {
    const p = play({ targets: [] });
    expect(p.scan([p.event('new-failure', 'a')])).toEqual([]);
    p.targets = [{ key: 'T' }];
    expect(p.tend()).toEqual([]);
    expect(p.scan([p.event('new-failure', 'b')])).toEqual(['T: new-failure b firing']);
  });
});

describe('grouping', () => {
  const events = (p: ReturnType<typeof play>) => [
    p.event('new-failure', 'a', { severity: 'low' }),
    p.event('new-failure', 'b', { rule: 'r2', subject: 'namespace/shop' }),
    p.event('new-failure', 'a', { rule: 'r2', subject: 'namespace/pay' }),
  ];
  test.each([
    [
      'one card a scan, worst first, when nothing is said',
      'route: { to: "*" }',
      ['T: new-failure a namespace/pay firing; new-failure b namespace/shop firing; new-failure a firing'],
    ],
    [
      'one card a cluster',
      'route: { to: "*", groupBy: [cluster] }',
      [
        'T: [cluster a] new-failure a namespace/pay firing; new-failure a firing',
        'T: [cluster b] new-failure b namespace/shop firing',
      ],
    ],
    [
      'one card a rule and severity',
      'route: { to: "*", groupBy: [rule, severity] }',
      [
        'T: [rule r, severity low] new-failure a firing',
        'T: [rule r2, severity high] new-failure a namespace/pay firing; new-failure b namespace/shop firing',
      ],
    ],
    [
      'subscriptions go by their name',
      'route: { to: "*", groupBy: [subscription] }',
      [
        'T: [subscription Shop] new-failure a namespace/pay firing; new-failure b namespace/shop firing; new-failure a firing',
      ],
    ],
  ])('%s', (_name, text, expected) => {
    const p = play({ routing: routingOf(text) });
    expect(p.scan(events(p))).toEqual(expected);
  });

  test('a card holds a hundred alerts and counts the rest, which are told by it all the same', () => {
    const p = play();
    const many = Array.from({ length: 150 }, (_, i) => p.event('new-failure', 'a', { subject: `namespace/n${i}` }));
    const [line, ...more] = p.scan(many);
    expect(line).toMatch(/ and 50 more$/);
    expect(more).toEqual([]);
    expect(p.state.alerts.every(({ told, owed }) => owed.length === 0 && told['T'] !== undefined)).toBe(true);
  });
});

describe('storm', () => {
  const clusters = Array.from({ length: 20 }, (_, i) => `c${i}`);
  test('more than the share of the fleet in one scan is one card, whatever the grouping', () => {
    const p = play({ clusters, routing: routingOf('route: { to: "*", groupBy: [cluster] }') });
    expect(p.scan(clusters.slice(0, 7).map((name) => p.event('new-failure', name)))).toEqual([
      'T: storm: 7 of 20 clusters changed',
    ]);
    expect(p.scan([p.event('resolved', 'c0')])).toEqual(['T update: resolved']);
  });

  test('just the share is not a storm', () => {
    const p = play({ clusters });
    expect(p.scan(clusters.slice(0, 6).map((name) => p.event('new-failure', name)))[0]).toMatch(/^T: new-failure c0/);
  });

  test('new rules that judge several clusters differently are one card', () => {
    const p = play({ clusters });
    p.scan([p.event('new-failure', 'c0')]);
    p.catalogue = '2';
    expect(p.scan([p.event('new-failure', 'c1'), p.event('new-failure', 'c2')])).toEqual([
      'T: storm: The rules changed: 2 clusters are judged differently than before',
    ]);
    expect(p.scan([p.event('new-failure', 'c3'), p.event('new-failure', 'c4')])[0]).toMatch(/^T: new-failure c3/);
  });
});

describe('silences', () => {
  test('mute what they match, and only that', () => {
    const p = play({ silences: [silence()] });
    expect(p.scan([p.event('new-failure', 'a'), p.event('new-failure', 'b')])).toEqual(['T: new-failure b firing']);
  });

  test('what still fails when the silence ends is told then; what passed meanwhile never', () => {
    const p = play({ silences: [silence({ matchers: ['cluster=a,b'] })] });
    expect(p.scan([p.event('new-failure', 'a'), p.event('new-failure', 'b')])).toEqual([]);
    expect(p.scan([p.event('resolved', 'b')])).toEqual([]);
    p.later(120);
    expect(p.tend()).toEqual(['T: new-failure a firing']);
  });

  test('what happened once under a silence is not told later', () => {
    const p = play({ silences: [silence()] });
    expect(p.scan([p.event('engine-changed', 'a')])).toEqual([]);
    p.later(180);
    expect(p.tend()).toEqual([]);
  });

  test('one that has not begun mutes nothing', () => {
    const p = play({ silences: [silence({ startsAt: '2026-11-21T11:00:00Z' })] });
    expect(p.scan([p.event('new-failure', 'a')])).toEqual(['T: new-failure a firing']);
  });

  test('a card that was posted before says that it is resolved all the same', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.silences = [silence()];
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
  });

  test('repeats wait for the end of a silence', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.silences = [silence({ endsAt: '2026-11-23T10:00:00Z' })];
    p.later(30 * 60);
    expect(p.tend()).toEqual(['T update: silenced']);
    expect(p.tend()).toEqual([]);
    p.later(18 * 60);
    expect(p.tend()).toEqual(['T: again new-failure a firing', 'T update: repeated']);
  });

  test('cards say that an alert is silenced, by the silence that ends last, for as long as one holds', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    const [short, long] = [
      silence({ id: 'short', endsAt: '2026-11-21T13:00:00Z' }),
      silence({ id: 'long', endsAt: '2026-11-21T15:00:00Z' }),
    ];
    const silencing = (...silences: Silence[]) => {
      p.silences = silences;
      return [p.tend(), p.state.alerts[0]!.silence];
    };
    const said = ({ id, createdBy: by, endsAt: until }: Silence) => ({ id, by, until });
    expect(silencing(short)).toEqual([['T update: silenced'], said(short)]);
    expect(silencing(long, short)).toEqual([['T update: silenced'], said(long)]);
    expect(silencing(long)).toEqual([[], said(long)]);
    expect(silencing(short)).toEqual([['T update: silenced'], said(short)]);
    expect(silencing()).toEqual([['T update: firing'], undefined]);
  });

  test('a card of a silenced alert says when it is resolved', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.silences = [silence()];
    expect(p.tend()).toEqual(['T update: silenced']);
    expect(p.scan([p.event('resolved', 'a')])).toContain('T update: resolved');
  });
});

describe('what a larger failure explains', () => {
  test('a cluster without an engine mutes what is wrong inside, until it has one', () => {
    const p = play({ bare: new Set(['a']) });
    const inside = { rule: 'pod-isolated', subject: 'workload/shop/web[Deployment]' };
    expect(
      p.scan([p.event('new-failure', 'a', { rule: 'engine-enabled' }), p.event('new-failure', 'a', inside)]),
    ).toEqual(['T: new-failure a firing']);
    p.bare.clear();
    expect(p.tend()).toEqual(['T: new-failure a workload/shop/web[Deployment] firing']);
  });

  test('repeats of a cluster that cannot be read wait until it can', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.dark.add('a');
    p.later(25 * 60);
    expect(p.tend()).toEqual([]);
    p.dark.clear();
    expect(p.tend()).toEqual(['T: again new-failure a firing', 'T update: repeated']);
  });
});

describe('maintenance', () => {
  test('mutes for its time, and what still fails afterwards is told', () => {
    const p = play({
      routing: routingOf(`
        maintenance:
          - { match: ['cluster=a'], comment: upgrade, from: 2026-11-21T09:00:00Z, to: 2026-11-21T11:00:00Z }
      `),
    });
    expect(p.scan([p.event('new-failure', 'a'), p.event('engine-changed', 'a')])).toEqual([]);
    p.later(60);
    expect(p.tend()).toEqual(['T: new-failure a firing']);
  });
});

describe('quiet hours', () => {
  const nights = `
    times: { nights: { from: '22:00', to: '07:00', timezone: Europe/Berlin } }
    route:
      to: '*'
      quiet: [nights]
      routes: [{ match: ['severity=high'], quiet: [] }]
  `;
  const low = { severity: 'low' as const };

  test('hold back what happens at night, and tell it together in the morning', () => {
    const p = play({ routing: routingOf(nights), now: new Date('2026-11-21T22:30:00Z') });
    expect(p.scan([p.event('new-failure', 'a', low), p.event('engine-changed', 'b', low)])).toEqual([]);
    p.later(60);
    expect(p.scan([p.event('new-failure', 'c')])).toEqual(['T: new-failure c firing']);
    p.now = new Date('2026-11-22T05:59:00Z');
    expect(p.tend()).toEqual([]);
    p.now = new Date('2026-11-22T06:00:00Z');
    expect(p.tend()).toEqual(['T: new-failure a firing; engine-changed b']);
  });

  test.each([
    ['in winter the night ends at 06:00 UTC', '2026-11-22T05:59:00Z', '2026-11-22T06:00:00Z'],
    ['in summer at 05:00', '2026-07-22T04:59:00Z', '2026-07-22T05:00:00Z'],
    ['on the morning that clocks went forward at 05:00', '2026-03-29T04:59:00Z', '2026-03-29T05:00:00Z'],
    ['on the morning that clocks went back at 06:00', '2026-10-25T05:59:00Z', '2026-10-25T06:00:00Z'],
  ])('%s', (_name, still, over) => {
    const p = play({ routing: routingOf(nights), now: new Date(still) });
    expect(p.scan([p.event('new-failure', 'a', low)])).toEqual([]);
    p.now = new Date(over);
    expect(p.tend()).toEqual(['T: new-failure a firing']);
  });

  test('a card that is resolved in the night says so in the night: nobody is woken by it', () => {
    const p = play({ routing: routingOf(nights), now: new Date('2026-11-21T12:00:00Z') });
    p.scan([p.event('new-failure', 'a', low)]);
    p.now = new Date('2026-11-21T23:00:00Z');
    expect(p.scan([p.event('resolved', 'a', low)])).toEqual(['T update: resolved']);
  });
});

describe('digest', () => {
  const digest = { summary: fleetOf([]).summary, trend: [], changes: [] };
  const days = (p: ReturnType<typeof play>, hours: number): string[] => {
    const told: string[] = [];
    for (let i = 0; i < hours * 2; i++) {
      p.later(30);
      told.push(...p.tend().map((line) => `${p.now.toISOString().slice(5, 16)} ${line}`));
    }
    return told;
  };

  test('comes once a day at its hour by the clock on the wall, also when that changes', () => {
    const routing = routingOf(`digest: { every: day, at: '09:00', timezone: Europe/Berlin }`);
    const p = play({ routing, digest, now: new Date('2026-10-23T06:00:00Z') });
    p.tend();
    expect(days(p, 96)).toEqual([
      '10-23T07:00 T: digest of the day, 0 unacknowledged',
      '10-24T07:00 T: digest of the day, 0 unacknowledged',
      '10-25T08:00 T: digest of the day, 0 unacknowledged',
      '10-26T08:00 T: digest of the day, 0 unacknowledged',
    ]);
  });

  test('at an hour that the change of clocks skips comes right after it, and once', () => {
    const routing = routingOf(`digest: { every: day, at: '02:30', timezone: Europe/Berlin }`);
    const p = play({ routing, digest, now: new Date('2026-03-28T12:00:00Z') });
    p.tend();
    expect(days(p, 20)).toEqual(['03-29T01:00 T: digest of the day, 0 unacknowledged']);
  });

  test('at an hour that the change of clocks repeats comes once', () => {
    const routing = routingOf(`digest: { every: day, at: '02:30', timezone: Europe/Berlin }`);
    const p = play({ routing, digest, now: new Date('2026-10-24T12:00:00Z') });
    p.tend();
    expect(days(p, 20)).toEqual(['10-25T00:30 T: digest of the day, 0 unacknowledged']);
  });

  test('goes to those who had subscribed by its hour; whoever subscribes later gets the next', () => {
    const routing = routingOf(`digest: { every: day, at: '09:00', timezone: UTC }`);
    const p = play({ routing, digest, now: new Date('2026-11-20T08:00:00Z') });
    p.targets = [{ key: 'T', since: '2026-11-20T07:00:00Z' }];
    p.tend();
    p.now = new Date('2026-11-20T09:30:00Z');
    p.targets = [...p.targets, { key: 'late', since: '2026-11-20T09:10:00Z' }];
    expect(p.tend()).toEqual(['T: digest of the day, 0 unacknowledged']);
    p.later(24 * 60);
    expect(p.tend()).toHaveLength(2);
  });

  test('that was missed because nothing ran comes at the next wake-up, once', () => {
    const routing = routingOf(`digest: { every: day, at: '23:59', timezone: UTC }`);
    const p = play({ routing, digest, now: new Date('2026-11-20T12:00:00Z') });
    p.tend();
    p.now = new Date('2026-11-23T06:00:00Z');
    expect([p.tend(), p.tend()]).toEqual([['T: digest of the day, 0 unacknowledged'], []]);
  });

  test('comes once a week on its day, to the named conversations, with what nobody acknowledged', () => {
    const routing = routingOf(
      `digest: { every: week, weekday: fri, at: '09:00', timezone: UTC, to: platform }\nroute: { to: '*' }\nrenotify: { high: never }`,
    );
    const p = play({ routing, digest, targets: platform, now: new Date('2026-11-20T12:00:00Z') });
    p.scan([p.event('new-failure', 'a')]);
    expect(days(p, 24 * 8)).toEqual(['11-27T09:00 P: digest of the week, 1 unacknowledged']);
  });
});

describe('destinations that fail', () => {
  test('are told to the others, once, and what only they were told is told again', () => {
    const p = play({ routing: routingOf('route: { to: oncall }'), targets: platform });
    expect(p.scan([p.event('new-failure', 'a')])).toEqual(['O: new-failure a firing']);
    p.failed = [{ key: 'O', why: 'Teams answered 403' }];
    const told = p.tend();
    expect(told).toHaveLength(2);
    expect(told.every((line) => line.includes('destination-failed') && line.includes('new-failure a'))).toBe(true);
    expect(p.tend()).toEqual([]);
  });

  test('hear of what lasts when they can be posted to again, whoever else heard of it', () => {
    const p = play({ routing: routingOf('route: { to: oncall }'), targets: platform.slice(0, 2) });
    p.scan([p.event('new-failure', 'a')]);
    p.failed = [{ key: 'O', why: 'Teams answered 403' }];
    p.tend();
    expect(p.scan([p.event('new-failure', 'b'), p.event('resolved', 'a'), p.event('new-failure', 'c')])).toEqual([
      'P: new-failure b firing; new-failure c firing',
      'P update: resolved',
    ]);
    expect(p.scan([p.event('resolved', 'c')])).toEqual(['P update: resolved']);
    p.failed = [];
    expect(p.tend()).toEqual(['O: new-failure b firing', 'O update: resolved']);
    expect(p.tend()).toEqual([]);
  });

  test('hear of what lasts even when they are the only ones', () => {
    const p = play({ failed: [{ key: 'T', why: 'Teams answered 403' }] });
    expect(p.scan([p.event('new-failure', 'a'), p.event('engine-changed', 'b')])).toEqual([]);
    expect(p.state.alerts).toHaveLength(1);
    p.failed = [];
    expect(p.tend()).toEqual(['T: new-failure a firing']);
  });

  test('are named on the cards of the others', () => {
    const targets = [{ key: 'T' }, { key: 'O', name: 'oncall', failed: 'Teams answered 403' }];
    const { cards } = advance(emptyState, inputOf({ targets, events: [alertEvent()] }));
    expect(cards).toMatchObject([{ destination: 'T', failed: 'Bulkhead cannot post to oncall.' }]);
  });
});

describe('scans that stop', () => {
  test('are an alert at the first wake-up, whatever is silenced, and resolved by the next close', () => {
    const p = play({ silences: [silence({ matchers: ['cluster=*'] })] });
    p.scan();
    p.overdue = 'Scans have stopped: the last one finished 130 minutes ago.';
    expect(p.tend()).toEqual(['T: scans-stopped firing']);
    p.later(5);
    expect(p.tend()).toEqual([]);
    p.overdue = undefined;
    expect(p.scan()).toEqual(['T update: resolved']);
  });
});
