// The stages that say who is to hear of what now, each alone.
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { defaultRouting } from '../../../shared/alerts/routing.ts';
import { findDue } from '../../../shared/alerts/stages/find-due.ts';
import { gatherStorm } from '../../../shared/alerts/stages/gather-storm.ts';
import { group } from '../../../shared/alerts/stages/group.ts';
import { keepQuiet } from '../../../shared/alerts/stages/keep-quiet.ts';
import { leave } from '../../../shared/alerts/stages/leave.ts';
import { mute } from '../../../shared/alerts/stages/mute.ts';
import { update } from '../../../shared/alerts/stages/update.ts';
import { routingOf } from '../../support/alert-play.ts';
import { alertOf, dueOf, fleetOfIds, inputOf, workOf } from '../../support/alert-stage.ts';

const onCard = (key: string) => ({ [key]: { card: 'card', as: 'firing' as const } });

describe('leave', () => {
  test('a conversation that left is owed nothing, and stands nowhere', () => {
    const told = { ...onCard('T'), ...onCard('gone') };
    const { alerts } = leave(workOf([alertOf('a', { owed: ['gone', 'T'], told })]), inputOf());
    expect(alerts).toMatchObject([{ owed: ['T'], told: onCard('T') }]);
  });
});

describe('a conversation that cannot be posted to', () => {
  const targets = [{ key: 'T' }, { key: 'F', failed: 'Teams answered 403' }];
  test('is owed what lasts, and not what happened once', () => {
    const work = workOf([alertOf('a', { owed: ['F'] }), alertOf('b', { type: 'change', owed: ['F', 'T'] })]);
    expect(leave(work, inputOf({ targets })).alerts.map(({ owed }) => owed)).toEqual([['F'], ['T']]);
  });

  test('hears of nothing, and the others hear of it again in their time', () => {
    const told = { ...onCard('T'), ...onCard('F') };
    const work = workOf([
      alertOf('new', { owed: ['F', 'T'] }),
      alertOf('old', { owed: ['F'], told, toldAt: '2026-11-20T12:00:00Z' }),
    ]);
    const { dues } = findDue(work, inputOf({ targets }));
    expect(dues.map(({ alert, kind, destination }) => `${kind} ${alert.id} ${destination}`)).toEqual([
      'alerts new T',
      'repeat old T',
    ]);
  });

  test('keeps its cards as they are', () => {
    const over = alertOf('a', {
      status: 'resolved',
      told: { T: { card: 'one', as: 'firing' }, F: { card: 'two', as: 'firing' } },
    });
    const { alerts, updates } = update(workOf([over]), inputOf({ targets }));
    expect(updates).toMatchObject([{ destination: 'T' }]);
    expect(alerts[0]!.told).toMatchObject({ T: { as: 'resolved' }, F: { as: 'firing' } });
  });
});

describe('findDue', () => {
  const told = { ...onCard('T'), ...onCard('U') };
  const long = { told, toldAt: '2026-11-20T12:00:00Z' };
  test.each<[string, Partial<Alert>, string[]]>([
    ['what is owed', { owed: ['T', 'U'] }, ['alerts T', 'alerts U']],
    ['what waits to fire is not', { owed: ['T'], status: 'pending' }, []],
    ['what was told a day ago is told again where it was told', long, ['repeat T', 'repeat U']],
    ['not before', { ...long, toldAt: '2026-11-20T12:00:01Z' }, []],
    ['not when somebody takes care of it', { ...long, ack: { by: 'Robin', at: '2026-11-20T13:00:00Z' } }, []],
    ['not while it flaps', { ...long, flapping: true }, []],
    ['not when it is over', { ...long, status: 'resolved' }, []],
    ['what is owed goes first', { ...long, owed: ['U'] }, ['alerts U']],
  ])('%s', (_name, more, due) => {
    const { dues } = findDue(workOf([alertOf('a', more)]), inputOf());
    expect(dues.map(({ kind, destination }) => `${kind} ${destination}`)).toEqual(due);
  });

  test('each by the route that names its conversation', () => {
    const routing = routingOf(
      `route: { to: '*', routes: [{ match: ['severity=high'], to: oncall, groupBy: [rule] }] }`,
    );
    const targets = [{ key: 'T' }, { key: 'O', name: 'oncall' }];
    const { dues } = findDue(workOf([alertOf('a', { owed: ['T', 'O'] })]), inputOf({ routing, targets }));
    expect(dues.map(({ destination, route }) => [destination, route.groupBy])).toEqual([
      ['T', []],
      ['O', ['rule']],
    ]);
  });
});

describe('mute', () => {
  const lasts = alertOf('lasts', { owed: ['T'] });
  const happened = alertOf('happened', { type: 'change', owed: ['T'] });
  const other = alertOf('other', { owed: ['T'] }, { clusterId: 'd', clusterName: 'd' });
  const silence = {
    id: 's',
    matchers: ['cluster=c'],
    startsAt: '2026-11-21T11:00:00Z',
    endsAt: '2026-11-21T13:00:00Z',
    createdBy: 'Robin',
    comment: 'a test',
  };

  test('what is silenced is not due: what lasts stays owed, what happened does not', () => {
    const work = workOf([lasts, happened, other], { dues: [lasts, happened, other].map((alert) => dueOf(alert)) });
    const after = mute(work, inputOf({ silences: [silence] }));
    expect(after.dues.map(({ alert }) => alert.id)).toEqual(['other']);
    expect(after.alerts.map(({ id, owed }) => [id, owed])).toEqual([
      ['lasts', ['T']],
      ['happened', []],
      ['other', ['T']],
    ]);
  });

  test('nothing is muted by a silence that is over', () => {
    const after = mute(
      workOf([lasts], { dues: [dueOf(lasts)] }),
      inputOf({ silences: [silence], now: new Date(silence.endsAt) }),
    );
    expect(after.dues).toHaveLength(1);
  });
});

describe('keepQuiet', () => {
  const noon = { days: ['sat'] as const, from: 12 * 60, to: 13 * 60, zone: 'UTC' };
  test.each([
    ['2026-11-21T11:59:00Z', 1],
    ['2026-11-21T12:00:00Z', 0],
    ['2026-11-21T13:00:00Z', 1],
  ])('at %s %i are due', (now, count) => {
    const route = { ...defaultRouting.route, quiet: [noon] };
    const work = workOf([], { dues: [dueOf(alertOf('a'), { route })] });
    expect(keepQuiet(work, inputOf({ now: new Date(now) })).dues).toHaveLength(count);
  });
});

describe('group', () => {
  test.each([
    [[], ''],
    [['cluster'], 'cluster c'],
    [['rule', 'severity'], 'rule no-allow-all, severity high'],
    [['subscription'], 'subscription Shop'],
    [['namespace'], 'namespace web'],
    [['tag.TEAM'], 'tag.TEAM blue'],
    [['tag.env'], 'tag.env none'],
  ] as const)('by %j: %s', (groupBy, text) => {
    const due = dueOf(alertOf('a', {}, { tags: { team: 'blue' } }), { route: { ...defaultRouting.route, groupBy } });
    const { dues } = group(workOf([], { dues: [due] }), inputOf({ fleet: fleetOfIds('c') }));
    expect(dues.map((one) => one.group)).toEqual([text]);
  });

  test('a policy of the whole cluster is in no namespace', () => {
    const policy = alertOf('a', {}, { subject: 'policy/all[AdminNetworkPolicy]' });
    const due = dueOf(policy, { route: { ...defaultRouting.route, groupBy: ['namespace'] } });
    expect(group(workOf([], { dues: [due] }), inputOf()).dues[0]!.group).toBe('namespace none');
  });
});

describe('gatherStorm', () => {
  const clusters = Array.from({ length: 10 }, (_, i) => `c${i}`);
  const dues = (count: number) =>
    clusters.slice(0, count).map((clusterId) => dueOf(alertOf(clusterId, {}, { clusterId }), { group: clusterId }));
  const repeat = dueOf(alertOf('r'), { kind: 'repeat', group: 'r' });
  const storm = { share: 0.4, clusters: 5 };
  const gather = (count: number, newRules = false, fleet = fleetOfIds(...clusters)) => {
    const work = workOf([], { dues: [...dues(count), repeat], newRules });
    const after = gatherStorm(work, inputOf({ fleet, routing: { ...defaultRouting, storm } }));
    return [...new Set(after.dues.map(({ kind, group: text }) => `${kind}: ${text}`))];
  };

  test('more clusters than the share are one group, beside what is told again', () => {
    expect(gather(5)).toEqual(['storm: 5 of 10 clusters changed', 'repeat: r']);
  });

  test('just the share is not a storm, nor are few clusters', () => {
    expect(gather(4)).toEqual(['alerts: c0', 'alerts: c1', 'alerts: c2', 'alerts: c3', 'repeat: r']);
    expect(gather(2, false, fleetOfIds('c0', 'c1'))).toEqual(['alerts: c0', 'alerts: c1', 'repeat: r']);
  });

  test('new rules are a storm on two clusters', () => {
    expect(gather(1, true)).toEqual(['alerts: c0', 'repeat: r']);
    expect(gather(2, true)[0]).toBe('storm: The rules changed: 2 clusters are judged differently than before');
  });
});
