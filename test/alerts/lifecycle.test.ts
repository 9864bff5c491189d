// The life of alerts: when they fire, when they are resolved, when nobody wants to hear of them any more.
import { describe, expect, test } from 'vitest';
import { play, routingOf } from '../support/alert-play.ts';

describe('firing and resolving', () => {
  test('a failure is told once, and its card says when it is resolved', () => {
    const p = play();
    expect(p.scan([p.event('new-failure', 'a')])).toEqual(['T: new-failure a firing']);
    p.later(30);
    expect(p.scan()).toEqual([]);
    p.later(30);
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
    expect(p.tend()).toEqual([]);
  });

  test('a failure that was there before anybody listened is told when it is resolved', () => {
    const p = play();
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T: resolved a']);
  });

  test('with fireAfter 3 a failure fires in the third scan that sees it, not when a scan cannot tell', () => {
    const p = play({ routing: routingOf('fireAfter: 3') });
    expect(p.scan([p.event('new-failure', 'a')])).toEqual([]);
    expect(p.scan([], { a: 'fails' })).toEqual([]);
    expect(p.scan()).toEqual([]);
    expect(p.alert('a')).toMatchObject({ status: 'pending', seen: 2 });
    expect(p.scan([], { a: 'fails' })).toEqual(['T: new-failure a firing']);
  });

  test('what passes before it fires is never told, neither as failing nor as resolved', () => {
    const p = play({ routing: routingOf('fireAfter: 2') });
    expect(p.scan([p.event('new-failure', 'a')])).toEqual([]);
    expect(p.scan([p.event('resolved', 'a')])).toEqual([]);
    expect(p.state.alerts).toEqual([]);
  });

  test('with resolveAfter 2 one pass is not enough, and a failure in between starts the count again', () => {
    const p = play({ routing: routingOf('resolveAfter: 2') });
    p.scan([p.event('new-failure', 'a')]);
    expect(p.scan([p.event('resolved', 'a')])).toEqual([]);
    expect(p.scan([p.event('new-failure', 'a')])).toEqual([]);
    expect(p.scan([p.event('resolved', 'a')])).toEqual([]);
    expect(p.scan([], { a: 'passes' })).toEqual(['T update: resolved']);
  });

  test('a failure that comes back and has yet to fire leaves the card of before as it is', () => {
    const p = play({ routing: routingOf('fireAfter: 2') });
    p.scan([p.event('new-failure', 'a')]);
    expect(p.scan([], { a: 'fails' })).toEqual(['T: new-failure a firing']);
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
    expect(p.scan([p.event('new-failure', 'a')])).toEqual([]);
    expect(p.scan([], { a: 'fails' })).toEqual(['T: new-failure a firing']);
  });

  test('the same scan counts once, however often it is taken up', () => {
    const p = play({ routing: routingOf('fireAfter: 2') });
    const event = p.event('new-failure', 'a');
    p.scan([event]);
    expect(p.scan([event])).toEqual([]);
    expect(p.alert('a')).toMatchObject({ status: 'pending', seen: 1 });
  });

  test('a failure that becomes worse is told again, and its acknowledgement is void', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a', { severity: 'low' })]);
    p.ack('Robin');
    expect(p.tend()).toEqual(['T update: acknowledged']);
    expect(p.scan([p.event('new-failure', 'a', { severity: 'high' })])).toEqual([
      'T: new-failure a firing',
      'T update: repeated',
    ]);
    expect(p.alert('a')?.ack).toBeUndefined();
  });

  test('everything about a cluster that is gone is over, and the cluster itself is told', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    expect(p.scan([p.event('cluster-gone', 'a', { severity: 'medium' })])).toEqual([
      'T: cluster-gone a',
      'T update: resolved',
    ]);
  });

  test('what left the estate without a word, because it is no longer scanned, is over too', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.clusters = ['b', 'c'];
    expect(p.scan()).toEqual(['T update: resolved']);
  });

  test('an exemption that ends fires like a failure', () => {
    const p = play();
    expect(p.scan([p.event('exemption-expired', 'a')])).toEqual(['T: exemption-expired a firing']);
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
  });
});

describe('sight', () => {
  test('lost sight is an alert after two scans without, and a card that follows when it is back', () => {
    const p = play();
    expect(p.scan([p.event('visibility-lost', 'a', { severity: 'medium' })])).toEqual([]);
    expect(p.scan([], { a: 'fails' })).toEqual(['T: visibility-lost a firing']);
    expect(p.scan([p.event('visibility-regained', 'a', { severity: 'info' })])).toEqual(['T update: resolved']);
  });

  test('sight that is back in the next scan was never worth a word', () => {
    const p = play();
    expect(p.scan([p.event('visibility-lost', 'a')])).toEqual([]);
    expect(p.scan([p.event('visibility-regained', 'a')])).toEqual([]);
  });

  test('a lost subscription explains the clusters in it', () => {
    const p = play();
    const lost = (): string[] =>
      p.scan([
        p.event('subscription-lost', '', { clusterId: '', clusterName: '' }),
        p.event('visibility-lost', 'a'),
        p.event('visibility-lost', 'b'),
      ]);
    expect(lost()).toEqual([]);
    expect(p.scan([], { '': 'fails', a: 'fails', b: 'fails' })).toEqual(['T: subscription-lost firing']);
    expect(
      p.scan([
        p.event('subscription-regained', '', { clusterId: '', clusterName: '' }),
        p.event('visibility-regained', 'a'),
        p.event('visibility-regained', 'b'),
      ]),
    ).toEqual(['T update: resolved']);
  });
});

describe('flapping', () => {
  const turns = (p: ReturnType<typeof play>, count: number): string[] => {
    const told: string[] = [];
    for (let i = 0; i < count; i++) {
      told.push(...p.scan([p.event(i % 2 === 0 ? 'new-failure' : 'resolved', 'a')]));
      p.later(30);
    }
    return told;
  };

  test('the fourth turn within a day is the last that is told: the card says that it is flapping', () => {
    expect(turns(play(), 8)).toEqual([
      'T: new-failure a firing',
      'T update: resolved',
      'T: new-failure a firing',
      'T update: flapping',
    ]);
  });

  test('four turns spread over days are four things to tell', () => {
    const p = play();
    const told: string[] = [];
    for (const kind of ['new-failure', 'resolved', 'new-failure', 'resolved'] as const) {
      told.push(...p.scan([p.event(kind, 'a')]));
      p.later(26 * 60);
      p.tend();
    }
    expect(told.filter((line) => line.includes('flapping'))).toEqual([]);
    expect(told).toHaveLength(4);
  });

  test('what has calmed down while failing is told as it stands', () => {
    const p = play();
    turns(p, 5);
    p.later(25 * 60);
    expect(p.tend()).toEqual(['T: new-failure a firing', 'T update: repeated']);
  });

  test('what flapped under a silence and still fails is told when both are over', () => {
    const silence = {
      id: 's1',
      matchers: ['cluster=a'],
      startsAt: '2026-11-21T09:00:00Z',
      endsAt: '2026-11-21T13:00:00Z',
      createdBy: 'Robin',
      comment: 'a move',
    };
    const p = play({ silences: [silence] });
    expect(turns(p, 5)).toEqual([]);
    p.later(25 * 60);
    expect(p.tend()).toEqual(['T: new-failure a firing']);
  });

  test('a conversation that joined meanwhile hears of it once, although others know that it is flapping', () => {
    const p = play();
    turns(p, 4);
    p.targets = [...p.targets, { key: 'U' }];
    expect(turns(p, 4)).toEqual(['U: new-failure a flapping']);
  });

  test('what has calmed down while passing is resolved, and forgotten', () => {
    const p = play();
    turns(p, 6);
    p.later(25 * 60);
    expect(p.tend()).toEqual(['T update: resolved']);
    p.tend();
    expect(p.state.alerts).toEqual([]);
  });
});

describe('repeating', () => {
  test('high is told again after a day, medium after three, low never, and once each time', () => {
    const p = play();
    p.scan([
      p.event('new-failure', 'a', { severity: 'high' }),
      p.event('new-failure', 'b', { severity: 'medium' }),
      p.event('new-failure', 'c', { severity: 'low' }),
    ]);
    const told: string[] = [];
    for (let hour = 1; hour <= 73; hour++) {
      p.later(60);
      for (const line of p.tend()) if (!line.includes('update')) told.push(`${hour} h ${line}`);
    }
    expect(told).toEqual([
      '24 h T: again new-failure a firing',
      '48 h T: again new-failure a firing',
      '72 h T: again new-failure a firing; new-failure b firing',
    ]);
  });

  test('an acknowledged alert is not told again until it changes', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.ack('Robin');
    expect(p.tend()).toEqual(['T update: acknowledged']);
    p.later(100 * 60);
    expect(p.tend()).toEqual([]);
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
    p.later(24 * 60);
    expect(p.scan([p.event('new-failure', 'a')])).toEqual(['T: new-failure a firing']);
  });

  test('the card of before says that it was told again', () => {
    const p = play();
    p.scan([p.event('new-failure', 'a')]);
    p.later(24 * 60);
    expect(p.tend()).toEqual(['T: again new-failure a firing', 'T update: repeated']);
    expect(p.scan([p.event('resolved', 'a')])).toEqual(['T update: resolved']);
  });
});
