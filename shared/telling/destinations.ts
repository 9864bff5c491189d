// Destinations: the Teams conversations that subscribed, with what is needed to post there later.
import { z } from 'zod';
import type { FailedDestination } from '../alerts/alert-service.ts';
import { encodeKey } from '../model/keys.ts';
import { ifReadable } from './if-readable.ts';
import type { ConversationAddress, Row, StoredRow, Table } from '../ports.ts';
import type { RowOf } from '../store/row-kind.ts';
import { columnKind, json, moment } from '../store/row-kind.ts';
import type { Unreadable } from '../store/rows.ts';
import { readEach, rowsOf } from '../store/rows.ts';

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
    /** Why nothing can be posted there. It stays subscribed, and is tried again: see `nextTry` and `revive`. */
    failed: z.string().exactOptional(),
    /** When that was tried last. */
    triedAt: moment.exactOptional(),
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

/** Each alert remembers where it was told: what it takes to keep and to tell alerts grows with the conversations. */
export const MOST_DESTINATIONS = 200;

/**
 * Subscribes a conversation. Subscribing again refreshes its address, which Teams may change.
 * @param name by which routes are to refer to it; without one, it keeps the name it has
 * @returns `full` when as many conversations as may be are subscribed; some that subscribe at one moment may still get in
 */
export async function subscribe(
  table: Table,
  { address, by, name }: { readonly address: ConversationAddress; readonly by: string; readonly name?: string },
  now: Date,
): Promise<'subscribed' | 'already' | 'full'> {
  const key = encodeKey(address.conversationId);
  // One that cannot be read is replaced.
  const before = await ifReadable(findDestination(table, address.conversationId));
  if (!before && (await isFull(table))) return 'full';
  const active = before !== undefined && before.failed === undefined;
  const known = name ?? before?.name;
  const since = active ? before.since : now.toISOString();
  await table.upsert(
    toRow({ key, address, by: active ? before.by : by, since, ...(known === undefined ? {} : { name: known }) }),
  );
  return active && (name === undefined || name === before.name) ? 'already' : 'subscribed';
}

async function isFull(table: Table): Promise<boolean> {
  let count = 0;
  for await (const _row of rowsOf(table, { partition: PARTITION, columns: [], limit: MOST_DESTINATIONS })) count++;
  return count >= MOST_DESTINATIONS;
}

/** @returns the subscription of a conversation; undefined when it has none */
export async function findDestination(table: Table, conversationId: string): Promise<Destination | undefined> {
  const row = await table.get(PARTITION, encodeKey(conversationId));
  return row && toDestination(row);
}

/** Ends a subscription, because somebody asked for it or because the bot was removed. */
export async function unsubscribe(table: Table, conversationId: string): Promise<'unsubscribed' | 'not-subscribed'> {
  return (await table.delete(PARTITION, encodeKey(conversationId))) === 'deleted' ? 'unsubscribed' : 'not-subscribed';
}

/**
 * Every subscribed conversation, including those that failed, in a fixed order.
 * @param unreadable is told of a row that cannot be read: its conversation hears nothing until somebody subscribes it again
 */
export async function listDestinations(
  table: Table,
  unreadable: Unreadable = () => undefined,
): Promise<readonly Destination[]> {
  const found: Destination[] = [];
  const rows = rowsOf(table, { partition: PARTITION });
  for await (const one of readEach(rows, toDestination, unreadable)) found.push(one);
  return found;
}

/** Those that failed, for people to read. */
export async function listFailed(table: Table): Promise<readonly FailedDestination[]> {
  return (await listDestinations(table)).flatMap(({ name, address: { kind }, by, failed, triedAt }) =>
    failed === undefined
      ? []
      : [
          {
            ...(name === undefined ? {} : { name }),
            kind,
            by,
            failed,
            ...(triedAt ? { triedAt: triedAt.toISOString() } : {}),
          },
        ],
  );
}

const DAY_MS = 86_400_000;

/** @returns from when on a destination may be tried, in milliseconds since 1970: one that failed, a day after it was tried last */
export const nextTry = ({ failed, triedAt }: Destination): number =>
  failed === undefined || triedAt === undefined ? 0 : triedAt.getTime() + DAY_MS;

/** Somebody added the app somewhere: every destination that failed may be tried at once. */
export async function tryAgain(table: Table): Promise<void> {
  const rows = rowsOf(table, { partition: PARTITION });
  const read = (row: StoredRow) => ({ ...toDestination(row), etag: row.etag });
  for await (const { triedAt, etag, ...waiting } of readEach(rows, read, () => undefined))
    if (triedAt) await table.replace(toRow(waiting), etag);
}

/** Marks a destination that cannot be posted to, unless it has changed since it was read: somebody subscribed, ended or revived it. */
export async function markFailed(table: Table, destination: Destination, why: string, triedAt: Date): Promise<void> {
  const row = await table.get(PARTITION, destination.key);
  if (!row || JSON.stringify(toDestination(row)) !== JSON.stringify(destination)) return;
  await table.replace(toRow({ ...destination, failed: why, triedAt }), row.etag);
}

/** A conversation shows that it can be posted to: somebody wrote there, the app was added there, or a card arrived. @returns true when it had failed */
export async function revive(table: Table, conversationId: string): Promise<boolean> {
  const row = await table.get(PARTITION, encodeKey(conversationId));
  if (!row) return false;
  const { failed, triedAt: _triedAt, ...alive } = toDestination(row);
  return failed !== undefined && (await table.replace(toRow(alive), row.etag)) === 'replaced';
}
