// Tables in memory with the emulator's semantics: etags, 409, 412, atomic transactions, key order, pages of 1,000.
import type { Row, RowChange, StoredRow, Table, TableName, Tables } from '../../shared/ports.ts';
import { tableNames } from '../../shared/ports.ts';

/** @returns empty tables that live as long as the object */
export function memoryTables(): Tables {
  return Object.fromEntries(tableNames.map((name): [TableName, Table] => [name, memoryTable()])) as Record<
    TableName,
    Table
  >;
}

/** @param pageSize rows a page at most; the real service gives 1,000 */
export function memoryTable(pageSize = 1000): Table {
  const rows = new Map<string, StoredRow>();
  let version = 0;
  const key = (partitionKey: string, rowKey: string): string => `${partitionKey}\n${rowKey}`;
  const put = (row: Row): void => {
    const { etag: _etag, ...rest } = structuredClone(row);
    const kept = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null));
    rows.set(key(row.partitionKey, row.rowKey), { ...(kept as unknown as Row), etag: `W/"${++version}"` });
  };
  const conflicts = (partitionKey: string, change: RowChange): boolean => {
    const rowKey = change.kind === 'delete' ? change.rowKey : change.row.rowKey;
    const found = rows.get(key(partitionKey, rowKey));
    if (change.kind === 'insert') return found !== undefined;
    if (change.kind === 'delete') return found === undefined;
    return change.kind === 'replace' && found?.etag !== change.etag;
  };

  return {
    async get(partitionKey, rowKey) {
      return structuredClone(rows.get(key(partitionKey, rowKey)));
    },
    async insert(row) {
      if (rows.has(key(row.partitionKey, row.rowKey))) return 'exists';
      put(row);
      return 'inserted';
    },
    async upsert(row) {
      put(row);
    },
    async replace(row, etag) {
      if (rows.get(key(row.partitionKey, row.rowKey))?.etag !== etag) return 'stale';
      put(row);
      return 'replaced';
    },
    async delete(partitionKey, rowKey, etag) {
      const found = rows.get(key(partitionKey, rowKey));
      if (!found) return 'absent';
      if (etag !== undefined && found.etag !== etag) return 'stale';
      rows.delete(key(partitionKey, rowKey));
      return 'deleted';
    },
    async transact(partitionKey, changes) {
      if (changes.length > 100) throw new Error(`A transaction holds at most 100 changes, not ${changes.length}`);
      const keys = changes.map((change) => (change.kind === 'delete' ? change.rowKey : change.row.rowKey));
      if (new Set(keys).size !== keys.length) throw new Error('A transaction names each row once');
      if (changes.some((change) => conflicts(partitionKey, change))) return 'conflict';
      for (const change of changes) {
        if (change.kind === 'delete') rows.delete(key(partitionKey, change.rowKey));
        else put(change.row);
      }
      return 'committed';
    },
    async *pages(range) {
      const found = [...rows.values()]
        .filter(
          (row) =>
            (range.partition === undefined || row.partitionKey === range.partition) &&
            (range.partitionFrom === undefined || row.partitionKey >= range.partitionFrom) &&
            (range.partitionTo === undefined || row.partitionKey < range.partitionTo) &&
            (range.rowFrom === undefined || row.rowKey >= range.rowFrom) &&
            (range.rowTo === undefined || row.rowKey < range.rowTo),
        )
        .toSorted((a, b) => (key(a.partitionKey, a.rowKey) < key(b.partitionKey, b.rowKey) ? -1 : 1))
        .slice(0, range.limit);
      for (let at = 0; at < found.length; at += pageSize) yield structuredClone(found.slice(at, at + pageSize));
    },
  };
}
