// Destinations: the Teams conversations that subscribed, with what is needed to post there later.
import { z } from 'zod';
import { encodeKey } from '../model/keys.ts';
import type { ConversationAddress, Row, StoredRow, Table } from '../ports.ts';
import type { RowOf } from '../store/row-kind.ts';
import { columnKind, json } from '../store/row-kind.ts';
import { rowsOf } from '../store/rows.ts';

const PARTITION = 'destination';

const destinationRow = columnKind(
  'Chat',
  z.object({
    address: json<ConversationAddress>(),
    /** Who subscribed it, for people to read. */
    by: z.string(),
    since: z.string(),
    /** The name by which routes refer to it. */
    name: z.string().exactOptional(),
    /** Why nothing can be posted there any more; it stays listed until somebody subscribes it again or unsubscribes it. */
    failed: z.string().exactOptional(),
  }),
);
export interface Destination extends RowOf<typeof destinationRow> {
  readonly key: string;
}
const toRow = (destination: Destination): Row => ({
  partitionKey: PARTITION,
  rowKey: destination.key,
  ...destinationRow.write(destination),
});
const toDestination = (row: StoredRow): Destination => ({ key: row.rowKey, ...destinationRow.read(row) });

/**
 * Subscribes a conversation. Subscribing again refreshes its address, which Teams may change.
 * @param name by which routes are to refer to it; without one, it keeps the name it has
 */
export async function subscribe(
  table: Table,
  { address, by, name }: { readonly address: ConversationAddress; readonly by: string; readonly name?: string },
  now: Date,
): Promise<'subscribed' | 'already'> {
  const key = encodeKey(address.conversationId);
  const row = await table.get(PARTITION, key);
  const before = row && toDestination(row);
  const active = before !== undefined && before.failed === undefined;
  const known = name ?? before?.name;
  const since = active ? before.since : now.toISOString();
  await table.upsert(
    toRow({ key, address, by: active ? before.by : by, since, ...(known === undefined ? {} : { name: known }) }),
  );
  return active && (name === undefined || name === before.name) ? 'already' : 'subscribed';
}

/** Ends a subscription, because somebody asked for it or because the bot was removed. */
export async function unsubscribe(table: Table, conversationId: string): Promise<'unsubscribed' | 'not-subscribed'> {
  return (await table.delete(PARTITION, encodeKey(conversationId))) === 'deleted' ? 'unsubscribed' : 'not-subscribed';
}

/** Every subscribed conversation, including those that failed, in a fixed order. */
export async function listDestinations(table: Table): Promise<readonly Destination[]> {
  const found: Destination[] = [];
  for await (const row of rowsOf(table, { partition: PARTITION })) found.push(toDestination(row));
  return found;
}

/** Marks a destination that can never be posted to again, unless somebody has subscribed or unsubscribed it since it was read. */
export async function markFailed(table: Table, destination: Destination, why: string): Promise<void> {
  const row = await table.get(PARTITION, destination.key);
  const now = row && toDestination(row);
  if (!row || !now || now.failed !== undefined) return;
  if (now.since !== destination.since || JSON.stringify(now.address) !== JSON.stringify(destination.address)) return;
  await table.replace(toRow({ ...now, failed: why }), row.etag);
}
