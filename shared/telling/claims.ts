// Who sends a card: whoever has claimed it. A claim is not given an end, for clocks differ: it may be taken over by a process that has
// itself seen it stand unchanged for longer than any send takes.
import type { StoredRow, Table } from '../ports.ts';

/** Longer than any send takes: a claim that stood for so long belongs to a process that died. */
const LEASE_MS = 120_000;
/** Claims that were seen are few: one a conversation. */
const MOST_SEEN = 10_000;

/** By table, and by the version of a claimed row: when this process saw it first, by its own clock. */
const seen = new WeakMap<Table, Map<string, number>>();

/** @returns when a claim may be taken over, in milliseconds since 1970 by this process's clock */
export function endOfClaim(table: Table, { rowKey, etag }: Pick<StoredRow, 'rowKey' | 'etag'>, now: number): number {
  const known = seen.get(table) ?? new Map<string, number>();
  seen.set(table, known);
  if (known.size > MOST_SEEN) known.clear();
  const version = `${rowKey} ${etag}`;
  // A clock that was put back would make it wait for ever.
  const first = Math.min(known.get(version) ?? now, now);
  known.set(version, first);
  return first + LEASE_MS;
}
