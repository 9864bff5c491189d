// The message that wakes delivery when something is due later. One is enough, however many processes look: were each to send its own,
// every wake-up would add a chain of messages that never ends.
import { z } from 'zod';
import type { Clock, Queue, Table } from '../ports.ts';
import { columnKind, moment } from '../store/row-kind.ts';
import { storeRow } from '../store/until-stored.ts';

/** Somebody wakes up at least this often: what is due later than that is found then. */
const WAKE_MS = 300_000;
/** A message that comes this much later than something is due comes in time. */
const SLACK_MS = 2_000;

const KEYS = { partitionKey: 'deliver', rowKey: 'next' };
/** When the message comes that was sent last. */
const announcedRow = columnKind('Chat', z.object({ at: moment }));

/** @param due the next moment at which something is due, in milliseconds since 1970 */
export async function wakeLater(
  { chat, queue, clock }: { readonly chat: Table; readonly queue: Queue; readonly clock: Clock },
  due: number,
): Promise<void> {
  const now = clock.now().getTime();
  const delaySeconds = Math.max(1, Math.ceil((due - now) / 1000));
  if (delaySeconds * 1000 > WAKE_MS) return;
  const row = await chat.get(KEYS.partitionKey, KEYS.rowKey);
  const announced = row ? announcedRow.read(row).at.getTime() : 0;
  if (announced > now && announced <= due + SLACK_MS) return;
  const at = new Date(now + delaySeconds * 1000);
  if ((await storeRow(chat, { ...KEYS, ...announcedRow.write({ at }) }, row)) === 'conflict') return;
  await queue.send('deliver', {}, { delaySeconds });
}
