// How fast a conversation is posted to: more slowly than Teams allows a bot, whichever process posts.
import { z } from 'zod';
import type { Table } from '../ports.ts';
import { columnKind, moment } from '../store/row-kind.ts';

const PARTITION = 'rate';
/**
 * Teams allows a bot 7 messages a second, 60 in 30 seconds and 1,800 an hour in one conversation
 * (Rate limiting in Teams, learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit). This is below the strictest of them.
 */
const MOST = 4;
const WINDOW_MS = 10_000;

/** When the window began, and the posts in it. */
const rateRow = columnKind('Chat', z.object({ start: moment, count: z.number() }));

/** @returns when the conversation may be posted to, in milliseconds since 1970 */
export async function nextFree(table: Table, destination: string, now: number): Promise<number> {
  const window = await readWindow(table, destination);
  return window && window.count >= MOST && isNow(window, now) ? window.end : now;
}

/** Counts a post. Only the process that has claimed a conversation's next card posts to it, so nobody else counts at the same time. */
export async function countSend(table: Table, destination: string, now: number): Promise<void> {
  const window = await readWindow(table, destination);
  const { start, count } = window && isNow(window, now) ? window : { start: new Date(now), count: 0 };
  const keys = { partitionKey: PARTITION, rowKey: destination };
  await table.upsert({ ...keys, ...rateRow.write({ start, count: count + 1 }) });
}

/** One that begins later than it could was begun by a clock that went wrong. */
const isNow = ({ end }: { readonly end: number }, now: number): boolean => now < end && end <= now + 2 * WINDOW_MS;

/** @returns the window that was counted last, with its end in milliseconds since 1970 */
async function readWindow(
  table: Table,
  destination: string,
): Promise<{ start: Date; end: number; count: number } | undefined> {
  const row = await table.get(PARTITION, destination);
  if (!row) return undefined;
  const { start, count } = rateRow.read(row);
  return { start, count, end: start.getTime() + WINDOW_MS };
}
