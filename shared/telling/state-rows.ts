// The alerts as rows: those of clusters whose ids begin alike share a shard, and a shard is one row, or several where it is long.
// What a row holds never changes: a changed shard gets rows of new names.
import { createHash } from 'node:crypto';
import type { Alert } from '../alerts/alert.ts';
import type { AlertsState } from '../alerts/model.ts';
import { keptTags } from '../model/tags.ts';
import type { Row, StoredRow } from '../ports.ts';
import { packParts } from '../store/parts.ts';
import type { StoredAlert } from './alert-rows.ts';
import { ALERTS_PARTITION, SHARD, shardRow } from './alert-rows.ts';
import type { TagsOf } from './tags.ts';
import { noTags } from './tags.ts';

/** With 256 shards, fifty thousand alerts are some two hundred a shard: little to write when one of them changes. */
const SHARD_CHARS = 2;
/** More than a shard has as a rule; of what is too long for a row, half goes into another. */
const PER_ROW = 1_000;

/** What one row holds. */
export interface ShardPart {
  readonly key: string;
  readonly alerts: readonly Alert[];
  /** Outboxes of these clusters that were taken up. */
  readonly processed: readonly string[];
}

type Sharded = Pick<AlertsState, 'alerts' | 'processed'>;

/** Ids of alerts and names of outboxes begin with those of their cluster. */
const shardOf = (id: string): string => id.slice(0, SHARD_CHARS);
const shardOfKey = (key: string): string => key.slice(SHARD.length, key.indexOf('~', SHARD.length));
const hashOfKey = (key: string): string => key.slice(key.lastIndexOf('~') + 1);
/** @returns by which change of the alerts a row was written */
export const revisionOfKey = (key: string): number => Number(key.split('~')[2]);

/** @returns what a row holds; tags are not stored where the fleet has them @throws StoredRowError when it cannot be read */
export function toPart(row: StoredRow): ShardPart {
  const { alerts, processed } = shardRow.read(row).shard;
  return { key: row.rowKey, processed, alerts: alerts.map((alert) => withTags(alert, noTags)) };
}

/** @returns the alert with the tags that its cluster has now; where that is unknown, with those it has */
export function withTags(alert: StoredAlert, tagsOf: TagsOf): Alert {
  const { tags: known = {}, ...event } = alert.event;
  return { ...alert, event: { ...event, tags: tagsOf(event.clusterId) ?? known } };
}

/** @returns the row as it is read later: with the one copy of the tags that the fleet has */
const asRead = (part: ShardPart, tagsOf: TagsOf): ShardPart => ({
  ...part,
  alerts: part.alerts.map((alert) => {
    const { clusterId, tags: known } = alert.event;
    const tags = tagsOf(clusterId) ?? keptTags(known).tags;
    return tags === known ? alert : { ...alert, event: { ...alert.event, tags } };
  }),
});

export interface NextParts {
  /** What stands in the rows of the next state, in the order of its alerts. */
  readonly parts: readonly ShardPart[];
  /** Rows that are not stored yet. */
  readonly rows: readonly Row[];
}

/**
 * @param before the rows as they are stored
 * @param revision of the change, for the names of new rows
 * @returns the rows of the next state: those of a shard that has not changed stay as they are
 */
export function toParts(before: readonly ShardPart[], next: Sharded, revision: number, tagsOf: TagsOf): NextParts {
  const known = Map.groupBy(before, ({ key }) => shardOfKey(key));
  const alerts = Map.groupBy(next.alerts, ({ id }) => shardOf(id));
  const processed = Map.groupBy(next.processed, shardOf);
  const parts: ShardPart[] = [];
  const rows: Row[] = [];
  for (const shard of [...new Set([...alerts.keys(), ...processed.keys()])].toSorted()) {
    const stored = known.get(shard) ?? [];
    const now = { alerts: alerts.get(shard) ?? [], processed: processed.get(shard) ?? [] };
    if (isSame(stored, now)) {
      parts.push(...stored);
      continue;
    }
    for (const { part, row } of packShard(shard, now, revision, stored, tagsOf)) {
      parts.push(asRead(part, tagsOf));
      if (row) rows.push(row);
    }
  }
  return { parts, rows };
}

/** What did not change is the same object: stages, and the reader, leave it alone. */
const isSame = (parts: readonly ShardPart[], now: Sharded): boolean =>
  areSame(
    parts.flatMap((part) => part.alerts),
    now.alerts,
  ) &&
  areSame(
    parts.flatMap((part) => part.processed),
    now.processed,
  );

const areSame = (before: readonly unknown[], now: readonly unknown[]): boolean =>
  before.length === now.length && before.every((one, index) => one === now[index]);

/** @param stored the rows that the shard has @returns its rows; without the row where it is stored already */
function packShard(
  shard: string,
  { alerts, processed }: Sharded,
  revision: number,
  stored: readonly ShardPart[],
  tagsOf: TagsOf,
): readonly { readonly part: ShardPart; readonly row?: Row }[] {
  const keys = new Map(stored.map(({ key }) => [hashOfKey(key), key]));
  const pack = (some: readonly Alert[]) => {
    const outboxes = some[0] === alerts[0] ? processed : [];
    const body = { alerts: some.map((alert) => withoutTags(alert, tagsOf)), processed: outboxes };
    const hash = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
    const known = keys.get(hash);
    const key = known ?? `${SHARD}${shard}~${String(revision).padStart(10, '0')}~${hash}`;
    const part = { key, alerts: some, processed: outboxes };
    if (known !== undefined) return { part };
    return { part, row: { partitionKey: ALERTS_PARTITION, rowKey: key, ...shardRow.write({ shard: body }) } };
  };
  return alerts.length === 0 ? [pack([])] : packParts(alerts, PER_ROW, pack);
}

/** The fleet has the tags of its clusters, and only once. */
function withoutTags(alert: Alert, tagsOf: TagsOf): StoredAlert {
  const { tags, ...event } = alert.event;
  const own = tagsOf(event.clusterId) ? {} : keptTags(tags).tags;
  return { ...alert, event: Object.keys(own).length > 0 ? { ...event, tags: own } : event };
}
