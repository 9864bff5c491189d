// Dispatching: what waits in the outboxes becomes notifications, in one transaction with what is remembered of it.
import type { DriftEvent } from '../model/result.ts';
import type { Clock, Log, Queue, RowChange, Table } from '../ports.ts';
import { packBody, unpackBody } from '../store/body.ts';
import { advance } from './advance.ts';
import { listDestinations } from './destinations.ts';
import type { AlertsState } from './model.ts';
import { emptyState } from './model.ts';

export interface DispatchContext {
  readonly alerts: Table;
  readonly chat: Table;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface OutboxPort {
  readonly events: readonly DriftEvent[];
  remove(): Promise<void>;
}

export const ALERTS_PARTITION = 'alerts';
const STATE = 'state';
export const NOTIFICATION = 'n~';
/** Notification rows a transaction can hold beside the state. */
const MAX_ROWS = 99;

/**
 * Takes up every event of the outbox exactly once, whatever crashes in between.
 * @throws when others keep dispatching at the same time, or there are more destinations than one transaction holds
 */
export async function dispatch(ctx: DispatchContext, scanId: string, outbox: OutboxPort): Promise<void> {
  const destinations = (await listDestinations(ctx.chat)).filter((d) => d.failed === undefined).map((d) => d.key);
  if (destinations.length > MAX_ROWS)
    throw new Error(`${destinations.length} destinations; at most ${MAX_ROWS} are supported`);
  for (let attempt = 0; attempt < 5; attempt++) {
    const row = await ctx.alerts.get(ALERTS_PARTITION, STATE);
    const state = row ? unpackBody<AlertsState>(row) : emptyState;
    const now = ctx.clock.now();
    const next = advance(state, { events: outbox.events, destinations, scanId, now });
    const stateRow = { partitionKey: ALERTS_PARTITION, rowKey: STATE, ...packBody(next.state) };
    const changes: RowChange[] = [
      row ? { kind: 'replace', row: stateRow, etag: row.etag } : { kind: 'insert', row: stateRow },
      ...next.notifications.map((notification): RowChange => ({
        kind: 'upsert',
        row: {
          partitionKey: ALERTS_PARTITION,
          rowKey: `${NOTIFICATION}${String(notification.seq).padStart(12, '0')}`,
          state: 'queued',
          attempts: 0,
          dueAt: notification.at,
          destination: notification.destination,
          ...packBody(notification),
        },
      })),
    ];
    if ((await ctx.alerts.transact(ALERTS_PARTITION, changes)) === 'conflict') continue;
    await outbox.remove();
    if (next.notifications.length > 0) {
      ctx.log.info('notifications written', { scanId, notifications: next.notifications.length });
      await ctx.queue.send('deliver', { scanId });
    }
    return;
  }
  throw new Error('The alerts are dispatched by others all the time');
}
