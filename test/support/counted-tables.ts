// Tables that count what is asked of them: calls, rows and bytes.
import type { Row, RowChange, Table, TableName, Tables } from '../../shared/ports.ts';

export interface Counts {
  readonly calls: number;
  readonly rowsRead: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export interface CountedTables {
  readonly tables: Tables;
  /** @returns what was counted since it was last asked; each page is a call */
  readonly take: () => Counts;
}

/** @returns about what a row weighs: its keys, and its properties with their names */
export const rowBytes = (row: Row): number =>
  Object.entries(row).reduce(
    (sum, [name, value]) => sum + name.length + (value instanceof Uint8Array ? value.length : String(value).length),
    0,
  );

export function countedTables(inner: Tables): CountedTables {
  const none = { calls: 0, rowsRead: 0, bytesRead: 0, bytesWritten: 0 };
  let counts = { ...none };
  const read = (rows: readonly Row[]): void => {
    counts.calls++;
    counts.rowsRead += rows.length;
    for (const row of rows) counts.bytesRead += rowBytes(row);
  };
  const written = (changes: readonly RowChange[]): void => {
    counts.calls++;
    for (const change of changes) if (change.kind !== 'delete') counts.bytesWritten += rowBytes(change.row);
  };
  const counted = (table: Table): Table => ({
    ...table,
    get: async (partition, key) => {
      const row = await table.get(partition, key);
      read(row ? [row] : []);
      return row;
    },
    insert: (row) => {
      written([{ kind: 'insert', row }]);
      return table.insert(row);
    },
    upsert: (row) => {
      written([{ kind: 'upsert', row }]);
      return table.upsert(row);
    },
    replace: (row, etag) => {
      written([{ kind: 'replace', row, etag }]);
      return table.replace(row, etag);
    },
    delete: (...asked) => {
      written([]);
      return table.delete(...asked);
    },
    transact: (partition, changes) => {
      written(changes);
      return table.transact(partition, changes);
    },
    pages: async function* (range) {
      for await (const page of table.pages(range)) {
        read(page);
        yield page;
      }
    },
  });
  const entries = Object.entries(inner).map(([name, table]) => [name, counted(table)] as const);
  return {
    tables: Object.fromEntries(entries) as Record<TableName, Table>,
    take: () => {
      const taken = counts;
      counts = { ...none };
      return taken;
    },
  };
}
