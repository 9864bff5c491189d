// The rows of the partition that alerts, cards and notifications share, so that they can change in one transaction.
import { z } from 'zod';
import type { Alert, AlertEvent } from '../alerts/alert.ts';
import type { Card } from '../alerts/card.ts';
import type { AlertsState, Notification } from '../alerts/model.ts';
import type { Row, StoredRow, Table } from '../ports.ts';
import type { RowOf } from '../store/row-kind.ts';
import { bodyKind, columnKind, moment, withBody } from '../store/row-kind.ts';
import { prefixRange, rowsOf } from '../store/rows.ts';

export const ALERTS_PARTITION = 'alerts';

/** What is remembered beside the alerts, and the keys of the rows in which they stand. */
export type Head = Omit<AlertsState, 'alerts' | 'processed'> & {
  /** Counts the changes. */
  readonly revision: number;
  readonly rows: readonly string[];
};
export const STATE = 'state';
export const headRow = bodyKind('Alerts', z.object({ head: z.custom<Head | OldHead>() }));

/** As versions wrote it that kept all alerts as one list, in rows of a thousand. */
export type OldHead = Omit<AlertsState, 'alerts'> & { readonly parts: number };
export const OLD_PART = 'p~';
export const oldPartRow = bodyKind('Alerts', z.object({ alerts: z.custom<readonly Alert[]>() }));

/** An alert whose cluster is in the fleet has no tags of its own. */
export type StoredAlert = Omit<Alert, 'event'> & { readonly event: Omit<AlertEvent, 'tags'> & Partial<AlertEvent> };
export const SHARD = 'w~';
export const shardRow = bodyKind(
  'Alerts',
  z.object({
    shard: z.custom<{ readonly alerts: readonly StoredAlert[]; readonly processed: readonly string[] }>(),
  }),
);

export const CARD = 'c~';
/** A card and the number of its last change. */
export const cardRow = withBody(
  columnKind('Alerts', z.object({ at: z.string(), version: z.number() })),
  bodyKind('Alerts', z.object({ card: z.custom<Card>() })),
);
export const toCardRow = (card: Card, version: number): Row => ({
  partitionKey: ALERTS_PARTITION,
  rowKey: CARD + card.id,
  ...cardRow.write({ at: card.at, version, card }),
});

export const POSTED = 'a~';
/** Where a card stands in Teams, and which change of it. */
export const postedRow = columnKind(
  'Alerts',
  z.object({ at: z.string(), activityId: z.string(), version: z.number() }),
);
export type Posted = RowOf<typeof postedRow>;

/** Cards that could not be told. */
export const SET_ASIDE = 'x~';

export const NOTIFICATION = 'n~';
/** A notification and how its delivery goes. */
export const notificationRow = columnKind(
  'Alerts',
  z.object({
    card: z.string(),
    destination: z.string(),
    mode: z.enum(['post', 'update']),
    scanId: z.string(),
    /** How often it was claimed. */
    attempts: z.number(),
    /** Not to be sent before. */
    dueAt: moment,
    /** Somebody sends it, or died when they did. */
    claimed: z.boolean().exactOptional(),
    /** How often the conversation could not take it, and since when. */
    busy: z.number().exactOptional(),
    busySince: moment.exactOptional(),
  }),
);
export const toNotificationRow = ({ seq, ...notification }: Notification, now: Date): Row => ({
  partitionKey: ALERTS_PARTITION,
  rowKey: `${NOTIFICATION}${String(seq).padStart(12, '0')}`,
  ...notificationRow.write({ ...notification, attempts: 0, dueAt: now }),
});

/** A notification that waits to be sent. */
export type Waiting = Notification & RowOf<typeof notificationRow>;
/** @throws StoredRowError when it cannot be read */
export const toWaiting = (row: StoredRow): Waiting => ({
  ...notificationRow.read(row),
  seq: Number(row.rowKey.slice(NOTIFICATION.length)),
});

/**
 * Rows of this partition with a prefix, in the order of their keys: of notifications, in the order in which they were decided.
 * @param columns reads these only
 */
export const alertRows = (table: Table, prefix: string, columns?: readonly string[]): AsyncGenerator<StoredRow> =>
  rowsOf(table, { partition: ALERTS_PARTITION, ...prefixRange(prefix), ...(columns ? { columns } : {}) });
