// How fast a conversation is posted to: below what Teams allows a bot, whoever of us posts.
import type { Table } from '../ports.ts';

const PARTITION = 'rate';
/**
 * Teams allows a bot 7 messages a second, 60 in 30 seconds and 1,800 an hour in one conversation
 * (Rate limiting in Teams, learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit). This is below the tightest.
 */
const MOST = 4;
const WINDOW_MS = 10_000;

/** @returns when the conversation may be posted to, in milliseconds since 1970 */
export async function nextFree(table: Table, destination: string, now: number): Promise<number> {
  const row = await table.get(PARTITION, destination);
  if (!row) return now;
  const start = Date.parse(row['start'] as string);
  return now < start + WINDOW_MS && (row['count'] as number) >= MOST ? start + WINDOW_MS : now;
}

/** Counts a post. Only who holds the claim of a conversation's next card posts, so nobody else counts meanwhile. */
export async function countSend(table: Table, destination: string, now: number): Promise<void> {
  const row = await table.get(PARTITION, destination);
  const start = row ? Date.parse(row['start'] as string) : Number.NEGATIVE_INFINITY;
  const within = now < start + WINDOW_MS;
  await table.upsert({
    partitionKey: PARTITION,
    rowKey: destination,
    schema: 1,
    start: new Date(within ? start : now).toISOString(),
    count: within ? (row!['count'] as number) + 1 : 1,
  });
}
