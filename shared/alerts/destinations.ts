// Destinations: the Teams conversations that subscribed, with what is needed to post there later.
import { encodeKey } from '../model/keys.ts';
import type { ConversationAddress, Row, StoredRow, Table } from '../ports.ts';

export interface Destination {
  readonly key: string;
  readonly address: ConversationAddress;
  /** Who subscribed it, for people to read. */
  readonly by: string;
  readonly since: string;
  /** Why nothing can be posted there any more; it stays listed until somebody subscribes it again or forgets it. */
  readonly failed?: string;
}

const PARTITION = 'destination';

const toRow = ({ key, address, by, since, failed }: Destination): Row => ({
  partitionKey: PARTITION,
  rowKey: key,
  schema: 1,
  address: JSON.stringify(address),
  by,
  since,
  failed,
});

const toDestination = (row: StoredRow): Destination => ({
  key: row.rowKey,
  address: JSON.parse(row['address'] as string) as ConversationAddress,
  by: row['by'] as string,
  since: row['since'] as string,
  ...(row['failed'] === undefined ? {} : { failed: row['failed'] as string }),
});

/** Subscribes a conversation. Subscribing again refreshes its address, which Teams may change. */
export async function subscribe(
  table: Table,
  address: ConversationAddress,
  by: string,
  now: Date,
): Promise<'subscribed' | 'already'> {
  const key = encodeKey(address.conversationId);
  const before = await table.get(PARTITION, key);
  const active = before !== undefined && before['failed'] === undefined;
  const since = active ? (before['since'] as string) : now.toISOString();
  await table.upsert(toRow({ key, address, by: active ? (before['by'] as string) : by, since }));
  return active ? 'already' : 'subscribed';
}

/** Ends a subscription, asked for or because the bot was removed. */
export async function unsubscribe(table: Table, conversationId: string): Promise<'unsubscribed' | 'not-subscribed'> {
  return (await table.delete(PARTITION, encodeKey(conversationId))) === 'deleted' ? 'unsubscribed' : 'not-subscribed';
}

/** Every subscribed conversation, those that failed included, in a fixed order. */
export async function listDestinations(table: Table): Promise<readonly Destination[]> {
  const found: Destination[] = [];
  for await (const page of table.pages({ partition: PARTITION }))
    for (const row of page) found.push(toDestination(row));
  return found;
}

/** Marks a destination that can never be posted to again. */
export async function markFailed(table: Table, destination: Destination, why: string): Promise<void> {
  await table.upsert(toRow({ ...destination, failed: why }));
}
