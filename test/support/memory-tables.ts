// Tables in memory with the service's semantics: etags, 409, 412, atomic transactions, key order, pages of 1,000, and its limits.
import type { Row, RowChange, RowRange, StoredRow, Table, TableName, Tables } from '../../shared/ports.ts';
import { tableNames } from '../../shared/ports.ts';
import { checkRow, checkTransaction } from './service-limits.ts';

/** One row's change as it was stored: inserted without `before`, deleted without `after`. */
export interface StoredChange {
  readonly before?: StoredRow;
  readonly after?: StoredRow;
}

export interface MemoryOptions {
  /** Rows a page at most; the real service gives 1,000. */
  readonly pageSize?: number;
  /** Is told of every write that took effect, a transaction as one. */
  readonly committed?: (table: TableName, changes: readonly StoredChange[]) => void;
}

/** @returns empty tables that live as long as the object */
export function memoryTables({ pageSize = 1000, committed }: MemoryOptions = {}): Tables {
  return Object.fromEntries(
    tableNames.map((name): [TableName, Table] => [
      name,
      memoryTable(pageSize, (changes) => committed?.(name, changes)),
    ]),
  ) as Record<TableName, Table>;
}

/** Rows of one partition with their keys in order. */
interface Partition {
  readonly rows: Map<string, StoredRow>;
  readonly keys: string[];
}

function memoryTable(pageSize: number, committed: (changes: readonly StoredChange[]) => void): Table {
  const partitions = new Map<string, Partition>();
  const names: string[] = [];
  let version = 0;

  const find = (partitionKey: string, rowKey: string): StoredRow | undefined =>
    partitions.get(partitionKey)?.rows.get(rowKey);
  const put = (row: Row): StoredChange => {
    const { partitionKey, rowKey } = row;
    let partition = partitions.get(partitionKey);
    if (!partition) {
      partition = { rows: new Map(), keys: [] };
      partitions.set(partitionKey, partition);
      names.splice(firstFrom(names, partitionKey), 0, partitionKey);
    }
    const before = partition.rows.get(rowKey);
    const kept = Object.entries(row).filter(([, value]) => value !== undefined && value !== null);
    const after = Object.assign(Object.fromEntries(kept) as unknown as Row, { etag: `W/"${++version}"` });
    partition.rows.set(rowKey, after);
    if (!before) partition.keys.splice(firstFrom(partition.keys, rowKey), 0, rowKey);
    return before ? { before, after } : { after };
  };
  const remove = (before: StoredRow): StoredChange => {
    const partition = partitions.get(before.partitionKey)!;
    partition.rows.delete(before.rowKey);
    partition.keys.splice(firstFrom(partition.keys, before.rowKey), 1);
    return { before };
  };
  const conflicts = (partitionKey: string, change: RowChange): boolean => {
    const found = find(partitionKey, change.kind === 'delete' ? change.rowKey : change.row.rowKey);
    if (change.kind === 'insert') return found !== undefined;
    if (change.kind === 'delete') return found === undefined;
    return change.kind === 'replace' && found?.etag !== change.etag;
  };

  /** Rows of a range behind a key, as the service continues: what changed meanwhile shows. */
  function readPage(range: RowRange, behind: StoredRow | undefined, most: number): StoredRow[] {
    const page: StoredRow[] = [];
    const from = behind?.partitionKey ?? range.partition ?? range.partitionFrom ?? '';
    for (let p = firstFrom(names, from); p < names.length && page.length < most; p++) {
      const name = names[p]!;
      if (range.partition !== undefined && name !== range.partition) break;
      if (range.partitionTo !== undefined && name >= range.partitionTo) break;
      const { rows, keys } = partitions.get(name)!;
      const rowFrom = name === behind?.partitionKey ? `${behind.rowKey}\u0000` : (range.rowFrom ?? '');
      for (let k = firstFrom(keys, rowFrom); k < keys.length && page.length < most; k++) {
        if (range.rowTo !== undefined && keys[k]! >= range.rowTo) break;
        page.push(project(rows.get(keys[k]!)!, range.columns));
      }
    }
    return page;
  }

  return {
    async get(partitionKey, rowKey) {
      const found = find(partitionKey, rowKey);
      return found && { ...found };
    },
    async insert(row) {
      checkRow(row);
      if (find(row.partitionKey, row.rowKey)) return 'exists';
      committed([put(row)]);
      return 'inserted';
    },
    async upsert(row) {
      checkRow(row);
      committed([put(row)]);
    },
    async replace(row, etag) {
      checkRow(row);
      if (find(row.partitionKey, row.rowKey)?.etag !== etag) return 'stale';
      committed([put(row)]);
      return 'replaced';
    },
    async delete(partitionKey, rowKey, etag) {
      const found = find(partitionKey, rowKey);
      if (!found) return 'absent';
      if (etag !== undefined && found.etag !== etag) return 'stale';
      committed([remove(found)]);
      return 'deleted';
    },
    async transact(partitionKey, changes) {
      checkTransaction(partitionKey, changes);
      if (changes.some((change) => conflicts(partitionKey, change))) return 'conflict';
      committed(
        changes.map((change) =>
          change.kind === 'delete' ? remove(find(partitionKey, change.rowKey)!) : put(change.row),
        ),
      );
      return 'committed';
    },
    async *pages(range) {
      let left = range.limit ?? Number.POSITIVE_INFINITY;
      let behind: StoredRow | undefined;
      while (left > 0) {
        const most = Math.min(left, pageSize, range.pageSize ?? pageSize);
        const page = readPage(range, behind, most);
        if (page.length > 0) yield page;
        if (page.length < most) return;
        behind = page.at(-1);
        left -= page.length;
      }
    },
    backOff: async () => undefined,
  };
}

/** A row as it is given out: a copy, whole or of some columns. */
function project(row: StoredRow, columns: readonly string[] | undefined): StoredRow {
  if (!columns) return { ...row };
  const { partitionKey, rowKey, etag } = row;
  const chosen = columns.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]] as const]));
  return { partitionKey, rowKey, etag, ...Object.fromEntries(chosen) };
}

/** @returns where the first key at or behind `from` is, or would be */
function firstFrom(keys: readonly string[], from: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
