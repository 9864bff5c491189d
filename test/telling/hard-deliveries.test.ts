// Deliveries that go wrong: rows that cannot be read, cards that Teams refuses, clocks that differ, processes that die. Nobody behind them
// waits for ever, and no card is doubled but where a process died between a post and its record.
import { beforeEach, describe, expect, test } from 'vitest';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import type { Card } from '../../shared/alerts/card.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import type { CardMessage, ConversationAddress, SendOutcome, Tables } from '../../shared/ports.ts';
import { CARD, NOTIFICATION, POSTED, alertRows } from '../../shared/telling/alert-rows.ts';
import type { DeliverContext } from '../../shared/telling/deliver.ts';
import { deliver } from '../../shared/telling/deliver.ts';
import { listDestinations, subscribe, tryAgain } from '../../shared/telling/destinations.ts';
import type { DispatchContext } from '../../shared/telling/dispatch.ts';
import { dispatch, tend } from '../../shared/telling/dispatch.ts';
import { listSetAside } from '../../shared/telling/set-aside.ts';
import { readState } from '../../shared/telling/state-store.ts';
import { tellAnew } from '../../shared/telling/tell-anew.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { tablesThrough } from '../support/through.ts';

const fleet = fleetOf([fleetCluster('shop')]);
const [cluster] = fleet.clusters;

let tables: Tables;
let now: number;
let errors: string[];
/** Queue messages on their way: when each arrives. */
let messages: number[];
let posts: { readonly to: string; readonly items: readonly string[]; readonly more: number }[];
let puts: string[];
let answer: (card: Shown) => SendOutcome | undefined;

interface Shown {
  readonly items: readonly string[];
  readonly more: number;
}
const render = (card: Card): CardMessage => {
  const items = card.kind === 'digest' ? [] : card.items.map(({ event }) => `${event.subject} ${event.detail}`.trim());
  return { summary: JSON.stringify({ items, more: card.more } satisfies Shown), card: {} };
};
const shownBy = (message: CardMessage): Shown => JSON.parse(message.summary) as Shown;

/** One worker; its tables are its own clients of the same storage. */
function worker(
  given: { readonly tables?: Tables; readonly aheadMs?: number; readonly post?: () => Promise<void> } = {},
): DeliverContext & DispatchContext {
  const own = given.tables ?? tablesThrough((_what, run) => run(), tables);
  const self: DeliverContext & DispatchContext = {
    tables: own,
    alerts: own.Alerts,
    chat: own.Chat,
    results: own.Results,
    clock: { now: () => new Date(now + (given.aheadMs ?? 0)) },
    log: { info: () => undefined, warn: () => undefined, error: (message) => void errors.push(message) },
    random: () => 0.5,
    queue: { send: async (_queue, _body, options) => void messages.push(now + (options?.delaySeconds ?? 0) * 1000) },
    render,
    tellAnew: (card, destination) => tellAnew(self, card, destination),
    send: {
      post: async (to: ConversationAddress, message) => {
        await given.post?.();
        const refused = answer(shownBy(message));
        if (refused) return refused;
        posts.push({ to: to.conversationId, ...shownBy(message) });
        return { status: 'sent', activityId: `a${posts.length}` };
      },
      update: async (_to, activityId) => {
        puts.push(activityId);
        return { status: 'sent', activityId };
      },
    },
    routing: async () => defaultRouting,
    fleet: async () => fleet,
    overdue: async () => undefined,
    catalogue: '1',
  };
  return self;
}

const failure = (subject: string, scanId: string, more: Partial<DriftEvent> = {}): DriftEvent => ({
  id: `${scanId}|${subject}`,
  kind: 'new-failure',
  rule: 'default-deny-ingress',
  subject,
  scanId,
  at: new Date(now).toISOString(),
  subscriptionId: cluster!.subscriptionId,
  clusterId: cluster!.id,
  clusterName: 'shop',
  resourceGroup: 'rg',
  tags: {},
  severity: 'high',
  title: subject,
  detail: '',
  ...more,
});
const close = (scanId: string, ...events: readonly DriftEvent[]): Promise<void> =>
  dispatch(worker(), scanId, { events, remove: async () => undefined }, fleet);
const join = (conversationId: string) =>
  subscribe(
    tables.Chat,
    { address: { conversationId, serviceUrl: 's', tenantId: 't', kind: 'channel', reference: '{}' }, by: 'Robin' },
    new Date(now),
  );
async function waiting(): Promise<number> {
  let count = 0;
  for await (const _row of alertRows(tables.Alerts, NOTIFICATION)) count++;
  return count;
}
async function cardRows(prefix = CARD) {
  const rows = [];
  for await (const row of alertRows(tables.Alerts, prefix)) rows.push(row);
  return rows;
}
const aCard = 'A card could not be posted within the last day and never will be: the log says why.';
const subjectsPosted = (): readonly string[] => posts.flatMap(({ items }) => items);

beforeEach(async () => {
  tables = memoryTables();
  now = Date.parse('2026-11-21T10:00:00Z');
  errors = [];
  messages = [];
  posts = [];
  puts = [];
  answer = () => undefined;
  await join('T');
});

describe('a card row that cannot be read', () => {
  const damage = async (): Promise<void> => {
    for (const { partitionKey, rowKey } of await cardRows())
      await tables.Alerts.upsert({
        partitionKey,
        rowKey,
        schema: 1,
        at: '',
        version: 1,
        body0: new Uint8Array([9, 9]),
      });
  };

  test('is set aside and said, what lasts is told by another card, and who waits behind it is told', async () => {
    await close('s1', failure('a', 's1'));
    await damage();
    now += 1_000;
    await close('s2', failure('b', 's2'));
    await deliver(worker());
    expect(subjectsPosted()).toEqual(['b']);
    now += 1_000;
    await tend(worker());
    await deliver(worker());
    expect(subjectsPosted()).toEqual(['b', 'a']);
    expect(await waiting()).toBe(0);
    expect(errors).toEqual(['notification set aside']);
    expect(await listSetAside(tables.Alerts, new Date(now))).toEqual([aCard]);
    expect(await listSetAside(tables.Alerts, new Date(now + 2 * 86_400_000))).toEqual([]);
  });

  test('keeps nothing from being told when it should be brought up to date', async () => {
    await close('s1', failure('a', 's1'));
    await deliver(worker());
    await damage();
    now += 1_000;
    await close('s2', failure('a', 's2', { kind: 'resolved' }), failure('b', 's2'));
    await deliver(worker());
    expect(subjectsPosted()).toEqual(['a', 'b']);
    expect(await waiting()).toBe(0);
  });
});

test('a notification that cannot be read is set aside, and its alerts are told by another card', async () => {
  await close('s1', failure('a', 's1'));
  for (const { partitionKey, rowKey, card, destination } of await cardRows(NOTIFICATION))
    await tables.Alerts.upsert({ partitionKey, rowKey, card, destination });
  await deliver(worker());
  now += 1_000;
  await tend(worker());
  await deliver(worker());
  expect(subjectsPosted()).toEqual(['a']);
  expect([await waiting(), await listSetAside(tables.Alerts, new Date(now))]).toEqual([0, [aCard]]);
});

test('other rows that cannot be read keep nobody from being told', async () => {
  const damaged = { schema: 1, body0: new Uint8Array([9, 9]) };
  await tables.Chat.upsert({ partitionKey: 'destination', rowKey: 'damaged', by: 'Robin' });
  await tables.Alerts.upsert({ partitionKey: 'silence', rowKey: 'damaged', ...damaged });
  await tables.Results.upsert({ partitionKey: cluster!.key, rowKey: 'latest', ...damaged });
  await close('s1', failure('a', 's1'));
  now += 120_000;
  await tend(worker());
  await deliver(worker());
  expect(subjectsPosted()).toEqual(['a']);
  expect(errors).toEqual(['conversation cannot be read']);
  expect(await join('damaged')).toBe('subscribed');
  await tryAgain(tables.Chat);
  expect((await listDestinations(tables.Chat)).map(({ address }) => address.conversationId)).toEqual(['T', 'damaged']);
});

describe('messages that wake delivery', () => {
  test('do not multiply while a conversation cannot be posted to, whoever looks', async () => {
    answer = () => ({ status: 'retry', message: '503' });
    await close('s1', failure('a', 's1'));
    const workers = [worker(), worker(), worker()];
    let most = 0;
    for (const end = now + 3 * 3_600_000; now < end; now += 10_000) {
      const arrived = messages.filter((at) => at <= now).length;
      messages = messages.filter((at) => at > now);
      for (let one = 0; one < arrived; one++) await deliver(workers[one % 3]!);
      if (now % 300_000 === 0) for (const each of workers) await deliver(each);
      most = Math.max(most, messages.length);
    }
    expect(most).toBeLessThanOrEqual(2);
  });

  test('come when they are needed earlier than the one on its way', async () => {
    answer = () => ({ status: 'retry', message: '429', afterSeconds: 200 });
    await close('s1', failure('a', 's1'));
    messages = [];
    await deliver(worker());
    expect(messages).toEqual([now + 200_000]);
    await join('U');
    now += 1_000;
    answer = () => ({ status: 'retry', message: '429', afterSeconds: 20 });
    await close('s2', failure('b', 's2'));
    messages = [];
    await deliver(worker());
    expect(messages).toEqual([now + 20_000]);
  });
});

describe('no card is doubled', () => {
  test('by a process that dies at any call, but for the one that records the post', async () => {
    for (let dies = 1, died = true; died; dies++) {
      tables = memoryTables();
      await join('T');
      await close('s1', failure('a', 's1'));
      posts = [];
      died = false;
      let calls = 0;
      let recording = false;
      const dying = tablesThrough((what, run) => {
        if (++calls < dies) return run();
        if (calls === dies) recording = what.startsWith(`Alerts.upsert alerts/${POSTED}`);
        died = true;
        return Promise.reject(new Error('died'));
      }, tables);
      await deliver(worker({ tables: dying })).catch(() => undefined);
      const other = worker();
      for (let look = 0; look < 3; look++, now += 121_000) await deliver(other);
      expect(posts.length).toBe(recording ? 2 : 1);
      expect(await waiting()).toBe(0);
    }
  });

  test.each([121_000, 3 * 3_600_000])('by a worker whose clock is %i ms ahead', async (aheadMs) => {
    await close('s1', failure('a', 's1'));
    const ahead = worker({ aheadMs });
    await deliver(worker({ post: async () => void (await deliver(ahead)) }));
    await deliver(ahead);
    expect(subjectsPosted()).toEqual(['a']);
  });

  test('and a claim of a process that died is taken over by who has seen it for two minutes', async () => {
    await close('s1', failure('a', 's1'));
    await expect(deliver(worker({ post: () => Promise.reject(new Error('died')) }))).rejects.toThrow('died');
    const other = worker();
    await deliver(other);
    now += 119_000;
    await deliver(other);
    expect(posts).toEqual([]);
    now += 1_000;
    await deliver(other);
    expect(subjectsPosted()).toEqual(['a']);
  });
});

describe('a card that Teams refuses', () => {
  const round = async (): Promise<void> => {
    for (let turn = 0; turn < 12; turn++, now += 11_000) await deliver(worker());
  };

  test('is posted with fewer alerts, the rest counted, and its alerts stand on it', async () => {
    answer = ({ items }) => (items.length > 3 ? { status: 'refused', message: 'Teams answered 413' } : undefined);
    await close('s1', ...Array.from({ length: 20 }, (_, i) => failure(`ns-${i}`, 's1')));
    await round();
    expect(posts.map(({ items, more }) => [items.length, more])).toEqual([[2, 18]]);
    expect(await listSetAside(tables.Alerts, new Date(now))).toEqual([]);
    expect(await waiting()).toBe(0);
  });

  test('is posted in fewer words, when it is of one alert', async () => {
    answer = ({ items }) =>
      items.join().length > 20 ? { status: 'refused', message: 'Teams answered 413' } : undefined;
    await close('s1', failure('a', 's1', { detail: 'a very long detail, indeed' }));
    await round();
    expect(subjectsPosted()).toEqual(['a']);
  });

  test('whatever is in it is set aside and said, and holds nobody up', async () => {
    answer = ({ items }) => (items.includes('a') ? { status: 'refused', message: 'Teams answered 400' } : undefined);
    await close('s1', failure('a', 's1'));
    now += 1_000;
    await close('s2', failure('b', 's2'));
    await round();
    expect(subjectsPosted()).toEqual(['b']);
    expect([errors, await listSetAside(tables.Alerts, new Date(now))]).toEqual([['notification set aside'], [aCard]]);
  });
});

describe('a conversation is held up no longer than an hour', () => {
  test('whatever Teams asks for', async () => {
    answer = () => ({ status: 'retry', message: '429', afterSeconds: 1e9 });
    await close('s1', failure('a', 's1'));
    await deliver(worker());
    answer = () => undefined;
    now += 3_599_000;
    await deliver(worker());
    expect(posts).toEqual([]);
    now += 1_000;
    await deliver(worker());
    expect(subjectsPosted()).toEqual(['a']);
  });

  test('by a worker whose clock was far ahead when it postponed', async () => {
    answer = () => ({ status: 'retry', message: '503' });
    await close('s1', failure('a', 's1'));
    await deliver(worker({ aheadMs: 10 * 3_600_000 }));
    answer = () => undefined;
    await deliver(worker());
    expect(subjectsPosted()).toEqual(['a']);
  });

  test('by one that counted its posts there', async () => {
    for (let scan = 0; scan < 5; scan++, now += 1_000) await close(`s${scan}`, failure(`${scan}`, `s${scan}`));
    await deliver(worker({ aheadMs: 10 * 3_600_000 }));
    now += 60_000;
    await deliver(worker());
    expect(subjectsPosted()).toHaveLength(5);
  });
});

test('where Teams gives no id, nothing is updated: the card is posted again', async () => {
  const nameless = worker();
  const post = async (to: ConversationAddress, message: CardMessage): Promise<SendOutcome> => {
    posts.push({ to: to.conversationId, ...shownBy(message) });
    return { status: 'sent', activityId: '' };
  };
  await close('s1', failure('a', 's1'));
  await deliver({ ...nameless, send: { ...nameless.send, post } });
  now += 1_000;
  await close('s2', failure('a', 's2', { kind: 'resolved' }));
  await deliver(nameless);
  expect([puts, posts.length, await waiting()]).toEqual([[], 2, 0]);
  const { state } = await readState(tables.Alerts);
  expect(state.alerts.map(({ told }) => Object.values(told).map(({ as }) => as))).toEqual([['resolved']]);
});
