// The largest estate: what a close, a question about the past and a purge cost in calls, bytes and seconds; whole in memory, a tenth of it on the emulator.
import { randomUUID } from 'node:crypto';
import { startAzurite } from '../../infra/local/azurite.ts';
import type { FleetCluster } from '../../shared/model/fleet.ts';
import { reverseTimeKey } from '../../shared/model/keys.ts';
import type { Scan } from '../../shared/model/scan.ts';
import { slotScanId } from '../../shared/model/scan.ts';
import { keptTags } from '../../shared/model/tags.ts';
import type { RowChange, Table, Tables } from '../../shared/ports.ts';
import { gatherFleet } from '../../shared/scan/gather-fleet.ts';
import { purgeSlice } from '../../shared/scan/purge.ts';
import { createTables } from '../../shared/store/azure-tables.ts';
import { putIndexed, putSubscription } from '../../shared/store/fleet-index.ts';
import { cachedFleet, insertFleet, readKnownFleet, readTrend } from '../../shared/store/fleet-snapshots.ts';
import { inTurns } from '../../shared/store/parts.ts';
import { subscriptionsPartition, putWork } from '../../shared/store/work.ts';
import type { CountedTables } from '../support/counted-tables.ts';
import { countedTables } from '../support/counted-tables.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import { memoryTables } from '../support/memory-tables.ts';
import { createWorld } from '../support/world.ts';
import type { Figure } from './report.ts';
import { ms } from './report.ts';

const LARGEST = { clusters: 20_000, subscriptions: 2_000, unreadable: 1_000, closes: 1_440, rowsEach: 10 };
const TENTH = { clusters: 2_000, subscriptions: 200, unreadable: 100, closes: 200, rowsEach: 4 };
type Size = typeof LARGEST;

const START = Date.parse('2026-11-01T00:00:00Z');
const PERIOD_MS = 1_800_000;
const momentOf = (close: number): Date => new Date(START + close * PERIOD_MS);
const closedAt = (close: number): Date => new Date(momentOf(close).getTime() + 60_000);
const idOf = (number: number): string => `11111111-1111-4111-8111-${String(number).padStart(12, '0')}`;

/** Random letters, which compression makes shorter by a third at most: tags of which all 50 are as long as Azure allows. */
const letters = Array.from({ length: 400_000 }, () => Math.floor(Math.random() * 36).toString(36)).join('');
const maximalTags = (seed: number): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Array.from({ length: 50 }, (_, i) => {
      const from = (seed * 977 + i * 7_919) % (letters.length - 768);
      return [letters.slice(from, from + 512), letters.slice(from + 512, from + 768)];
    }),
  );

const lineOf = (number: number, size: Size): FleetCluster => {
  const cluster = fleetCluster(`cluster-${number}`, keptTags(maximalTags(number)));
  const subscriptionId = idOf(number % size.subscriptions);
  return { ...cluster, subscriptionId, key: `${subscriptionId}~rg~${cluster.name}` };
};

const scanOf = (close: number): Scan => ({
  id: slotScanId(momentOf(close)),
  at: momentOf(close).toISOString(),
  by: 'bench',
  openedAt: momentOf(close).toISOString(),
  deadline: momentOf(close + 1).toISOString(),
  state: 'open',
  sealed: true,
  sentAt: momentOf(close).toISOString(),
  subscriptions: 0,
  dispatched: false,
  skipped: 0,
});

async function fill({ Fleet, Work }: Tables, size: Size): Promise<void> {
  const { id: scanId } = scanOf(0);
  const numbers = Array.from({ length: size.subscriptions }, (_, i) => i);
  await inTurns(numbers, 16, async (number) => {
    const unread = {
      readable: false,
      reason: 'subscription-unreadable',
      message: 'The identity has no role here.',
    } as const;
    const state = number < size.unreadable ? unread : { readable: true };
    const subscription = { id: idOf(number), name: `Subscription ${number}`, since: scanOf(0).at, ...state };
    await putSubscription(Fleet, { subscription, scanId, outbox: false, firstReadScanId: scanId });
  });
  const partition = subscriptionsPartition(scanId);
  const item = { partition, sentAt: momentOf(0), tries: 1, state: 'done' as const };
  await putWork(
    Work,
    numbers.map((number) => ({
      ...item,
      key: idOf(number),
      message: { subscription: { id: idOf(number), name: '' } },
    })),
  );
  const clusters = Array.from({ length: size.clusters }, (_, i) => i);
  await inTurns(clusters, 16, (number) =>
    putIndexed(Fleet, { cluster: lineOf(number, size), scanId, outbox: false, gone: false }),
  );
}

async function benchOn(where: string, inner: Tables, size: Size): Promise<Figure[]> {
  const counted = countedTables(inner);
  const { ctx } = createWorld({ tables: counted.tables, start: closedAt(0) });
  const figures: Figure[] = [];
  const timed = async (what: string, bar: string, run: () => Promise<unknown>): Promise<void> => {
    counted.take();
    const started = performance.now();
    await run();
    figures.push({ what: `  ${what}`, measured: `${ms(performance.now() - started)}, ${inWords(counted)}`, bar });
  };
  const { Fleet } = counted.tables;
  await fill(inner, size);
  figures.push({
    what: `${size.clusters} clusters with 50 maximal tags, ${size.unreadable} of ${size.subscriptions} subscriptions unreadable, ${where}`,
    measured: '',
    bar: '',
  });
  let fleet = fleetOf([]);
  await timed('gathering the fleet at a close', '-', async () => {
    fleet = { ...(await gatherFleet(ctx, scanOf(0), { why: 'finished' })), closedAt: closedAt(0).toISOString() };
  });
  if (fleet.clusters.length !== size.clusters || fleet.missingCount !== size.unreadable)
    throw new Error(`The fleet has ${fleet.clusters.length} clusters and misses ${fleet.missingCount} things`);
  const at = (close: number) => ({ at: momentOf(close).toISOString(), closedAt: closedAt(close).toISOString() });
  await timed('storing it, the first time', '-', () => insertFleet(Fleet, fleet));
  await timed('  and unchanged', '-', () => insertFleet(Fleet, { ...fleet, ...at(1) }));
  const changed = fleet.clusters.map((cluster, i) => (i % 1_000 === 0 ? { ...cluster, midOperation: true } : cluster));
  await timed('  and with one line of a thousand changed', '-', () =>
    insertFleet(Fleet, { ...fleet, clusters: changed, ...at(2) }),
  );
  const newest = cachedFleet(Fleet);
  await timed('the newest fleet, by a new process', '-', newest);
  await timed('  asked again', '1 call', newest);
  await timed('the fleet as of a moment', '-', () => readKnownFleet(Fleet, closedAt(1)));
  await trendOn(inner.Chat, size);
  await timed(`the trend of ${size.closes} closes`, '-', () =>
    counts(readTrend(counted.tables.Chat, momentOf(0), closedAt(size.closes))),
  );
  await history(inner.Results, size);
  await timed(`a purge of ${size.clusters * size.rowsEach} rows, nothing due`, 'each row once', async () => {
    const waiting = [''];
    const send = async (_queue: string, message: unknown): Promise<void> =>
      void waiting.push((message as { after: string }).after);
    for (let after = waiting.shift(); after !== undefined; after = waiting.shift())
      await purgeSlice({ ...ctx, queue: { send } }, { before: new Date(START - 1).toISOString(), after });
  });
  return figures;
}

async function counts(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of items) count++;
  return count;
}

/** Heads weigh the same for every fleet: those of a small one, in a table of their own. */
async function trendOn(table: Table, size: Size): Promise<void> {
  for (let close = 0; close < size.closes; close++)
    await insertFleet(
      table,
      fleetOf([], { at: momentOf(close).toISOString(), closedAt: closedAt(close).toISOString() }),
    );
}

/** Of every cluster the latest result, its history and its drift; only the keys and moments matter. */
async function history(table: Table, size: Size): Promise<void> {
  const at = momentOf(0).toISOString();
  const numbers = Array.from({ length: size.clusters }, (_, i) => i);
  const each = (size.rowsEach - 2) / 2;
  await inTurns(numbers, 16, (number) => {
    const partitionKey = lineOf(number, size).key;
    const old = Array.from({ length: each + 1 }, (_, i) => `h~${reverseTimeKey(momentOf(i))}`);
    const drift = Array.from({ length: each }, (_, i) => `d~${reverseTimeKey(momentOf(i))}`);
    const changes = ['latest', ...old, ...drift].map((rowKey): RowChange => ({
      kind: 'upsert',
      row: { partitionKey, rowKey, at, storedAt: at, scanId: 's', schema: 1, body0: new Uint8Array(400) },
    }));
    return table.transact(partitionKey, changes);
  });
}

function inWords({ take }: CountedTables): string {
  const { calls, rowsRead, bytesRead, bytesWritten } = take();
  const kb = (bytes: number): string =>
    bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return [
    `${calls} calls`,
    ...(rowsRead > 0 ? [`${rowsRead} rows of ${kb(bytesRead)} read`] : []),
    ...(bytesWritten > 0 ? [`${kb(bytesWritten)} written`] : []),
  ].join(', ');
}

export async function benchFleet(): Promise<Figure[]> {
  const inMemory = await benchOn('in memory', memoryTables(), LARGEST);
  const azurite = await startAzurite();
  try {
    const prefix = `b${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    const target = { connectionString: azurite.connectionString };
    return [
      ...inMemory,
      ...(await benchOn('on the emulator', createTables({ target, prefix, timeoutMs: 60_000 }), TENTH)),
    ];
  } finally {
    await azurite.close();
  }
}
