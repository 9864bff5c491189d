// The Table port on Azure Table Storage (or its emulator): conflicts become answers, every call is bounded.
import type { TokenCredential } from '@azure/identity';
import type { TransactionAction } from '@azure/data-tables';
import { RestError, TableClient, TableTransaction, odata } from '@azure/data-tables';
import type { Row, RowChange, RowRange, StoredRow, Table, TableName, Tables } from '../ports.ts';
import { tableNames } from '../ports.ts';
import type { ClockWatch } from './clock-watch.ts';
import { knowingOwnWrites } from './own-writes.ts';

/** Where the tables are: a connection string (emulator, local) or an endpoint reached with an identity. */
export type StorageTarget =
  | { readonly connectionString: string }
  | { readonly tableEndpoint: string; readonly queueEndpoint: string; readonly credential: TokenCredential };

export interface TablesOptions {
  readonly target: StorageTarget;
  /** A letter, then letters and digits: lets several installations share an account. */
  readonly prefix: string;
  readonly timeoutMs: number;
  /** Called once per request with its kind; benchmarks count with it. */
  readonly onCall?: (operation: string) => void;
  /** Is told the store's time with every answer. */
  readonly clockWatch?: ClockWatch;
}

/** @returns one port per table; tables are created on first use */
export function createTables(options: TablesOptions): Tables {
  const entries = tableNames.map((name): [TableName, Table] => [
    name,
    knowingOwnWrites(azureTable(`${options.prefix}${name}`, options)),
  ]);
  return Object.fromEntries(entries) as Record<TableName, Table>;
}

function openClient(name: string, options: TablesOptions): TableClient {
  const client = newClient(name, options);
  const { clockWatch } = options;
  if (clockWatch)
    client.pipeline.addPolicy({
      name: 'clockWatch',
      async sendRequest(request, next) {
        const answered = clockWatch();
        const response = await next(request);
        const date = new Date(response.headers.get('date') ?? '');
        if (!Number.isNaN(date.getTime())) answered(date);
        return response;
      },
    });
  return client;
}

function newClient(name: string, { target }: TablesOptions): TableClient {
  const retryOptions = { maxRetries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 10_000 };
  if ('connectionString' in target) {
    const local =
      /=http:\/\//.test(target.connectionString) || target.connectionString.includes('UseDevelopmentStorage');
    return TableClient.fromConnectionString(target.connectionString, name, {
      allowInsecureConnection: local,
      retryOptions,
    });
  }
  return new TableClient(target.tableEndpoint, name, target.credential, { retryOptions });
}

/** @returns a function that gives the client once the table exists; where creating it failed, the next call tries again */
function openOnce(name: string, options: TablesOptions): () => Promise<TableClient> {
  let ready: Promise<TableClient> | undefined;
  return () => {
    ready ??= (async () => {
      const opened = openClient(name, options);
      await opened.createTable();
      return opened;
    })().catch((error: unknown) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
}

function azureTable(name: string, options: TablesOptions): Table {
  const client = openOnce(name, options);
  const bounded = (): { abortSignal: AbortSignal } => ({ abortSignal: AbortSignal.timeout(options.timeoutMs) });
  const call = async <T>(operation: string, run: (c: TableClient) => Promise<T>): Promise<T> => {
    options.onCall?.(`${name}.${operation}`);
    return run(await client());
  };
  /** A request for which some failures are answers. @param done the answer when it succeeds @param answers by status */
  const ask = <A>(
    operation: string,
    run: (c: TableClient) => Promise<unknown>,
    done: A,
    answers: Readonly<Record<number, A>>,
  ): Promise<A> =>
    call(operation, async (c) => {
      try {
        await run(c);
        return done;
      } catch (error) {
        const answer = answers[statusOf(error)];
        if (answer === undefined) throw error;
        return answer;
      }
    });

  return {
    get: (partitionKey, rowKey) =>
      call('get', async (c) => {
        try {
          return toStored(await c.getEntity(partitionKey, rowKey, bounded()));
        } catch (error) {
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
    insert: (row) => ask('insert', (c) => c.createEntity(toEntity(row), bounded()), 'inserted', { 409: 'exists' }),
    upsert: (row) => ask('upsert', (c) => c.upsertEntity(toEntity(row), 'Replace', bounded()), undefined, {}),
    replace: (row, etag) => {
      const run = (c: TableClient) => c.updateEntity(toEntity(row), 'Replace', { etag, ...bounded() });
      return ask('replace', run, 'replaced', { 404: 'stale', 412: 'stale' });
    },
    delete: (partitionKey, rowKey, etag) => {
      const run = (c: TableClient) => c.deleteEntity(partitionKey, rowKey, { ...(etag ? { etag } : {}), ...bounded() });
      return ask('delete', run, 'deleted', { 404: 'absent', 412: 'stale' });
    },
    transact: async (partitionKey, changes) => {
      const { actions } = new TableTransaction(changes.map((change) => toAction(partitionKey, change)));
      if (actions.length === 0) return 'committed';
      const run = (c: TableClient) => c.submitTransaction(actions, bounded());
      return ask('transact', run, 'committed', { 404: 'conflict', 409: 'conflict', 412: 'conflict' });
    },
    pages: async function* (range) {
      options.onCall?.(`${name}.pages`);
      const filter = toFilter(range);
      const select = range.columns && ['PartitionKey', 'RowKey', ...range.columns];
      const rows = (await client()).listEntities<Record<string, unknown>>({
        queryOptions: { ...(filter ? { filter } : {}), ...(select ? { select } : {}) },
        abortSignal: AbortSignal.timeout(options.timeoutMs * 10),
      });
      let left = range.limit ?? Number.POSITIVE_INFINITY;
      for await (const page of rows.byPage({ maxPageSize: Math.min(MOST_ROWS, range.pageSize ?? MOST_ROWS, left) })) {
        yield page.slice(0, left).map(toStored);
        left -= page.length;
        if (left <= 0) return;
      }
    },
    backOff,
  };
}

/** What the service gives in one page (Query timeout and pagination, learn.microsoft.com/rest/api/storageservices). */
const MOST_ROWS = 1000;

/** A write takes some ten milliseconds: of many writers who wait for a random time of up to a second, only a few meet. */
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 1_000;
const backOff = (tries: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries));
  });

/** Status of a failed request, a transaction included; 0 when there was no answer. */
function statusOf(error: unknown): number {
  return error instanceof RestError ? (error.statusCode ?? 0) : 0;
}

function toEntity(row: Row): { partitionKey: string; rowKey: string } & Record<string, unknown> {
  const { etag: _etag, timestamp: _timestamp, ...entity } = row;
  return entity;
}

function toAction(partitionKey: string, change: RowChange): TransactionAction {
  if (change.kind === 'delete') return ['delete', { partitionKey, rowKey: change.rowKey }];
  if (change.kind === 'insert') return ['create', toEntity(change.row)];
  if (change.kind === 'upsert') return ['upsert', toEntity(change.row), 'Replace'];
  return ['update', toEntity(change.row), 'Replace', { etag: change.etag }];
}

function toStored(entity: Record<string, unknown>): StoredRow {
  const { 'odata.metadata': _metadata, timestamp: _timestamp, ...row } = entity;
  // A column that was asked for and that a row does not have comes as null.
  for (const [name, value] of Object.entries(row)) if (value === null) delete row[name];
  return row as StoredRow;
}

function toFilter(range: RowRange): string {
  return [
    range.partition === undefined ? '' : odata`PartitionKey eq ${range.partition}`,
    range.partitionFrom === undefined ? '' : odata`PartitionKey ge ${range.partitionFrom}`,
    range.partitionTo === undefined ? '' : odata`PartitionKey lt ${range.partitionTo}`,
    range.rowFrom === undefined ? '' : odata`RowKey ge ${range.rowFrom}`,
    range.rowTo === undefined ? '' : odata`RowKey lt ${range.rowTo}`,
  ]
    .filter(Boolean)
    .join(' and ');
}
