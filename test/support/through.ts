// Ports whose every call goes through one function first: where a process may die, wait, or meet a fault.
import type { Chat, ClusterReader, Estate, Queue, Table, TableName, Tables } from '../../shared/ports.ts';

/** @param what names the call, `Results.get KEY/latest` for instance @param run makes it */
export type Through = <T>(what: string, run: () => Promise<T>) => Promise<T>;

/** Every step of an iteration is a call. @param isLast knows from a page that nothing follows it */
async function* stepsThrough<T>(
  through: Through,
  what: string,
  pages: () => AsyncIterable<T>,
  isLast: (page: T) => boolean = () => false,
): AsyncGenerator<T> {
  let iterator: AsyncIterator<T> | undefined;
  for (;;) {
    const step = await through(what, () => (iterator ??= pages()[Symbol.asyncIterator]()).next());
    if (step.done) return;
    yield step.value;
    if (isLast(step.value)) return;
  }
}

/** @param pageSize a shorter page is the last one */
export function tablesThrough(through: Through, tables: Tables, pageSize = 1000): Tables {
  const wrap = (name: string, inner: Table): Table => ({
    get: (partition, row) => through(`${name}.get ${partition}/${row}`, () => inner.get(partition, row)),
    insert: (row) => through(`${name}.insert ${row.partitionKey}/${row.rowKey}`, () => inner.insert(row)),
    upsert: (row) => through(`${name}.upsert ${row.partitionKey}/${row.rowKey}`, () => inner.upsert(row)),
    replace: (row, etag) =>
      through(`${name}.replace ${row.partitionKey}/${row.rowKey}`, () => inner.replace(row, etag)),
    delete: (partition, row, etag) =>
      through(`${name}.delete ${partition}/${row}`, () => inner.delete(partition, row, etag)),
    transact: (partition, changes) =>
      through(`${name}.transact ${partition} ${changes.length}`, () => inner.transact(partition, changes)),
    pages: (range) =>
      stepsThrough(
        through,
        `${name}.page ${range.partition ?? range.partitionFrom ?? ''}/${range.rowFrom ?? ''}`,
        () => inner.pages(range),
        (page) => page.length < Math.min(pageSize, range.pageSize ?? pageSize),
      ),
    backOff: (tries) => through(`${name}.backOff ${tries}`, () => inner.backOff(tries)),
  });
  return Object.fromEntries(Object.entries(tables).map(([name, inner]) => [name, wrap(name, inner)])) as Record<
    TableName,
    Table
  >;
}

export function queueThrough(through: Through, inner: Queue): Queue {
  return {
    send: (queue, message, options) => through(`queue.send ${queue}`, () => inner.send(queue, message, options)),
  };
}

export function estateThrough(through: Through, inner: Estate): Estate {
  return {
    subscriptions: (signal) => through('arm.subscriptions', () => inner.subscriptions(signal)),
    clusters: (id, signal) => stepsThrough(through, `arm.clusters ${id}`, () => inner.clusters(id, signal)),
    cluster: (id, signal) => through(`arm.cluster ${id}`, () => inner.cluster(id, signal)),
    ...(inner.managedNamespaces
      ? {
          managedNamespaces: (cluster, signal) =>
            through(`arm.managedNamespaces ${cluster.id}`, () => inner.managedNamespaces!(cluster, signal)),
        }
      : {}),
  };
}

export const readerThrough = (through: Through, inner: ClusterReader): ClusterReader => ({
  read: (cluster, context, signal) =>
    through(`inside.read ${cluster.name}`, () => inner.read(cluster, context, signal)),
  ...(inner.needsAddress ? { needsAddress: (cluster) => inner.needsAddress!(cluster) } : {}),
});

export function chatThrough(through: Through, inner: Chat): Chat {
  return {
    post: (to, message) => through(`chat.post ${to.conversationId}`, () => inner.post(to, message)),
    update: (to, activity, message) =>
      through(`chat.update ${to.conversationId}`, () => inner.update(to, activity, message)),
  };
}
