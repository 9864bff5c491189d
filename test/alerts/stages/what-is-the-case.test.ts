// The stages that say what is the case, each alone: alerts begin, change and end.
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { defaultRouting } from '../../../shared/alerts/routing.ts';
import { calm } from '../../../shared/alerts/stages/calm.ts';
import { endUnwatched } from '../../../shared/alerts/stages/end-unwatched.ts';
import { happen } from '../../../shared/alerts/stages/happen.ts';
import { keepWorst, MAX_ALERTS } from '../../../shared/alerts/stages/keep-worst.ts';
import { reassign } from '../../../shared/alerts/stages/reassign.ts';
import { sight } from '../../../shared/alerts/stages/sight.ts';
import { takeUp } from '../../../shared/alerts/stages/take-up.ts';
import { watchSelf } from '../../../shared/alerts/stages/watch-self.ts';
import { alertOf, fleetOfIds, inputOf, workOf } from '../../support/alert-stage.ts';
import { alertEvent } from '../../support/alerts.ts';

const statuses = (alerts: readonly Alert[]): string[] => alerts.map(({ id, status }) => `${id} ${status}`);
const onCard = (key: string) => ({ [key]: { card: 'card', as: 'firing' as const } });

describe('reassign', () => {
  test('what only a lost conversation was told or owed is owed to the others', () => {
    const targets = [{ key: 'T' }, { key: 'X', failed: '403' }];
    const { alerts } = reassign(
      workOf([
        alertOf('told', { told: onCard('X') }),
        alertOf('owed', { owed: ['X'] }),
        alertOf('elsewhere too', { told: { ...onCard('X'), ...onCard('T') } }),
        alertOf('to nobody'),
        alertOf('over', { status: 'resolved', told: onCard('X') }),
      ]),
      inputOf({ targets }),
    );
    expect(alerts.map(({ id, owed, told }) => [id, owed, Object.keys(told)])).toEqual([
      ['told', ['T'], ['X']],
      ['owed', ['X', 'T'], []],
      ['elsewhere too', [], ['X', 'T']],
      ['to nobody', [], []],
      ['over', [], ['X']],
    ]);
  });
});

describe('sight', () => {
  test('an alert that the scan looked at goes on; one that has passed before it fired is gone', () => {
    const look = { scanId: 's2', at: '2026-11-21T12:00:00Z' };
    const pending = { status: 'pending' as const, seen: 1 };
    const { alerts } = sight(
      workOf([alertOf('fails', pending), alertOf('passes', pending), alertOf('not looked at', pending)]),
      inputOf({
        routing: { ...defaultRouting, fireAfter: 2 },
        sightings: new Map([
          ['fails', { verdict: 'fails', ...look }],
          ['passes', { verdict: 'passes', ...look }],
        ]),
      }),
    );
    expect(alerts.map(({ status }) => status)).toEqual(['firing', 'pending']);
  });
});

describe('takeUp', () => {
  const event = alertEvent({ scanId: 's1', clusterId: 'c' });

  test('an outbox is taken up once, however often it is seen', () => {
    const first = takeUp(workOf([]), inputOf({ events: [event] }));
    expect(first.events).toEqual([event]);
    const again = takeUp(first, inputOf({ events: [event, { ...event, scanId: 's2' }] }));
    expect(again.events.map(({ scanId }) => scanId)).toEqual(['s2']);
    expect(again.processed).toHaveLength(2);
  });

  test('nobody’s outboxes are forgotten because others have many', () => {
    let work = takeUp(workOf([]), inputOf({ events: [event] }));
    for (let scan = 0; scan < 100; scan++)
      work = takeUp(work, inputOf({ events: [{ ...event, clusterId: 'other', scanId: `s${scan}` }] }));
    expect(takeUp(work, inputOf({ events: [event] })).events).toBe(work.events);
    expect(work.processed.length).toBeLessThan(50);
  });

  test.each([
    ['the first rules are not new ones', undefined, [event], false, '2'],
    ['other rules than before are, with the events they bring', '1', [event], true, '2'],
    ['and wait for the events', '1', [], false, '1'],
    ['the same rules are not', '2', [event], false, '2'],
  ])('%s', (_name, before, events, newRules, catalogue) => {
    const work = workOf([], before === undefined ? {} : { catalogue: before });
    expect(takeUp(work, inputOf({ events, catalogue: '2' }))).toMatchObject({ newRules, catalogue });
  });
});

describe('happen', () => {
  test('an event makes an alert that is owed to its conversations; an inhibited one is owed to nobody', () => {
    const { alerts } = happen(
      workOf([], {
        events: [alertEvent({ rule: 'a' })],
        inhibited: [alertEvent({ rule: 'b', kind: 'visibility-lost' })],
      }),
      inputOf({ routing: { ...defaultRouting, visibilityAfter: 1 } }),
    );
    expect(alerts.map(({ event, status, owed }) => [event.kind, status, owed])).toEqual([
      ['new-failure', 'firing', ['T']],
      ['visibility-lost', 'firing', []],
    ]);
  });

  test('with a cluster that is gone everything that lasts on it ends', () => {
    const gone = alertEvent({ kind: 'cluster-gone', clusterId: 'c' });
    const other = alertOf('other', {}, { clusterId: 'd' });
    const pending = alertOf('pending', { status: 'pending' });
    const { alerts } = happen(workOf([alertOf('here'), pending, other], { events: [gone] }), inputOf());
    expect(statuses(alerts).slice(0, 2)).toEqual(['here resolved', 'other firing']);
    expect(alerts.slice(2)).toMatchObject([{ type: 'change', event: gone }]);
  });

  test('the alerts it was given stay as they were', () => {
    const before = Object.freeze([Object.freeze(alertOf('here'))]);
    happen(workOf(before, { events: [alertEvent({ kind: 'cluster-gone', clusterId: 'c' })] }), inputOf());
    expect(statuses(before)).toEqual(['here firing']);
  });
});

describe('watchSelf', () => {
  test('a conversation that cannot be reached is told once', () => {
    const targets = [{ key: 'T' }, { key: 'X', name: 'platform', failed: 'Teams answered 403' }];
    const first = watchSelf(workOf([]), inputOf({ targets }));
    expect(first.alerts).toMatchObject([
      { type: 'change', owed: ['T', 'X'], event: { title: 'Bulkhead can no longer post to platform' } },
    ]);
    expect(watchSelf(first, inputOf({ targets })).alerts).toHaveLength(1);
    expect(watchSelf(first, inputOf()).failures).toEqual([]);
  });

  test('scans that stop are an alert that lasts until they go on', () => {
    const overdue = 'Scans have stopped: the last one finished 130 minutes ago.';
    const stopped = watchSelf(workOf([alertOf('other')]), inputOf({ overdue }));
    expect(stopped.alerts).toMatchObject([{ id: 'other' }, { type: 'state', status: 'firing', owed: ['T'] }]);
    expect(watchSelf(stopped, inputOf({ overdue })).alerts).toEqual(stopped.alerts);
    const running = watchSelf(stopped, inputOf());
    expect(running.alerts).toMatchObject([{ status: 'firing' }, { status: 'resolved' }]);
    expect(watchSelf(running, inputOf()).alerts).toEqual(running.alerts);
    expect(watchSelf(running, inputOf({ overdue })).alerts[1]).toMatchObject({ status: 'firing', owed: ['T'] });
  });
});

describe('endUnwatched', () => {
  const work = workOf([
    alertOf('in the fleet'),
    alertOf('left the fleet', {}, { clusterId: 'd' }),
    alertOf('subscription', {}, { clusterId: '' }),
    alertOf('subscription left', {}, { clusterId: '', subscriptionId: 'other' }),
    alertOf('about us', {}, { clusterId: '', subscriptionId: '' }),
    alertOf('happened', { type: 'change' }, { clusterId: 'd' }),
    alertOf('waits', { status: 'pending' }, { clusterId: 'd' }),
  ]);

  test('what left the fleet is over', () => {
    expect(statuses(endUnwatched(work, inputOf({ fleet: fleetOfIds('c') })).alerts)).toEqual([
      'in the fleet firing',
      'left the fleet resolved',
      'subscription firing',
      'subscription left resolved',
      'about us firing',
      'happened firing',
      'waits pending',
    ]);
  });

  test('before the first scan nobody knows', () => {
    expect(endUnwatched(work, inputOf())).toBe(work);
  });
});

describe('calm', () => {
  const turns = ['2026-11-20T11:00:00Z', '2026-11-20T11:30:00Z', '2026-11-21T10:00:00Z'];
  test.each<[string, Partial<Alert>, Partial<Alert>]>([
    ['old turns are forgotten', { turns }, { turns: [turns[2]!], owed: [] }],
    [
      'one turn left is calm, and told as it stands',
      { turns, flapping: true, told: onCard('T') },
      { flapping: false, owed: ['T'] },
    ],
    [
      'what is owed since before is still owed',
      { turns, flapping: true, told: onCard('T'), owed: ['U'] },
      { flapping: false, owed: ['U', 'T'] },
    ],
    [
      'when it is over nothing is left to tell',
      { turns, flapping: true, told: onCard('T'), status: 'resolved' },
      { flapping: false, owed: [] },
    ],
    ['two turns left are not calm', { turns: [...turns, '2026-11-21T11:00:00Z'], flapping: true }, { flapping: true }],
  ])('%s', (_name, before, after) => {
    expect(calm(workOf([alertOf('a', before)]), inputOf()).alerts).toMatchObject([after]);
  });
});

describe('keepWorst', () => {
  const many = Array.from({ length: MAX_ALERTS }, (_, i) => alertOf(`${i}`, {}, { severity: 'medium' }));

  test('as many as the state holds are kept', () => {
    const work = workOf([...many, alertOf('spent', { type: 'change' })]);
    expect(keepWorst(work, inputOf())).toBe(work);
  });

  test('beyond that the least severe are forgotten, and counted', () => {
    const work = workOf([alertOf('low', {}, { severity: 'low' }), ...many, alertOf('high')], { dropped: 3 });
    const { alerts, dropped } = keepWorst(work, inputOf());
    const said = alerts.filter(({ event }) => event.kind === 'alerts-forgotten');
    expect([alerts.length - said.length, dropped]).toEqual([MAX_ALERTS, 5]);
    expect(alerts[0]!.id).toBe('high');
    expect(alerts.some(({ id }) => id === 'low')).toBe(false);
    expect(said.map(({ event, owed }) => [event.title, owed])).toEqual([
      ['Bulkhead forgot 2 alerts: there are more than 50000', ['T']],
    ]);
  });

  test('a cluster with far too many costs no other cluster an alert', () => {
    const others = Array.from({ length: 100 }, (_, i) =>
      alertOf(`o${i}`, {}, { clusterId: `o${i % 50}`, severity: 'low' }),
    );
    const { alerts } = keepWorst(workOf([...many, ...others]), inputOf());
    const kept = Map.groupBy(alerts, ({ event }) => event.clusterId === 'c');
    expect(kept.get(true)).toHaveLength(MAX_ALERTS - others.length);
    expect(kept.get(false)).toEqual(expect.arrayContaining(others));
  });
});
