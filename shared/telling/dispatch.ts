// Dispatching: what waits in the outboxes, what time brings and what people do becomes cards, in one transaction with what is
// remembered of it.
import type { Fleet } from '../model/fleet.ts';
import type { DriftEvent } from '../model/result.ts';
import type { Clock, Log, Queue, Tables } from '../ports.ts';
import type { Advanced } from '../alerts/advance.ts';
import { advance } from '../alerts/advance.ts';
import type { Alert } from '../alerts/alert.ts';
import { untilStored } from '../store/until-stored.ts';
import { listDestinations } from './destinations.ts';
import { digestDue } from '../alerts/stages/digest.ts';
import { gatherDigest } from './gather-digest.ts';
import type { Routing } from '../alerts/routing.ts';
import { renew } from './renew.ts';
import { readSightings } from './sightings.ts';
import { listSilences } from './silences.ts';
import { readState, writeState } from './state-store.ts';
import { tagsIn } from './tags.ts';
import { toldRows } from './told-rows.ts';
import type { AdvanceInput, AlertsState } from '../alerts/model.ts';

export interface DispatchContext {
  readonly tables: Pick<Tables, 'Alerts' | 'Chat' | 'Results' | 'Fleet'>;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly log: Log;
  readonly routing: () => Promise<Routing>;
  /** The fleet as of the newest close. */
  readonly fleet: () => Promise<Fleet | undefined>;
  /** One sentence when scans have stopped. */
  readonly overdue: () => Promise<string | undefined>;
  /** Version of the rules. */
  readonly catalogue: string;
}

export interface OutboxPort {
  readonly events: readonly DriftEvent[];
  remove(): Promise<void>;
}

/** Takes up every event of the outbox exactly once, whatever crashes in between. @param fleet undefined where the scan closed without one */
export async function dispatch(
  ctx: DispatchContext,
  scanId: string,
  outbox: OutboxPort,
  fleet: Fleet | undefined,
): Promise<void> {
  await step(ctx, { scanId, events: outbox.events, ...(fleet ? { closed: fleet } : {}) });
  await outbox.remove();
}

/** Tells what time brings: ends of quiet hours and silences, repeats, digests, scans that stopped. Safe to call at any time. */
export const tend = (ctx: DispatchContext): Promise<void> => step(ctx, { scanId: '', events: [] });

/** Changes alerts on people's behalf, all at once; cards that show them follow. @param changes in their order; none of them may throw */
export const act = (ctx: DispatchContext, changes: readonly Change[]): Promise<void> =>
  step(ctx, { scanId: '', events: [], changes });

export type Change = (alerts: readonly Alert[]) => readonly Alert[];

interface Step {
  readonly scanId: string;
  readonly events: readonly DriftEvent[];
  /** The fleet of the scan that has just closed. */
  readonly closed?: Fleet;
  readonly changes?: readonly Change[];
}

async function step(ctx: DispatchContext, { changes = [], ...given }: Step): Promise<void> {
  const { Alerts } = ctx.tables;
  const more = await untilStored(Alerts, 'the alerts', async () => {
    const fleet = given.closed ?? (await ctx.fleet());
    const tagsOf = tagsIn(fleet);
    const read = await readState(Alerts, { tagsOf, log: ctx.log });
    const state = { ...read.state, alerts: changes.reduce((alerts, change) => change(alerts), read.state.alerts) };
    const now = ctx.clock.now();
    const next = await decide(ctx, given, fleet, state, now);
    if ((await writeState(Alerts, read, next, await toldRows(Alerts, next, now), tagsOf)) === 'conflict')
      return 'conflict';
    await announce(ctx, given.scanId, read.state, next);
    return next.more;
  });
  if (more) await step(ctx, given);
}

async function decide(
  ctx: DispatchContext,
  given: Step,
  fleet: Fleet | undefined,
  state: AlertsState,
  now: Date,
): Promise<Advanced> {
  const input = await gather(ctx, given, fleet, state, now);
  const next = advance(state, input);
  const news = new Set(given.events.map(({ id }) => id));
  const renewed = await renew(ctx.tables.Results, state, next, news, now);
  return renewed ? advance(renewed.state, { ...input, over: renewed.over }) : next;
}

async function gather(
  ctx: DispatchContext,
  given: Step,
  fleet: Fleet | undefined,
  state: AlertsState,
  now: Date,
): Promise<AdvanceInput> {
  const { tables } = ctx;
  const routing = await ctx.routing();
  const targets = await listDestinations(tables.Chat);
  const due = fleet && digestDue(state, routing, targets, now);
  return {
    events: given.events,
    sightings: given.closed ? await readSightings(tables.Results, state.alerts, given.closed, given.scanId) : new Map(),
    fleet,
    catalogue: ctx.catalogue,
    routing,
    silences: await listSilences(tables.Alerts, now),
    targets,
    // A scan that closed need not have looked at anything.
    overdue: await ctx.overdue(),
    digest: due && state.digest ? await gatherDigest(tables.Fleet, fleet, due.every, now) : undefined,
    scanId: given.scanId,
    now,
  };
}

async function announce(
  ctx: DispatchContext,
  scanId: string,
  before: AlertsState,
  { notifications, state }: Advanced,
): Promise<void> {
  const dropped = state.dropped - before.dropped;
  if (dropped > 0) ctx.log.warn('alerts forgotten, there are too many', { scanId, dropped });
  if (notifications.length === 0) return;
  ctx.log.info('notifications written', { scanId, notifications: notifications.length });
  await ctx.queue.send('deliver', { scanId });
}
