// Closing a scan: the fleet as it now stands is stored once, the drift goes to the alerts, the work is cleared away.
import type { Fleet } from '../model/fleet.ts';
import type { Scan } from '../model/scan.ts';
import { clip } from '../model/clip.ts';
import { toMissing } from '../model/missing.ts';
import { StoredRowError } from '../store/body.ts';
import { insertFleet, readFleet } from '../store/fleet-snapshots.ts';
import { changeScan, readScan } from '../store/scans.ts';
import { clearWork } from '../store/work.ts';
import type { ScanContext } from './context.ts';
import { minutes } from './context.ts';
import { errorText } from './error-text.ts';
import type { Why } from './gather-fleet.ts';
import { gatherFleet } from './gather-fleet.ts';

/**
 * Closes a scan and hands its drift over. Every step may be repeated by whoever comes after a crash.
 * A close that failed three times, whatever the cause, leaves out what is long; after three more only the scan's own row is written.
 * @throws when storage fails; the next wake-up tries again
 */
export async function closeScan(ctx: ScanContext, scanId: string, why: Why): Promise<void> {
  const scan = await readScan(ctx.tables.Scans, scanId);
  if (!scan) return;
  const closed = scan.state === 'closed' ? scan : await writeClose(ctx, scan, why);
  if (!closed.dispatched) await handOver(ctx, closed);
}

const MOST_TRIES_WHOLE = 3;
const MOST_TRIES_SHORT = 6;
/** Wake-ups that come at the same time try once. */
const ONE_TRY_MS = 20_000;

async function writeClose(ctx: ScanContext, given: Scan, why: Why): Promise<Scan> {
  const scan = await countTry(ctx, given);
  if (scan.state === 'closed') return scan;
  try {
    const head = await storeClose(ctx, scan, why);
    const closed = await changeScan(ctx.tables.Scans, scan.id, ({ closing: _closing, ...s }) =>
      s.state === 'closed' ? undefined : { ...s, ...head, state: 'closed' },
    );
    const { outcome, missingCount, summary } = closed ?? scan;
    ctx.log.info('scan closed', {
      scanId: scan.id,
      outcome,
      clusters: summary?.clusters,
      missing: missingCount,
      why,
    });
    return closed ?? scan;
  } catch (error) {
    await noteProblem(ctx, scan, errorText(error));
    throw error;
  }
}

/** Counted before it is tried: the process may die of it. */
async function countTry(ctx: ScanContext, given: Scan): Promise<Scan> {
  const now = ctx.clock.now();
  const scan = await changeScan(ctx.tables.Scans, given.id, (s) => {
    const { tries = 0, at = '' } = s.closing ?? {};
    if (s.state === 'closed' || Math.abs(now.getTime() - Date.parse(at)) < ONE_TRY_MS) return undefined;
    return { ...s, closing: { ...s.closing, tries: tries + 1, at: now.toISOString() } };
  });
  return scan ?? given;
}

async function noteProblem(ctx: ScanContext, { id }: Scan, problem: string): Promise<void> {
  ctx.log.error('scan could not be closed', { scanId: id, problem });
  try {
    await changeScan(ctx.tables.Scans, id, (s) => s.closing && { ...s, closing: { ...s.closing, problem } });
  } catch (error) {
    ctx.log.error('why a scan could not be closed was not stored', { scanId: id, error });
  }
}

type Head = Pick<Scan, 'outcome' | 'missing' | 'missingCount' | 'summary' | 'closedAt'>;

/** Stores the fleet. @returns what the scan's own row says of it */
async function storeClose(ctx: ScanContext, scan: Scan, why: Why): Promise<Head> {
  const { tries = 1, problem = 'every attempt ended without an answer' } = scan.closing ?? {};
  if (tries > MOST_TRIES_SHORT) return leastHead(ctx, scan, why, problem);
  const fleet = await gatherFleet(ctx, scan, { why, ...(tries > MOST_TRIES_WHOLE ? { lessBecause: problem } : {}) });
  const inserted = await insertFleet(ctx.tables.Fleet, fleet);
  // Somebody closed it a moment ago: the fleet they inserted is the one that counts.
  return headOf(inserted === 'inserted' ? fleet : ((await readFleet(ctx.tables.Fleet, new Date(scan.at))) ?? fleet));
}

const headOf = ({ closedAt, outcome, missing, missingCount, summary }: Fleet): Head => ({
  closedAt,
  outcome,
  missing,
  missingCount,
  summary,
});

/** The fleet cannot be stored at all: those who ask get the one before, with its age. */
async function leastHead(ctx: ScanContext, scan: Scan, why: Why, problem: string): Promise<Head> {
  const least = { closedAt: ctx.clock.now().toISOString(), outcome: 'partial' as const };
  const sentence = `The fleet could not be stored (${clip(problem, 200)})`;
  try {
    const { summary } = await gatherFleet(ctx, scan, { why, lessBecause: problem });
    return { ...least, ...toMissing([`${sentence}: ${summary.clusters} clusters are known.`]), summary };
  } catch (error) {
    ctx.log.error('the clusters could not be counted', { scanId: scan.id, error });
    return { ...least, ...toMissing([`${sentence}.`]) };
  }
}

/** What closed before everything stood still for hours says nothing of the present. */
const isRecent = ({ clock, settings }: ScanContext, { at, closedAt = at }: Scan): boolean =>
  clock.now().getTime() - Date.parse(closedAt) < 2 * minutes(settings.periodMinutes);

async function handOver(ctx: ScanContext, closed: Scan): Promise<void> {
  await ctx.dispatch(closed, await readOwnFleet(ctx, closed));
  if (closed.outcome === 'complete' && isRecent(ctx, closed)) await ctx.heartbeat(closed);
  await clearWork(ctx.tables.Work, new Date(closed.at), closed.unfinished);
  // Whatever earlier scans left in the outboxes went with it.
  for (const id of [...(closed.unfinished ?? []), closed.id])
    await changeScan(ctx.tables.Scans, id, (s) =>
      s.dispatched || s.state === 'open' ? undefined : { ...s, dispatched: true },
    );
}

/** @returns undefined where the scan closed without one, a later one has closed, or it cannot be read: what drifted is told all the same */
async function readOwnFleet(ctx: ScanContext, { id }: Scan): Promise<Fleet | undefined> {
  try {
    const fleet = await readFleet(ctx.tables.Fleet);
    return fleet?.scanId === id ? fleet : undefined;
  } catch (error) {
    if (!(error instanceof StoredRowError)) throw error;
    ctx.log.error('the fleet of a scan cannot be read', { scanId: id, error });
    return undefined;
  }
}
