// Commands that change something: who may, what is answered to good and bad input.
import { describe, expect, test, vi } from 'vitest';
import type { AlertService } from '../../shared/alerts/alert-service.ts';
import type { BotServices } from '../../shared/teams/bot-services.ts';
import { commands } from '../../shared/teams/commands/index.ts';
import { alertEvent, alertView, clusterEvent } from '../support/alerts.ts';
import { busyServices, pays, quietAlerts, robin, say, shop } from '../support/bot-services.ts';

describe('operators', () => {
  const acting = commands.filter(({ operators }) => operators !== undefined);

  test('what changes state for others needs one', () => {
    expect(acting.map(({ name, operatorsIn }) => [name, operatorsIn ?? 'everywhere'])).toEqual([
      ['subscribe', 'channel'],
      ['unsubscribe', 'channel'],
      ['ack', 'everywhere'],
      ['unack', 'everywhere'],
      ['silence', 'everywhere'],
      ['unsilence', 'everywhere'],
      ['exempt', 'everywhere'],
      ['unexempt', 'everywhere'],
    ]);
  });

  test.each(acting)('$name of anybody else is answered with who may, and changes nothing', async ({ example }) => {
    const alerts = Object.fromEntries(
      Object.keys(quietAlerts).map((method) => [method, vi.fn<() => Promise<unknown>>()]),
    );
    const subscribe = vi.fn<BotServices['subscribe']>();
    const unsubscribe = vi.fn<BotServices['unsubscribe']>();
    const given = busyServices({ alerts: alerts as unknown as AlertService, subscribe, unsubscribe });
    const { texts } = await say(example, given, { id: 'kim-id', name: 'Kim' }, 'UTC', 'channel');
    expect(texts[0]).toMatch(/^Only operators may .*: nothing was changed$/);
    expect(texts.join()).toContain('BULKHEAD_OPERATORS');
    expect(texts.join()).toContain('The id of “Kim” is kim-id.');
    for (const method of [...Object.values(alerts), subscribe, unsubscribe]) expect(method).not.toHaveBeenCalled();
  });

  test('everybody may look', async () => {
    const { texts } = await say('alerts', busyServices(), { id: 'kim-id', name: 'Kim' });
    expect(texts[0]).toBe('No alert is open');
  });
});

describe('ack', () => {
  const acknowledge = vi.fn<AlertService['acknowledge']>();
  const given = busyServices({}, { acknowledge, alerts: async () => [alertView()] });

  test('names the alert and the person, and can be taken back', async () => {
    acknowledge.mockResolvedValueOnce('acknowledged');
    const { texts, buttons } = await say('ACK A1B2C3D4E5 on  it', given);
    expect(acknowledge).toHaveBeenLastCalledWith('a1b2c3d4e5', 'Robin', 'on it');
    expect(texts[0]).toBe(`“Robin” acknowledged: ${alertEvent().title}`);
    expect(texts).toContain('Comment: “on it”');
    expect(buttons).toEqual({ 'Take it back': 'unack a1b2c3d4e5' });
  });

  test('a name and a comment are quoted, and not at length', async () => {
    acknowledge.mockResolvedValueOnce('acknowledged');
    const { all } = await say(`ack a1b2c3d4e5 ${'x'.repeat(100)}`, given, { ...robin, name: '**R**'.repeat(20) });
    expect(all).toContain(`“${'**R**'.repeat(8).slice(0, -1)}…”`);
    expect(all).toContain(`“${'x'.repeat(39)}…”`);
  });

  test('says who was first', async () => {
    acknowledge.mockResolvedValueOnce('already');
    const ack = { by: 'Kim', at: '2026-11-21T09:00:00.000Z', comment: 'mine' };
    const { all } = await say(
      'ack a1b2c3d4e5',
      busyServices({}, { acknowledge, alerts: async () => [alertView({ ack })] }),
    );
    expect(all).toContain('acknowledged by Kim, 2026-11-21 09:00 UTC: “mine”');
  });

  test.each([
    ['ack', 'It does not say which alert'],
    ['unack', 'It does not say which alert'],
    ['unack a1b2c3d4e5 b1b2c3d4e5', '“b1b2c3d4e5” is too much'],
  ])('%s shows the form and what was not understood', async (message, problem) => {
    const { texts } = await say(message);
    expect(texts[0]).toContain('nothing was changed');
    expect(texts[1]).toContain(problem);
    expect(texts).toContainEqual(expect.stringMatching(/^(un)?ack ID\|SUBJECT/));
    expect(texts.at(-1)).toMatch(/^(un)?ack 3fa9c1/);
  });

  test.each([
    ['ack nosuch', 'There is no open alert “nosuch”'],
    ['ack **all** of it', 'There is no open alert “**all**”'],
    ['unack nosuch', 'There is no open alert “nosuch”'],
  ])('%s', async (message, expected) => {
    expect((await say(message)).texts[0]).toBe(expected);
  });

  test.each([
    ['done', '“Robin” took the acknowledgement back: web/open[NetworkPolicy] in shop admits everyone'],
    ['not-acknowledged', 'Nobody had acknowledged: web/open[NetworkPolicy] in shop admits everyone'],
  ] as const)('unack that is %s', async (outcome, expected) => {
    const { texts } = await say(
      'unack a1b2c3d4e5',
      busyServices({}, { unacknowledge: async () => outcome, alerts: async () => [alertView()] }),
    );
    expect(texts[0]).toContain(expected);
  });
});

describe('silences', () => {
  const silence = {
    id: '3fa9c1',
    matchers: ['cluster=shop'],
    startsAt: '2026-11-21T10:00:00.000Z',
    endsAt: '2026-11-21T13:10:00.000Z',
    createdBy: 'Kim',
    comment: 'we move',
  };

  test('one that is made says until when, what it mutes, and how to end it', async () => {
    const make = vi.fn<AlertService['silence']>(async () => silence);
    const elsewhere = alertView({ event: clusterEvent({ clusterName: 'pay', clusterId: '/pay' }) });
    const { texts, buttons } = await say(
      'silence cluster=shop for 3h because we move',
      busyServices({}, { silence: make, alerts: async () => [elsewhere, alertView()] }),
    );
    const endsAt = new Date('2026-11-21T13:10:00Z');
    expect(make).toHaveBeenCalledWith({ matchers: ['cluster=shop'], endsAt, comment: 'we move' }, 'Robin', undefined);
    expect(texts[0]).toBe('Silenced until 2026-11-21 13:10 UTC');
    expect(texts).toContain('It mutes 1 open alert now; history keeps everything.');
    expect(buttons).toMatchObject({ 'End this silence': 'unsilence 3fa9c1' });
  });

  test('one that was made by the same press of a button says who made it, and when', async () => {
    const make: AlertService['silence'] = async () => ({ ...silence, again: true });
    const { texts, buttons } = await say('silence cluster=shop for 3h because x', busyServices({}, { silence: make }));
    expect(texts[0]).toBe('Already silenced by “Kim” on 2026-11-21 10:00 UTC, until 2026-11-21 13:10 UTC');
    expect(buttons).toMatchObject({ 'End this silence': 'unsilence 3fa9c1' });
  });

  test.each([
    ['cluster=shop', 'It matches no open alert today; it mutes those that come until it ends.'],
    ['subject=nosuch', 'It matches no open alert today; it mutes those that come until it ends.'],
    [
      'cluster=shpo rule=no-alow-all',
      'It matches nothing today: nothing in the fleet matches cluster=shpo or rule=no-alow-all. Is it spelt right?',
    ],
    ['tag.team=red', 'It matches nothing today: nothing in the fleet matches tag.team=red. Is it spelt right?'],
  ])('one that mutes nothing now says so: %s', async (what, expected) => {
    const make: AlertService['silence'] = async ({ matchers }) => ({ ...silence, matchers });
    const { texts } = await say(`silence ${what} for 3h because x`, busyServices({}, { silence: make }));
    expect(texts).toContain(expected);
  });

  test('one about failures of the baseline says so', async () => {
    const services = busyServices(
      {},
      {
        silence: async () => silence,
        async *baseline() {
          yield alertView({ baseline: true });
        },
      },
    );
    const { texts } = await say('silence cluster=shop for 3h because x', services);
    expect(texts).toContain(
      'It is about failures of the baseline, which are posted nowhere; history keeps everything.',
    );
  });

  test('what is refused is shown with the form', async () => {
    const { texts } = await say(
      'silence colour=red for 3h because x',
      busyServices({}, { silence: async () => ({ problems: ['there is no colour'] }) }),
    );
    expect(texts).toEqual([
      expect.stringContaining('nothing was changed'),
      'there is no colour',
      'This is the form:',
      expect.stringMatching(/^silence FIELD=/),
      'For example:',
      expect.stringMatching(/^silence cluster=/),
    ]);
  });

  test('the list says what, how long still, who and why', async () => {
    const later = { ...silence, id: 'later', startsAt: '2026-11-22T10:00:00.000Z', endsAt: '2026-11-23T10:00:00.000Z' };
    const { texts, buttons } = await say('silences', busyServices({}, { silences: async () => [silence, later] }));
    expect(texts).toEqual([
      '2 silences in force or to come',
      'cluster=shop',
      'until 2026-11-21 13:10 UTC, for 3 hours more · 3fa9c1',
      'by “Kim”: “we move”',
      'cluster=shop',
      'from 2026-11-22 10:00 UTC until 2026-11-23 10:00 UTC · later',
      'by “Kim”: “we move”',
    ]);
    expect(buttons).toEqual({ 'End 3fa9c1': 'unsilence 3fa9c1', 'End later': 'unsilence later' });
  });

  test.each([
    ['silences', 'Nothing is silenced'],
    ['unsilence', 'I did not understand this “unsilence”: nothing was changed'],
    ['unsilence a b', 'I did not understand this “unsilence”: nothing was changed'],
    ['unsilence nosuch', 'There is no silence “nosuch” in force'],
  ])('%s', async (message, headline) => {
    expect((await say(message)).texts[0]).toBe(headline);
  });

  test.each([
    [{ by: 'Kim', insteadOf: silence.endsAt }, ', by “Kim”'],
    [undefined, ''],
  ])('one that has ended is not ended again: %o', async (ended, by) => {
    const unsilence = vi.fn<AlertService['unsilence']>();
    const endedSilences = async () => [{ ...silence, ...(ended ? { ended } : {}) }];
    const { texts } = await say('unsilence 3fa9c1', busyServices({}, { unsilence, endedSilences }));
    expect(texts[0]).toBe(`The silence “3fa9c1” has already ended: on 2026-11-21 13:10 UTC${by}`);
    expect(unsilence).not.toHaveBeenCalled();
  });

  test('one is ended', async () => {
    const { texts } = await say('unsilence 3fa9c1', busyServices({}, { unsilence: async () => 'ended' }));
    expect(texts[0]).toBe('“Robin” ended silence “3fa9c1”');
  });
});

describe('subscribe', () => {
  const kim = { id: 'kim-id', name: 'Kim' };

  test.each(['personal', 'groupChat'] as const)('whoever is in a chat may, and is named: %s', async (kind) => {
    const [subscribe, unsubscribe] = [vi.fn<BotServices['subscribe']>(), vi.fn<BotServices['unsubscribe']>()];
    subscribe.mockResolvedValue('subscribed');
    unsubscribe.mockResolvedValue('unsubscribed');
    const services = busyServices({ subscribe, unsubscribe });
    expect((await say('subscribe', services, kim, 'UTC', kind)).texts[0]).toBe(
      '“Kim” subscribed this conversation: drift alerts come here from now on',
    );
    expect(subscribe).toHaveBeenCalledWith(expect.objectContaining({ kind }), 'Kim', undefined);
    expect((await say('unsubscribe', services, kim, 'UTC', kind)).texts[0]).toBe(
      '“Kim” unsubscribed this conversation: no more drift alerts come here',
    );
    expect(unsubscribe).toHaveBeenCalledWith('here', 'Kim');
  });

  test('in a channel an operator may, and is named', async () => {
    const { texts } = await say('subscribe', busyServices(), robin, 'UTC', 'channel');
    expect(texts[0]).toBe('“Robin” subscribed this conversation: drift alerts come here from now on');
  });

  test('a second time says who was first, and when', async () => {
    const services = busyServices({
      subscribe: async () => 'already',
      subscription: async () => ({ by: 'Kim', since: '2026-11-20T08:00:00.000Z' }),
    });
    expect((await say('subscribe', services)).texts).toEqual([
      'This conversation already gets drift alerts',
      '“Kim” subscribed it on 2026-11-20 08:00 UTC.',
    ]);
  });

  test('says when there are as many as may be', async () => {
    const { texts } = await say('subscribe', busyServices({ subscribe: async () => 'full' }));
    expect(texts[0]).toBe('This conversation was not subscribed: as many as Bulkhead posts to are subscribed');
  });

  const unused =
    'The routing does not name “platfrom” today: this conversation gets what is meant for every conversation.';

  test.each([
    ['subscribe platform', false],
    ['subscribe', false],
    ['subscribe platfrom', true],
  ])('a name that no route uses is said: %s', async (message, said) => {
    for (const outcome of ['subscribed', 'already'] as const) {
      const { texts } = await say(message, busyServices({ subscribe: async () => outcome }));
      expect(texts.includes(unused)).toBe(said);
    }
  });
});

describe('exemptions', () => {
  const entry = {
    id: '77aa',
    cluster: shop.id,
    rule: 'no-allow-all',
    owner: 'Robin',
    reason: 'legacy',
    expires: '2026-12-31T23:59:59.999Z',
    createdBy: 'Robin',
    createdAt: '2026-11-21T10:10:00.000Z',
  };

  test('one that is made is of one cluster, owned by who asked', async () => {
    const make = vi.fn<AlertService['exempt']>(async () => entry);
    const { texts, buttons } = await say(
      'exempt sho no-allow-all until 2026-12-31 because legacy',
      busyServices({}, { exempt: make }),
    );
    const { cluster, rule, owner, reason, expires } = entry;
    expect(make).toHaveBeenCalledWith({ cluster, rule, owner, reason, expires }, 'Robin', undefined);
    expect(texts[0]).toBe('Exempt until 2026-12-31 23:59 UTC: no-allow-all on shop');
    expect(buttons).toMatchObject({ 'End this exemption': 'unexempt 77aa' });
  });

  test('a day ends where the person who writes is', async () => {
    const make = vi.fn<AlertService['exempt']>(async () => entry);
    const services = busyServices({}, { exempt: make });
    await say('exempt shop no-allow-all until 2026-12-31 because legacy', services, robin, 'Europe/Berlin');
    expect(make.mock.calls[0]![0].expires).toBe('2026-12-31T22:59:59.999Z');
  });

  test('a pattern is taken as it is', async () => {
    const make = vi.fn<AlertService['exempt']>(async () => entry);
    await say('exempt shop-* * until 2026-12-31 because x', busyServices({}, { exempt: make }));
    expect(make).toHaveBeenCalledWith(expect.objectContaining({ cluster: 'shop-*', rule: '*' }), 'Robin', undefined);
  });

  test('which of two clusters is asked, and the answer keeps the rest', async () => {
    const { texts, buttons } = await say('exempt pay no-allow-all until 2026-12-31 because legacy');
    expect(texts[0]).toBe('2 clusters are called something like “pay”');
    expect(Object.values(buttons)).toEqual(
      pays.map(({ key }) => `exempt ${key} no-allow-all until 2026-12-31 because legacy`),
    );
  });

  test('one that was made by the same press of a button says who made it, and when', async () => {
    const services = busyServices({}, { exempt: async () => ({ ...entry, again: true }) });
    const { texts } = await say('exempt shop no-allow-all until 2026-12-31 because legacy', services);
    expect(texts[0]).toBe('Already exempted by “Robin” on 2026-11-21 10:10 UTC: no-allow-all on shop');
  });

  test('one that has ended is not ended again', async () => {
    const unexempt = vi.fn<AlertService['unexempt']>();
    const ended = { by: 'Kim', insteadOf: entry.expires };
    const exemptions = async () => [{ ...entry, expires: '2026-11-21T09:00:00.000Z', ended }];
    const { texts } = await say('unexempt 77aa', busyServices({}, { unexempt, exemptions }));
    expect(texts[0]).toBe('The exemption “77aa” has already ended: on 2026-11-21 09:00 UTC, by “Kim”');
    expect(unexempt).not.toHaveBeenCalled();
  });

  test('the list leaves out what has ended, and says so', async () => {
    const ended = { ...entry, id: 'old', expires: '2026-11-01T00:00:00.000Z' };
    const { texts } = await say('exemptions', busyServices({}, { exemptions: async () => [entry, ended] }));
    expect(texts.slice(0, 4)).toEqual([
      '1 exemption in force',
      'no-allow-all on shop',
      'until 2026-12-31 23:59 UTC · 77aa',
      'owned by “Robin”: “legacy”',
    ]);
    expect(texts.at(-1)).toContain('1 more has ended');
  });

  test.each([
    ['exempt shop', 'I did not understand this “exempt”: nothing was changed'],
    ['exemptions', 'No exemption made in chat or over the API is in force'],
    ['unexempt', 'I did not understand this “unexempt”: nothing was changed'],
    ['unexempt nosuch', 'There is no exemption “nosuch” in force'],
  ])('%s', async (message, headline) => {
    expect((await say(message)).texts[0]).toBe(headline);
  });
});
