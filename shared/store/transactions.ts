// Cutting changes of one partition into transactions that the service takes.
import type { RowChange, Table } from '../ports.ts';
import { MOST_CHANGES } from './parts.ts';

/** A transaction holds 4 MiB (Performing entity group transactions, learn.microsoft.com/rest/api/storageservices); this leaves room. */
const MOST_BYTES = 3.5 * 1024 * 1024;
/** Headers of a change, and the names of its properties. */
const CHANGE_BYTES = 1_024;

/** @returns about how many bytes a change has as it is sent: JSON, with bytes in base64 */
function bytesOf(change: RowChange): number {
  if (change.kind === 'delete') return CHANGE_BYTES;
  return Object.values(change.row).reduce<number>((sum, value) => {
    if (value instanceof Uint8Array) return sum + Math.ceil((value.length * 4) / 3);
    return sum + (typeof value === 'string' ? Buffer.byteLength(value) : 32);
  }, CHANGE_BYTES);
}

/** @returns true when one transaction holds all of the changes */
export const fitsTransaction = (changes: readonly RowChange[]): boolean =>
  changes.length <= MOST_CHANGES && changes.reduce((sum, change) => sum + bytesOf(change), 0) <= MOST_BYTES;

/** @returns the changes in their order, in as few transactions as hold them */
export function inTransactions(changes: readonly RowChange[]): readonly (readonly RowChange[])[] {
  const cut: RowChange[][] = [];
  let bytes = 0;
  for (const change of changes) {
    const size = bytesOf(change);
    const last = cut.at(-1);
    if (!last || last.length === MOST_CHANGES || bytes + size > MOST_BYTES) {
      cut.push([change]);
      bytes = size;
    } else {
      last.push(change);
      bytes += size;
    }
  }
  return cut;
}

/**
 * Writes changes that need not happen together, in as few calls as hold them.
 * @returns `conflict` when one of the transactions met one; those before it and behind it are written
 */
export async function transactAll(
  table: Table,
  partition: string,
  changes: readonly RowChange[],
): Promise<'committed' | 'conflict'> {
  const outcomes = await Promise.all(inTransactions(changes).map((part) => table.transact(partition, part)));
  return outcomes.includes('conflict') ? 'conflict' : 'committed';
}
