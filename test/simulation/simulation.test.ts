// The simulation itself: every invariant holds on many seeds, the same seed is the same run, and a broken port is noticed.
import { describe, expect, test } from 'vitest';
import type { Silence } from '../../shared/alerts/alert-service.ts';
import type { CardMessage, StoredRow, Table, TableName, Tables } from '../../shared/ports.ts';
import { packBody } from '../../shared/store/body.ts';
import { runs } from '../support/runs.ts';
import { bodyOf } from './invariants/invariant.ts';
import type { Ports } from './product.ts';
import type { Outcome } from './simulate.ts';
import { simulate } from './simulate.ts';

const SEEDS = runs(200);
/** Other seeds each time: what breaks an invariant on one of them says which. */
const FIRST = Math.floor(Math.random() * 1_000_000_000);
const HOURS = 2;
/** A broken port that nobody notices on so many seeds is not noticed: always the same seeds, because on others it may take longer. */
const ENOUGH = 200;

/** @returns the first of some seeds on which a sabotaged port breaks an invariant; undefined when nobody notices */
async function firstBroken(sabotage: (ports: Ports) => Partial<Ports>): Promise<Outcome | undefined> {
  for (let seed = 1; seed <= ENOUGH; seed++) {
    const outcome = await simulate({ seed, hours: 4, sabotage });
    if (outcome.broken.length > 0) return outcome;
  }
  return undefined;
}

const every = (tables: Tables, change: (table: Table) => Partial<Table>): Tables =>
  Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, { ...table, ...change(table) }])) as Record<
    TableName,
    Table
  >;

const withoutEnd = (row: StoredRow): StoredRow => ({
  ...row,
  ...packBody({ ...bodyOf<Silence>(row), endsAt: '2099-01-01T00:00:00.000Z' }),
});

const playedDown = (card: CardMessage['card']): CardMessage['card'] =>
  JSON.parse(JSON.stringify(card).replaceAll(/"(high|medium) · firing/g, '"low · firing')) as CardMessage['card'];

test('every invariant holds on any seed', async () => {
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { broken, lastLines } = await simulate({ seed, hours: HOURS });
    expect(broken, `seed ${seed}, ${HOURS} hours\n${lastLines.join('\n')}`).toEqual([]);
  }
});

test('the same seed is the same run to the last line, another seed is another', async () => {
  const [first, again, other] = [await one(7), await one(7), await one(8)];
  expect(again).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
});

const one = (seed: number): Promise<Outcome> => simulate({ seed, hours: HOURS });

describe('a broken port is noticed:', () => {
  test.each<[string, (ports: Ports) => Partial<Ports>, RegExp]>([
    [
      'a queue that loses every message of the auditor',
      ({ queue }) => ({
        queue: { send: async (name, ...rest) => (name === 'audit' ? undefined : queue.send(name, ...rest)) },
      }),
      /lost|complete|shown as/,
    ],
    [
      'tables that replace rows whatever their etag',
      ({ tables }) => ({
        tables: every(tables, (table) => ({
          replace: async (row) => {
            await table.upsert(row);
            return 'replaced';
          },
          transact: (partition, changes) =>
            table.transact(
              partition,
              changes.map((change) => (change.kind === 'replace' ? { kind: 'upsert', row: change.row } : change)),
            ),
        })),
      }),
      /./,
    ],
    [
      'notifications that are sent and never struck off',
      ({ tables }) => ({
        tables: {
          ...tables,
          Alerts: {
            ...tables.Alerts,
            delete: async (partition, row, etag) =>
              row.startsWith('n~') ? 'deleted' : tables.Alerts.delete(partition, row, etag),
          },
        },
      }),
      /never delivered|times, it happened/,
    ],
    [
      'Teams that takes no card and says it did',
      ({ chat }) => ({ chat: { ...chat, post: async () => ({ status: 'sent', activityId: 'none' }) } }),
      /never told|otherwise than it stands|is not told that/,
    ],
    [
      'silences that never end',
      ({ tables }) => ({
        tables: {
          ...tables,
          Alerts: {
            ...tables.Alerts,
            pages: async function* (range) {
              for await (const page of tables.Alerts.pages(range))
                yield range.partition === 'silence' ? page.map(withoutEnd) : page;
            },
          },
        },
      }),
      /is not told that|has no card/,
    ],
    [
      'Teams that leaves every card as it was and says that it changed',
      ({ chat }) => ({ chat: { ...chat, update: async (_to, activityId) => ({ status: 'sent', activityId }) } }),
      /still shows|otherwise than it stands/,
    ],
    [
      'cards that play down what fails',
      ({ chat }) => ({
        chat: { ...chat, post: (to, { summary, card }) => chat.post(to, { summary, card: playedDown(card) }) },
      }),
      /the API says/,
    ],
    [
      'an estate that calls gone whatever a list leaves out',
      ({ estate }) => ({ estate: { ...estate, cluster: async () => 'gone' } }),
      /as gone/,
    ],
    [
      'results that forget their drift',
      ({ tables }) => ({
        tables: {
          ...tables,
          Results: {
            ...tables.Results,
            transact: (partition, changes) =>
              tables.Results.transact(
                partition,
                changes.filter((change) => change.kind === 'delete' || !/^[do]~/.test(change.row.rowKey)),
              ),
          },
        },
      }),
      /drift is/,
    ],
    [
      'an outbox that loses what is in it',
      ({ tables }) => ({
        tables: {
          ...tables,
          Results: {
            ...tables.Results,
            pages: (range) =>
              range.rowFrom === 'o~' ? tables.Results.pages({ ...range, limit: 0 }) : tables.Results.pages(range),
          },
        },
      }),
      /never told|is not told that|the drift log has no|its alert is/,
    ],
  ])('%s', async (_what, sabotage, words) => {
    const outcome = await firstBroken(sabotage);
    expect(outcome?.broken.join('\n')).toMatch(words);
  });
});
