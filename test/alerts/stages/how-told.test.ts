// The stages that turn what is due into cards, each alone.
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../shared/alerts/alert.ts';
import { defaultRouting } from '../../../shared/alerts/routing.ts';
import { digest } from '../../../shared/alerts/stages/digest.ts';
import { forget } from '../../../shared/alerts/stages/forget.ts';
import { findDue } from '../../../shared/alerts/stages/find-due.ts';
import { post } from '../../../shared/alerts/stages/post.ts';
import { MOST_CARDS } from '../../../shared/alerts/stages/stage.ts';
import { update } from '../../../shared/alerts/stages/update.ts';
import { alertOf, dueOf, inputOf, workOf } from '../../support/alert-stage.ts';
import { fleetOf } from '../../support/fleet.ts';

const on = (card: string, as: Alert['told'][string]['as'] = 'firing') => ({ T: { card, as } });

describe('post', () => {
  test('one card for each destination, kind and group, what is new before what is told again, worst first', () => {
    const [low, high] = [alertOf('low', { owed: ['T', 'U'] }, { severity: 'low' }), alertOf('high', { owed: ['T'] })];
    const { cards, alerts } = post(
      workOf([low, high], {
        dues: [
          dueOf(low, { destination: 'U' }),
          dueOf(low, { kind: 'repeat' }),
          dueOf(low, { group: 'b' }),
          dueOf(high, { group: 'b' }),
          dueOf(high, { kind: 'storm', group: 'a' }),
        ],
      }),
      inputOf(),
    );
    expect(
      cards.map((card) => [
        card.destination,
        card.kind,
        card.kind === 'digest' ? [] : card.items.map((i) => i.alertId),
      ]),
    ).toEqual([
      ['T', 'storm', ['high']],
      ['T', 'alerts', ['high', 'low']],
      ['T', 'repeat', ['low']],
      ['U', 'alerts', ['low']],
    ]);
    expect(alerts.map(({ owed, toldAt }) => [owed, toldAt])).toEqual([
      [[], '2026-11-21T12:00:00.000Z'],
      [[], '2026-11-21T12:00:00.000Z'],
    ]);
  });

  test('the card of before says that it is told again, unless it was resolved then', () => {
    const alerts = [alertOf('again', { told: on('old') }), alertOf('back', { told: on('older', 'resolved') })];
    const after = post(workOf(alerts, { dues: alerts.map((alert) => dueOf(alert)) }), inputOf());
    const [card] = after.cards;
    const anew = { ...on(card!.id)['T']!, at: '2026-11-21T12:00:00.000Z' };
    expect(after.alerts.map(({ told }) => told)).toEqual([{ T: { ...anew, before: ['old'] } }, { T: anew }]);
    const { alerts: followed, updates } = update(after, inputOf());
    expect(updates.map(({ card: id, items }) => [id, items.map(({ alertId, shown }) => [alertId, shown])])).toEqual([
      ['old', [['again', 'repeated']]],
    ]);
    expect(followed.map(({ told }) => told)).toEqual([{ T: anew }, { T: anew }]);
  });

  test('what is told again, and does not fit now, is told again to the others next', () => {
    const given = inputOf({ targets: [{ key: 'T' }, { key: 'U' }] });
    const old = '2026-11-10T12:00:00.000Z';
    const told = { T: { ...on('t')['T']!, at: old }, U: { ...on('u')['T']!, at: old } };
    let work = workOf(Array.from({ length: MOST_CARDS }, (_, i) => alertOf(`${i}`, { told, toldAt: old })));
    const again: string[] = [];
    for (let step = 0; step < 4; step++) {
      const { dues, ...due } = findDue(workOf(work.alerts), given);
      const posted = post({ ...due, dues: dues.map((one) => ({ ...one, group: one.alert.id })) }, given);
      again.push(
        ...posted.cards.flatMap((card) =>
          card.kind === 'repeat' ? card.items.map(({ alertId }) => `${card.destination} ${alertId}`) : [],
        ),
      );
      work = update(posted, given);
    }
    expect(again).toHaveLength(2 * MOST_CARDS);
    expect(new Set(again).size).toBe(2 * MOST_CARDS);
  });

  test('an older card for which there is no room now says later that its alert was told again', () => {
    const alerts = Array.from({ length: MOST_CARDS }, (_, i) => alertOf(`${i}`, { told: on(`old ${i}`) }));
    const dues = alerts.map((alert) => dueOf(alert, { group: alert.id }));
    const full = update(post(workOf(alerts, { dues }), inputOf()), inputOf());
    expect([full.cards.length, full.updates.length, full.more]).toEqual([MOST_CARDS, 0, true]);
    const next = update(workOf(full.alerts), inputOf());
    expect(next.updates.map(({ card }) => card).toSorted()).toEqual(alerts.map(({ id }) => `old ${id}`).toSorted());
    expect(next.updates.flatMap(({ items }) => items).every(({ shown }) => shown === 'repeated')).toBe(true);
    expect(next.more).toBe(false);
  });

  test('what does not fit one transaction stays owed', () => {
    const alerts = Array.from({ length: MOST_CARDS + 2 }, (_, i) => alertOf(`${i}`, { owed: ['T'] }));
    const after = post(workOf(alerts, { dues: alerts.map((alert) => dueOf(alert, { group: alert.id })) }), inputOf());
    expect([after.cards.length, after.more]).toEqual([MOST_CARDS, true]);
    expect(after.alerts.filter(({ owed }) => owed.length > 0)).toHaveLength(2);
  });
});

describe('update', () => {
  test('a card is brought up to date once, with all that it says wrongly', () => {
    const after = update(
      workOf([
        alertOf('over', { status: 'resolved', told: on('card') }),
        alertOf('right', { told: on('card') }),
        alertOf('happened', { type: 'change', told: on('card', 'happened') }),
        alertOf('again', { told: { T: { ...on('newer')['T']!, before: ['card'] } } }),
      ]),
      inputOf(),
    );
    expect(
      after.updates.map(({ card, items }) => [card, items.map(({ alertId, shown }) => `${alertId} ${shown}`)]),
    ).toEqual([['card', ['over resolved', 'again repeated']]]);
    expect(after.alerts.map(({ told }) => told['T']?.as)).toEqual(['resolved', 'firing', 'happened', 'firing']);
  });

  test('what does not fit beside the new cards stands there as before, and is left for the next step', () => {
    const many = Array.from({ length: MOST_CARDS }, (_, i) =>
      alertOf(`${i}`, { status: 'resolved', told: on(`card ${String(i).padStart(2, '0')}`) }),
    );
    const posted = post(workOf([], { dues: [dueOf(alertOf('new'))] }), inputOf());
    const after = update({ ...posted, alerts: many }, inputOf());
    expect([after.updates.length, after.more]).toEqual([MOST_CARDS - 1, true]);
    expect(after.alerts.filter(({ told }) => told['T']?.as === 'firing').map(({ id }) => id)).toEqual(['34']);
  });
});

describe('digest', () => {
  const routing = {
    ...defaultRouting,
    digest: { every: 'day' as const, weekday: 'mon' as const, at: 9 * 60, zone: 'UTC', to: ['*'] },
  };
  const content = { summary: fleetOf([]).summary, trend: [], changes: [] };
  const given = inputOf({ routing, digest: content, targets: [{ key: 'T' }, { key: 'U' }] });
  const yesterday = { date: '2026-11-20', told: ['T', 'U'] };

  test('goes to everybody who has not got it, with what nobody acknowledged', () => {
    const acknowledged = alertOf('a', { ack: { by: 'Robin', at: '' } });
    const open = [alertOf('low', {}, { severity: 'low' }), alertOf('high'), acknowledged];
    const after = digest(workOf(open, { digest: yesterday }), given);
    expect(
      after.cards.map((card) => [
        card.destination,
        card.kind === 'digest' && card.unacknowledged.map((i) => i.alertId),
      ]),
    ).toEqual([
      ['T', ['high', 'low']],
      ['U', ['high', 'low']],
    ]);
    expect(after.digest).toEqual({ date: '2026-11-21', told: ['T', 'U'] });
    expect(digest(after, given)).toBe(after);
  });

  test('an hour that was past when digests were switched on is not made up for', () => {
    const after = digest(workOf([]), given);
    expect([after.cards, after.digest?.date]).toEqual([[], '2026-11-21']);
  });

  test('whoever does not fit gets it in the next step', () => {
    const others = post(
      workOf([], { dues: Array.from({ length: MOST_CARDS - 1 }, (_, i) => dueOf(alertOf(`${i}`), { group: `${i}` })) }),
      inputOf(),
    );
    const after = digest({ ...others, digest: yesterday }, given);
    expect([after.cards.length, after.more, after.digest?.told]).toEqual([MOST_CARDS, true, ['T']]);
  });
});

describe('forget', () => {
  test.each<[string, Partial<Alert>, boolean]>([
    ['a change that was told', { type: 'change' }, true],
    ['a change that is owed', { type: 'change', owed: ['T'] }, false],
    ['what fires', {}, false],
    ['what is over and nowhere shown otherwise', { status: 'resolved', told: on('card', 'resolved') }, true],
    ['what is over and shown as firing', { status: 'resolved', told: on('card') }, false],
    ['what turned of late', { status: 'resolved', turns: ['2026-11-21T11:00:00Z'] }, false],
    ['what flaps', { status: 'resolved', flapping: true }, false],
  ])('%s: %s', (_name, more, forgotten) => {
    expect(forget(workOf([alertOf('a', more)]), inputOf()).alerts).toHaveLength(forgotten ? 0 : 1);
  });
});
