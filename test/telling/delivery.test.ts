// From outbox to chat: every event told once, whatever dies or refuses in between.
import { beforeEach, describe, expect, test } from 'vitest';
import { deliver } from '../../shared/telling/deliver.ts';
import {
  MOST_DESTINATIONS,
  findDestination,
  listDestinations,
  markFailed,
  revive,
  subscribe,
  tryAgain,
  unsubscribe,
} from '../../shared/telling/destinations.ts';
import { createAlertService } from '../../shared/telling/create-alert-service.ts';
import { dispatch, tend } from '../../shared/telling/dispatch.ts';
import { tellAnew } from '../../shared/telling/tell-anew.ts';
import { purgeCards } from '../../shared/telling/card-store.ts';
import { readState } from '../../shared/telling/state-store.ts';
import type { Card, CardItem } from '../../shared/alerts/card.ts';
import type { DispatchContext } from '../../shared/telling/dispatch.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import type { Fleet } from '../../shared/model/fleet.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import type { ConversationAddress, SendOutcome, Tables } from '../../shared/ports.ts';
import { emulatorTables } from '../support/emulator-tables.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { CARD, POSTED, alertRows } from '../../shared/telling/alert-rows.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const event = (id: string, more: Partial<DriftEvent> = {}): DriftEvent => ({
  id,
  kind: 'new-failure',
  rule: 'engine-enabled',
  subject: `namespace/${id}`,
  scanId: 's1',
  at: '2026-11-21T10:00:00.000Z',
  subscriptionId: 'sub',
  clusterId: 'c',
  clusterName: 'one',
  resourceGroup: 'rg',
  tags: {},
  severity: 'high',
  title: `event ${id}`,
  detail: '',
  ...more,
});
const address = (conversationId: string): ConversationAddress => ({
  conversationId,
  serviceUrl: 'https://smba.trafficmanager.net/teams',
  tenantId: 't',
  kind: 'personal',
  reference: '{}',
});

let tables: Tables;
let now: number;
let outcomes: SendOutcome[];
let sent: { to: string; ids: string[] }[];
let updated: { to: string; activityId: string; ids: string[] }[];
let delays: number[];

/** The alert's event id with what the card says of it. */
const itemsOf = (card: Card): string[] =>
  card.kind === 'digest'
    ? ['digest']
    : card.items.map(({ event: { id }, shown }: CardItem) =>
        shown === 'happened' || shown === 'firing' ? id : `${id} ${shown}`,
      );

const context = () => ({
  tables,
  alerts: tables.Alerts,
  chat: tables.Chat,
  results: tables.Results,
  tellAnew: (card: string, destination: string) => tellAnew(context(), card, destination),
  queue: {
    send: async (_queue: string, _message: unknown, options?: { delaySeconds?: number }) =>
      void delays.push(options?.delaySeconds ?? 0),
  },
  clock: { now: () => new Date(now) },
  log: quiet,
  random: () => 0.5,
  routing: async () => defaultRouting,
  fleet: async () => undefined,
  overdue: async () => undefined,
  catalogue: '1',
  render: (card: Card) => ({ summary: JSON.stringify(itemsOf(card)), card: {} }),
  send: {
    post: async (to: ConversationAddress, message: { summary: string }): Promise<SendOutcome> => {
      const outcome = outcomes.shift() ?? { status: 'sent', activityId: `a${sent.length}` };
      if (outcome.status === 'sent') sent.push({ to: to.conversationId, ids: JSON.parse(message.summary) as string[] });
      return outcome;
    },
    update: async (to: ConversationAddress, activityId: string, message: { summary: string }): Promise<SendOutcome> => {
      const outcome = outcomes.shift() ?? { status: 'sent', activityId };
      if (outcome.status === 'sent')
        updated.push({ to: to.conversationId, activityId, ids: JSON.parse(message.summary) as string[] });
      return outcome;
    },
  },
});

const fleet = {
  at: '2026-11-21T10:00:00.000Z',
  clusters: [{ id: 'c', engine: 'cilium' }],
  subscriptions: [{ id: 'sub', name: 'Shop', readable: true }],
} as unknown as Fleet;
const outbox = (events: readonly DriftEvent[], remove = async (): Promise<void> => undefined) => ({ events, remove });
const close = (scanId: string, given: ReturnType<typeof outbox>, ctx: DispatchContext = context()): Promise<void> =>
  dispatch(ctx, scanId, given, fleet);
const join = (id: string) => subscribe(tables.Chat, { address: address(id), by: 'Robin' }, new Date(now));

describe.each([
  ['memory', memoryTables],
  ['the emulator', emulatorTables],
] as const)('in %s', (_name, makeTables) => {
  beforeEach(() => {
    tables = makeTables();
    now = Date.parse('2026-11-21T10:00:00Z');
    outcomes = [];
    sent = [];
    updated = [];
    delays = [];
  });

  describe('subscribing', () => {
    test('is remembered once, and ends', async () => {
      expect([await join('a'), await join('a')]).toEqual(['subscribed', 'already']);
      expect(await listDestinations(tables.Chat)).toMatchObject([{ by: 'Robin', address: { conversationId: 'a' } }]);
      expect(await unsubscribe(tables.Chat, 'a')).toBe('unsubscribed');
      expect(await unsubscribe(tables.Chat, 'a')).toBe('not-subscribed');
    });

    test('is refused to one more than may be, and not to those that are', async () => {
      for (let i = 0; i < MOST_DESTINATIONS; i++) await join(`c${i}`);
      expect([await join('late'), await join('c7')]).toEqual(['full', 'already']);
      expect(await findDestination(tables.Chat, 'late')).toBeUndefined();
      await unsubscribe(tables.Chat, 'c3');
      expect(await join('late')).toBe('subscribed');
    });
  });

  describe('telling', () => {
    test('every subscriber gets one card with all events of a scan, worst first', async () => {
      await join('a');
      await join('b');
      await close('s1', outbox([event('1', { severity: 'low' }), event('2')]));
      await deliver(context());
      expect(sent).toEqual([
        { to: 'a', ids: ['2', '1'] },
        { to: 'b', ids: ['2', '1'] },
      ]);
    });

    test('an outbox that could not be emptied is not told again', async () => {
      await join('a');
      const stuck = outbox([event('1')], () => Promise.reject(new Error('died')));
      await expect(close('s1', stuck)).rejects.toThrow('died');
      await close('s2', outbox([event('1'), event('2', { scanId: 's2' })]));
      await deliver(context());
      expect(sent.flatMap(({ ids }) => ids)).toEqual(['1', '2']);
    });

    test('waking up when nothing happens writes nothing', async () => {
      await join('a');
      await close('s1', outbox([event('1'), event('2', { severity: 'low' })]));
      await deliver(context());
      await tend(context());
      let writes = 0;
      const transact: typeof tables.Alerts.transact = async (...given) => {
        writes++;
        return tables.Alerts.transact(...given);
      };
      const counted = { ...tables.Alerts, transact };
      await tend({ ...context(), tables: { ...tables, Alerts: counted } });
      expect(writes).toBe(0);
    });

    test('two dispatches at once tell each event once', async () => {
      await join('a');
      await Promise.all([close('s1', outbox([event('1')])), close('s1', outbox([event('1')]))]);
      await deliver(context());
      expect(sent).toHaveLength(1);
    });

    test('two deliveries at once send each card once', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      await Promise.all([deliver(context()), deliver(context())]);
      expect(sent).toHaveLength(1);
    });

    test('what nobody subscribed to is not kept for later subscribers', async () => {
      await close('s1', outbox([event('1')]));
      await join('a');
      await deliver(context());
      expect(sent).toEqual([]);
    });
  });

  describe('refusals', () => {
    test('a throttled send waits as long as Teams asks, and keeps its order', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      now += 1_000;
      await close('s2', outbox([event('2', { scanId: 's2' })]));
      outcomes.push({ status: 'retry', message: '429', afterSeconds: 60 });
      await deliver(context());
      expect(sent).toEqual([]);
      expect(delays.at(-1)).toBe(60);
      now += 59_000;
      await deliver(context());
      expect(sent).toEqual([]);
      now += 1_000;
      await deliver(context());
      expect(sent.map(({ ids }) => ids)).toEqual([['1'], ['2']]);
    });

    test('a conversation that is gone is marked, and the others still hear', async () => {
      await join('a');
      await join('b');
      await close('s1', outbox([event('1')]));
      const list = await listDestinations(tables.Chat);
      outcomes.push({ status: 'gone', message: '403' });
      await deliver(context());
      expect(sent).toHaveLength(1);
      const failed = (await listDestinations(tables.Chat)).filter((destination) => destination.failed !== undefined);
      expect(failed).toHaveLength(1);
      expect(list).toHaveLength(2);
      expect(await join(failed[0]!.address.conversationId)).toBe('subscribed');
    });

    describe('of a conversation', () => {
      const blocked = { status: 'gone', message: 'BotDisabledByAdmin' } as const;
      const failed = async () => (await listDestinations(tables.Chat)).filter((one) => one.failed !== undefined).length;
      const round = async (): Promise<void> => {
        if ((await deliver(context())) > 0) await tend(context());
        await deliver(context());
      };
      beforeEach(async () => {
        await join('a');
        await close('s1', outbox([event('1', { severity: 'low' })]));
        outcomes.push(blocked);
        await round();
        await close('s2', outbox([event('2', { scanId: 's2', severity: 'low' })]));
      });

      test('it is tried again once a day, and then hears of all that lasts', async () => {
        let tries = 0;
        const post = async () => (tries++, blocked);
        for (const end = now + 47 * 3_600_000; now < end; now += 1_800_000)
          await deliver({ ...context(), send: { ...context().send, post } });
        expect([tries, await failed(), sent]).toEqual([1, 1, []]);
        now += 3_600_000;
        await round();
        expect(await failed()).toBe(0);
        expect(sent).toEqual([
          { to: 'a', ids: ['1'] },
          { to: 'a', ids: ['2'] },
        ]);
      });

      test('it hears of all that lasts as soon as somebody writes there', async () => {
        expect(await revive(tables.Chat, 'a')).toBe(true);
        expect(await revive(tables.Chat, 'a')).toBe(false);
        expect(await revive(tables.Chat, 'nobody')).toBe(false);
        await tend(context());
        await round();
        expect(sent.map(({ ids }) => ids)).toEqual([['1'], ['2']]);
      });

      test('it is tried at once when somebody adds the app somewhere', async () => {
        await tryAgain(tables.Chat);
        await round();
        expect([await failed(), sent.map(({ ids }) => ids)]).toEqual([0, [['1'], ['2']]]);
      });

      test('what waits for it is kept however long it lasts', async () => {
        now += 400 * 86_400_000;
        await purgeCards(tables.Alerts, new Date(now - 86_400_000));
        await round();
        expect(sent.map(({ ids }) => ids)).toEqual([['1'], ['2']]);
      });

      test('whoever was revived while a refusal was on its way stays so', async () => {
        const [read] = await listDestinations(tables.Chat);
        await revive(tables.Chat, 'a');
        await markFailed(tables.Chat, read!, 'Teams answered 403', new Date(now));
        expect(await failed()).toBe(0);
      });
    });

    test('a process that dies while it sends leaves a claim that runs out', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      const dying = { ...context(), send: { ...context().send, post: () => Promise.reject(new Error('killed')) } };
      await expect(deliver(dying)).rejects.toThrow('killed');
      await deliver(context());
      expect(sent).toEqual([]);
      now += 121_000;
      await deliver(context());
      expect(sent).toHaveLength(1);
    });

    test('Teams may be down for most of a day; after a whole one the conversation is given up', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      const failedAfter = async (hours: number): Promise<boolean> => {
        outcomes = Array.from({ length: 1_000 }, () => ({ status: 'retry', message: '503' }));
        for (const end = now + hours * 3_600_000; now < end; now += 300_000) await deliver(context());
        return (await listDestinations(tables.Chat)).some(({ failed }) => failed !== undefined);
      };
      expect(await failedAfter(23)).toBe(false);
      expect(await failedAfter(2)).toBe(true);
    });

    test('whoever subscribes while a refusal is on its way stays subscribed', async () => {
      await join('a');
      const [read] = await listDestinations(tables.Chat);
      await unsubscribe(tables.Chat, 'a');
      now += 1_000;
      await join('a');
      await markFailed(tables.Chat, read!, 'Teams answered 403', new Date(now));
      const [still] = await listDestinations(tables.Chat);
      expect(still?.failed).toBeUndefined();
      await unsubscribe(tables.Chat, 'a');
      await markFailed(tables.Chat, still!, 'Teams answered 403', new Date(now));
      expect(await listDestinations(tables.Chat)).toEqual([]);
    });

    test('a conversation is not given up because our own processes died', async () => {
      await join('team');
      await close('s1', outbox([event('a')]));
      const dies = { ...context().send, post: () => Promise.reject(new Error('the process died')) };
      for (let death = 0; death < 20; death++) {
        await deliver({ ...context(), send: dies }).catch(() => undefined);
        now += 121_000;
      }
      outcomes = [{ status: 'retry', message: '503' }];
      await deliver(context());
      expect((await listDestinations(tables.Chat)).map(({ failed }) => failed)).toEqual([undefined]);
      now += 2_000;
      await deliver(context());
      expect(sent).toEqual([{ to: 'team', ids: ['a'] }]);
    });

    test('a notification that cannot be read is logged once and holds nobody up', async () => {
      await join('a');
      await tables.Alerts.insert({ partitionKey: 'alerts', rowKey: 'n~0', destination: 'a' });
      await close('s1', outbox([event('1')]));
      const errors: unknown[] = [];
      const log = {
        ...quiet,
        error: (message: string, fields: object = {}) => void errors.push({ message, ...fields }),
      };
      await deliver({ ...context(), log });
      await deliver({ ...context(), log });
      expect(sent).toEqual([{ to: 'a', ids: ['1'] }]);
      expect(errors).toEqual([
        { message: 'notification cannot be read', notification: 'n~0', error: expect.any(Error) as Error },
      ]);
    });

    test('a card that Teams will never take is dropped without blocking the next', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      now += 1_000;
      await close('s2', outbox([event('2', { scanId: 's2' })]));
      outcomes.push({ status: 'refused', message: '413' });
      await deliver(context());
      expect(sent).toMatchObject([{ ids: ['2'] }]);
    });
  });

  describe('cards that follow', () => {
    const resolved = (id: string) => event(id, { kind: 'resolved', scanId: 's2' });

    test('the card that told a failure says that it is resolved, in its place', async () => {
      await join('a');
      await close('s1', outbox([event('1'), event('2')]));
      await deliver(context());
      await close('s2', outbox([resolved('1')]));
      await deliver(context());
      expect(sent).toEqual([{ to: 'a', ids: ['1', '2'] }]);
      expect(updated).toEqual([{ to: 'a', activityId: 'a0', ids: ['1 resolved', '2'] }]);
    });

    test('where the card was deleted, it is posted anew', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      await deliver(context());
      await close('s2', outbox([resolved('1')]));
      outcomes.push({ status: 'gone', message: '404' });
      await deliver(context());
      expect(sent).toEqual([
        { to: 'a', ids: ['1'] },
        { to: 'a', ids: ['1 resolved'] },
      ]);
      expect(await listDestinations(tables.Chat)).toMatchObject([{ address: { conversationId: 'a' } }]);
    });

    test('what is resolved before its card could be posted is told by one card', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      outcomes.push({ status: 'retry', message: '503' });
      await deliver(context());
      await close('s2', outbox([resolved('1')]));
      now += 10_000;
      await deliver(context());
      expect(sent).toEqual([{ to: 'a', ids: ['1 resolved'] }]);
      expect(updated).toEqual([]);
    });

    test('a process that dies right after sending posts no second card when its mark was written', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      const dying = { ...tables.Alerts, delete: () => Promise.reject(new Error('killed')) };
      await expect(deliver({ ...context(), alerts: dying })).rejects.toThrow('killed');
      now += 121_000;
      await deliver(context());
      expect(sent).toHaveLength(1);
      expect(updated).toEqual([]);
    });

    test('a conversation that is gone is told to the others', async () => {
      await join('a');
      await join('b');
      await close('s1', outbox([event('1')]));
      outcomes.push({ status: 'gone', message: 'Teams answered 403' });
      expect(await deliver(context())).toBe(1);
      await tend(context());
      await deliver(context());
      expect(sent.map(({ to, ids }) => [to, ids.length])).toEqual([
        ['b', 1],
        ['b', 1],
      ]);
      expect(sent[1]!.ids[0]).toMatch(/^destination-failed/);
    });

    test('no conversation is posted to faster than Teams allows', async () => {
      await join('a');
      for (let scan = 1; scan <= 9; scan++) await close(`s${scan}`, outbox([event(`${scan}`, { scanId: `s${scan}` })]));
      const after: number[] = [];
      for (let second = 0; second <= 20; second += 5) {
        await deliver(context());
        after.push(sent.length);
        now += 5_000;
      }
      expect(after).toEqual([4, 4, 8, 8, 9]);
      expect(sent.map(({ ids }) => ids[0])).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    });
  });

  describe('people', () => {
    const service = () =>
      createAlertService({
        dispatch: context(),
        nonce: () => `n${now}`,
        exemptionMaxDays: 365,
        ruleIds: ['engine-enabled'],
        routingProblems: async () => [],
      });

    test('an acknowledgement is on the card, once, and may be taken back', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      await deliver(context());
      const [alert] = await service().alerts();
      expect(await service().acknowledge(alert!.id.toUpperCase(), 'Robin', 'on it')).toBe('acknowledged');
      expect(await service().acknowledge(alert!.id, 'Kim')).toBe('already');
      expect(await service().acknowledge('nothing', 'Kim')).toBe('unknown');
      await deliver(context());
      expect(await service().alerts()).toMatchObject([{ ack: { by: 'Robin', comment: 'on it' } }]);
      expect(await service().unacknowledge(alert!.id, 'Kim')).toBe('done');
      expect(await service().unacknowledge(alert!.id, 'Kim')).toBe('not-acknowledged');
      await deliver(context());
      expect(updated.map(({ ids }) => ids)).toEqual([['1 acknowledged'], ['1']]);
    });

    test('ten people who acknowledge at once all succeed', async () => {
      const ids = Array.from({ length: 10 }, (_, index) => String(index));
      await close('s1', outbox(ids.map((id) => event(id))));
      const alerts = await service().alerts();
      const answers = await Promise.all(alerts.map(({ id }) => service().acknowledge(id, 'Robin')));
      expect(answers).toEqual(ids.map(() => 'acknowledged'));
      expect((await service().alerts()).every(({ ack }) => ack?.by === 'Robin')).toBe(true);
    });

    test('a silence mutes at once, is listed with who made it, and its early end is told', async () => {
      await join('a');
      const made = await service().silence(
        { matchers: ['cluster=one'], endsAt: new Date(now + 3_600_000), comment: 'a move' },
        'Robin',
      );
      await close('s1', outbox([event('1')]));
      await deliver(context());
      expect(sent).toEqual([]);
      const id = 'id' in made ? made.id : '';
      expect(await service().silences()).toMatchObject([{ id, createdBy: 'Robin', comment: 'a move' }]);
      expect((await service().alerts())[0]!.suppressedBy[0]).toContain(`silence ${id} by Robin`);
      expect(await service().unsilence(id, 'Kim')).toBe('ended');
      for (const none of [id, '0', '/', '#?', '\u0000']) expect(await service().unsilence(none, 'Kim')).toBe('unknown');
      const ended = { by: 'Kim', insteadOf: new Date(now + 3_600_000).toISOString() };
      const evidence = { id, createdBy: 'Robin', endsAt: new Date(now).toISOString(), ended };
      expect(await service().endedSilences()).toMatchObject([evidence]);
      await deliver(context());
      expect(sent).toEqual([{ to: 'a', ids: ['1'] }]);
    });

    test('a posted card says that it is silenced, and no longer when the silence was ended', async () => {
      await join('a');
      await close('s1', outbox([event('1')]));
      await deliver(context());
      const endsAt = new Date(now + 3_600_000);
      const made = await service().silence({ matchers: ['cluster=one'], endsAt, comment: 'from the card' }, 'Robin');
      const id = 'id' in made ? made.id : '';
      expect((await service().alerts())[0]).toMatchObject({
        silence: { id, by: 'Robin', until: endsAt.toISOString() },
      });
      await deliver(context());
      await service().unsilence(id, 'Kim');
      await deliver(context());
      expect(updated.map(({ ids }) => ids)).toEqual([['1 silenced'], ['1']]);
    });

    test.each([
      ['no matcher', { matchers: [] }, 'matchers: at least one'],
      ['a matcher of an unknown field', { matchers: ['colour=red'] }, 'matchers: “colour=red”'],
      ['an end in the past', { endsAt: new Date(0) }, 'endsAt: is in the past'],
      ['an end that is not a moment', { endsAt: new Date(Number.NaN) }, 'endsAt: is not a moment'],
      ['a start that is not a moment', { startsAt: new Date(Number.NaN) }, 'startsAt: is not a moment'],
      [
        'an end before its start',
        { startsAt: new Date('2026-12-02'), endsAt: new Date('2026-12-01') },
        'endsAt: is before startsAt',
      ],
      ['an end beyond a year', { endsAt: new Date('2029-01-01') }, 'endsAt: is more than 366 days away'],
      ['no reason', { comment: ' ' }, 'comment: say why'],
    ])('a silence with %s is refused with words', async (_name, wrong, problem) => {
      const wanted = { matchers: ['cluster=one'], endsAt: new Date(now + 3_600_000), comment: 'a move', ...wrong };
      const refused = await service().silence(wanted, 'Robin');
      expect('problems' in refused && refused.problems.join('\n')).toContain(problem);
      expect(await service().silences()).toEqual([]);
    });

    test('an exemption is kept with who made it, and one of an unknown rule is refused', async () => {
      const wanted = {
        cluster: 'one',
        rule: 'engine-enabled',
        owner: 'ann',
        reason: 'a lab',
        expires: '2027-01-01T00:00:00Z',
      };
      const made = await service().exempt(wanted, 'Robin');
      expect(made).toMatchObject({ createdBy: 'Robin', owner: 'ann' });
      expect(await service().exempt({ ...wanted, rule: 'nothing' }, 'Robin')).toMatchObject({
        problems: [expect.stringContaining('nothing')],
      });
      expect(await service().exemptions()).toHaveLength(1);
      expect(await service().unexempt('id' in made ? made.id : '', 'Robin')).toBe('ended');
    });
  });

  test('a card is kept for as long as an alert stands on it, and then goes with its age', async () => {
    await join('a');
    await close('s1', outbox([event('1')]));
    await deliver(context());
    const cards = async (): Promise<number> => {
      let count = 0;
      for (const prefix of [CARD, POSTED]) for await (const _row of alertRows(tables.Alerts, prefix)) count++;
      return count;
    };
    const later = new Date(now + 100 * 86_400_000);
    await purgeCards(tables.Alerts, later);
    expect(await cards()).toBe(2);
    await close('s2', outbox([event('1', { kind: 'resolved', scanId: 's2' })]));
    await deliver(context());
    expect(updated).toHaveLength(1);
    now = later.getTime();
    await tend(context());
    await purgeCards(tables.Alerts, new Date(now));
    expect(await cards()).toBe(0);
  });

  test('thousands of alerts are kept and read again', async () => {
    await join('a');
    const many = Array.from({ length: 4_500 }, (_, i) => event(`${i}`.padStart(5, '0')));
    await close('s1', outbox(many));
    await close('s2', outbox([event('00003', { kind: 'resolved', scanId: 's2' })]));
    const { state } = await readState(tables.Alerts);
    expect(state.alerts).toHaveLength(4_500);
    expect(state.alerts.filter(({ status }) => status === 'resolved').map(({ event: { id } }) => id)).toEqual([
      '00003',
    ]);
  });
});
