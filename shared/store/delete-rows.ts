// Deleting many rows of one partition, a hundred in a transaction.
import type { RowChange, Table } from '../ports.ts';
import { MOST_CHANGES, inParts } from './parts.ts';

/** @returns how many rows were deleted; fewer than asked for when somebody else deletes them too */
export async function deleteRows(table: Table, partition: string, rowKeys: readonly string[]): Promise<number> {
  let deleted = 0;
  for (const part of inParts(rowKeys, MOST_CHANGES)) {
    const changes = part.map((rowKey): RowChange => ({ kind: 'delete', rowKey }));
    if ((await table.transact(partition, changes)) === 'conflict') return deleted;
    deleted += part.length;
  }
  return deleted;
}
