// What the AKS resource provider gives only so often, kept for all instances: its answers, and who has the next turn to ask.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Cluster, ManagedNamespace } from '../model/cluster.ts';
import { clusterKey, encodeKey } from '../model/keys.ts';
import type { Wish } from '../model/turns.ts';
import { takeTurns } from '../model/turns.ts';
import type { ApiAddress, Rations, Table } from '../ports.ts';
import { BodyTooLargeError } from './body.ts';
import { bodyKind, columnKind, moment, withBody } from './row-kind.ts';
import { rowsOf } from './rows.ts';
import { storeRow, untilStored } from './until-stored.ts';

/** The calls whose answers are kept, and what they answer. */
export interface Answers {
  readonly address: ApiAddress;
  readonly namespaces: readonly ManagedNamespace[];
}
export const rationedCalls = ['address', 'namespaces'] as const satisfies readonly (keyof Answers)[];
export type RationedCall = (typeof rationedCalls)[number];

export interface Answered {
  readonly key: string;
  readonly call: RationedCall;
  readonly region: string;
  readonly at: Date;
  /** Of the answer: equal for equal answers. */
  readonly digest: string;
}

type Asked = Pick<Cluster, 'id' | 'subscriptionId' | 'location'>;

const answerRow = withBody(
  columnKind(
    'Fleet',
    z.object({ at: moment, key: z.string(), call: z.enum(rationedCalls), region: z.string(), digest: z.string() }),
  ),
  bodyKind('Fleet', z.object({ answer: z.unknown() })),
);
const answersPartition = (subscriptionId: string): string => `answer~${encodeKey(subscriptionId)}`;
const answerKeys = (id: string, subscriptionId: string, call: RationedCall) => ({
  partitionKey: answersPartition(subscriptionId),
  rowKey: `${clusterKey(id)}~${call}`,
});

/**
 * Keeps what Azure answered; what does not fit into a row is not kept, and asked for again.
 * @param kept the digest of an answer that is kept and not old: the same one need not be written again
 */
export async function keepAnswer<C extends RationedCall>(
  table: Table,
  cluster: Asked,
  call: C,
  answer: Answers[C],
  at: Date,
  kept?: string,
): Promise<void> {
  const { id, subscriptionId, location: region } = cluster;
  const digest = createHash('sha256').update(JSON.stringify(answer)).digest('hex').slice(0, 32);
  if (digest === kept) return;
  const columns = { at, key: clusterKey(id), call, region, digest };
  try {
    await table.upsert({ ...answerKeys(id, subscriptionId, call), ...answerRow.write({ ...columns, answer }) });
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    await forgetAnswer(table, cluster, call);
  }
}

/** @returns what Azure answered when it was asked last, and when that was */
export async function recallAnswer<C extends RationedCall>(
  table: Table,
  { id, subscriptionId }: Asked,
  call: C,
): Promise<{ readonly answer: Answers[C]; readonly at: Date } | undefined> {
  const { partitionKey, rowKey } = answerKeys(id, subscriptionId, call);
  const row = await table.get(partitionKey, rowKey);
  if (!row) return undefined;
  const { answer, at } = answerRow.read(row);
  // The key says which call it was.
  return { answer: answer as Answers[C], at };
}

async function forgetAnswer(table: Table, cluster: Asked, call: RationedCall): Promise<void> {
  const { partitionKey, rowKey } = answerKeys(cluster.id, cluster.subscriptionId, call);
  await table.delete(partitionKey, rowKey);
}

/** Forgets by the key of a cluster that is no more. */
export async function forgetAnswered(table: Table, subscriptionId: string, { key, call }: Answered): Promise<void> {
  await table.delete(answersPartition(subscriptionId), `${key}~${call}`);
}

/** What is known about the clusters of a subscription, without the answers themselves. */
export async function* listAnswered(table: Table, subscriptionId: string): AsyncGenerator<Answered> {
  const columns = ['at', 'key', 'call', 'region', 'digest'];
  for await (const row of rowsOf(table, { partition: answersPartition(subscriptionId), columns }))
    yield answerRow.columns.read(row);
}

const turnRow = columnKind('Fleet', z.object({ next: moment }));

/**
 * Reserves turns for calls about clusters of one subscription and region, in one write: whoever dies afterwards has used them up.
 * @returns when each wish has its turn; undefined where that would be too late
 * @throws when storage fails
 */
export async function reserveTurns(
  table: Table,
  { subscriptionId, location }: Pick<Asked, 'subscriptionId' | 'location'>,
  wishes: readonly Wish[],
  now: Date,
): Promise<readonly (Date | undefined)[]> {
  const keys = { partitionKey: `turn~${encodeKey(subscriptionId)}`, rowKey: encodeKey(location) || '-' };
  return untilStored(table, `the turns in ${subscriptionId} ${location}`, async () => {
    const row = await table.get(keys.partitionKey, keys.rowKey);
    const { starts, next } = takeTurns(row ? turnRow.read(row).next.getTime() : 0, now.getTime(), wishes);
    const granted = starts.map((start) => (start === undefined ? undefined : new Date(start)));
    if (granted.every((start) => start === undefined)) return granted;
    const outcome = await storeRow(table, { ...keys, ...turnRow.write({ next: new Date(next) }) }, row);
    return outcome === 'conflict' ? outcome : granted;
  });
}

/** @returns the port on a table */
export const createRations = (table: Table, now: () => Date): Rations => ({
  address: async (cluster) => {
    const found = await recallAnswer(table, cluster, 'address');
    return found && { ...found.answer, since: found.at };
  },
  keepAddress: (cluster, address) => keepAnswer(table, cluster, 'address', address, now()),
  forgetAddress: (cluster) => forgetAnswer(table, cluster, 'address'),
  turn: async (cluster, maxWaitMs) => {
    const at = now().getTime();
    const [start] = await reserveTurns(table, cluster, [{ calls: 1, until: at + maxWaitMs }], new Date(at));
    return start && start.getTime() - at;
  },
});
