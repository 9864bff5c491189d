// Whose write it was when an answer is lost. A client that repeats a request cannot tell its own first try from somebody else's write: both
// answer with a conflict. So every row carries the mark of the call that wrote it, and what stands in the store decides.
import { randomBytes } from 'node:crypto';
import type { Row, RowChange, StoredRow, Table } from '../ports.ts';

const MARK = 'writtenBy';

/**
 * @param table its answers may be about a repeated request, and a call that throws may have been carried out
 * @returns the same table, which tells of its own writes that they succeeded; somebody else who changes such a row before it is looked at hides it
 */
export function knowingOwnWrites(table: Table): Table {
  const wrote = async (partitionKey: string, rowKey: string, mark: string): Promise<boolean> =>
    (await table.get(partitionKey, rowKey))?.[MARK] === mark;

  /** @param run writes a row with the mark @param done what it answers when it has written */
  const decide = async <A>(
    { partitionKey, rowKey }: Pick<Row, 'partitionKey' | 'rowKey'>,
    run: (mark: string) => Promise<A>,
    done: A,
  ): Promise<A> => {
    const mark = randomBytes(9).toString('base64url');
    let answer: A;
    try {
      answer = await run(mark);
    } catch (error) {
      if (await wrote(partitionKey, rowKey, mark).catch(() => false)) return done;
      throw error;
    }
    return answer === done || !(await wrote(partitionKey, rowKey, mark)) ? answer : done;
  };

  return {
    ...table,
    get: async (partitionKey, rowKey) => {
      const row = await table.get(partitionKey, rowKey);
      return row && withoutMark(row);
    },
    insert: (row) => decide(row, (mark) => table.insert({ ...row, [MARK]: mark }), 'inserted'),
    upsert: (row) => decide(row, (mark) => table.upsert({ ...row, [MARK]: mark }), undefined),
    replace: (row, etag) => decide(row, (mark) => table.replace({ ...row, [MARK]: mark }, etag), 'replaced'),
    transact: (partitionKey, changes) => {
      const first = changes.find((change) => change.kind !== 'delete');
      if (!first) return table.transact(partitionKey, changes);
      const run = (mark: string) =>
        table.transact(
          partitionKey,
          changes.map((change) => marked(change, mark)),
        );
      return decide({ partitionKey, rowKey: first.row.rowKey }, run, 'committed');
    },
    pages: async function* (...range) {
      for await (const page of table.pages(...range)) yield page.map(withoutMark);
    },
  };
}

const marked = (change: RowChange, mark: string): RowChange =>
  change.kind === 'delete' ? change : { ...change, row: { ...change.row, [MARK]: mark } };

function withoutMark(row: StoredRow): StoredRow {
  const { [MARK]: _mark, ...rest } = row;
  return rest as StoredRow;
}
