// The life of an alert: pending, firing, resolved, and flapping when it cannot decide. Pure; moments are passed in.
import { createHash } from 'node:crypto';
import { severityRank } from '../model/verdict.ts';
import type { Alert, AlertEvent } from './alert.ts';
import type { Routing } from './routing.ts';

export interface LifecycleContext {
  readonly routing: Pick<Routing, 'fireAfter' | 'resolveAfter' | 'visibilityAfter' | 'flap'>;
  /** Who is to hear of an event, should it fire. */
  readonly destinations: (event: AlertEvent) => readonly string[];
}

export type Alerts = ReadonlyMap<string, Alert>;

/** What an event says about something that lasts; `undefined` for a change that is over as soon as it happened. */
const says: Readonly<Partial<Record<AlertEvent['kind'], readonly ['fails' | 'passes', string]>>> = {
  'new-failure': ['fails', 'rule'],
  'exemption-expired': ['fails', 'rule'],
  resolved: ['passes', 'rule'],
  'visibility-lost': ['fails', 'visibility'],
  'visibility-regained': ['passes', 'visibility'],
  'subscription-lost': ['fails', 'visibility'],
  'subscription-regained': ['passes', 'visibility'],
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 10);

/** @returns the id of the alert that an event is about: for what lasts by cluster, rule and subject; for a change by the event itself */
export function alertId(event: AlertEvent): string {
  if (event.kind === 'scans-stopped') return hash('scans-stopped');
  const about = says[event.kind];
  if (!about) return hash(event.id);
  return hash([event.clusterId || event.subscriptionId, about[1], event.rule ?? '', event.subject ?? ''].join('|'));
}

/**
 * Changes the alerts in place: thousands of events may come at once.
 * @param event in the order of time; the same event must not come twice
 * @param quietly keep account of it, but tell nobody: it follows from a larger change
 */
export function applyEvent(
  alerts: Map<string, Alert>,
  event: AlertEvent,
  ctx: LifecycleContext,
  quietly = false,
): void {
  const put = (alert: Alert): void => void alerts.set(alert.id, quietly ? { ...alert, owed: [] } : alert);
  const id = alertId(event);
  const before = alerts.get(id);
  const about = says[event.kind];
  if (!about) {
    put(oneChange(id, event, ctx));
    if (event.kind === 'cluster-gone') endAll(alerts, event, ctx);
  } else if (about[0] === 'fails') {
    const scans = about[1] === 'rule' ? ctx.routing.fireAfter : ctx.routing.visibilityAfter;
    put(seenFailing(before, event, scans, ctx));
  } else if (!before) {
    // It failed before there was anything to be told of: that it does not any more is news all the same.
    put(oneChange(hash(event.id), event, ctx));
  } else if (before.status !== 'resolved') {
    const after = seenPassing(before, event, ctx);
    if (after) put(after);
    else alerts.delete(id);
  }
}

/** What a scan saw of an alert that waits to fire or to be resolved. */
export interface Sighting {
  readonly verdict: 'fails' | 'passes';
  readonly scanId: string;
  /** RFC 3339. */
  readonly at: string;
}

/** @returns the alert after one more scan looked at it; undefined when nothing is left of it */
export function applySighting(alert: Alert, sighting: Sighting, ctx: LifecycleContext): Alert | undefined {
  if (alert.scanId === sighting.scanId) return alert;
  const event = { ...alert.event, scanId: sighting.scanId, at: sighting.at };
  if (sighting.verdict === 'passes') return alert.status === 'resolved' ? alert : seenPassing(alert, event, ctx);
  if (alert.status === 'firing') return { ...alert, seen: 0, scanId: sighting.scanId };
  const scans = alert.event.kind.endsWith('-lost') ? ctx.routing.visibilityAfter : ctx.routing.fireAfter;
  return seenFailing(alert, { ...alert.event, scanId: sighting.scanId }, scans, ctx, sighting.at);
}

/** @returns true while only further scans can tell what becomes of it */
export const awaitsSighting = (alert: Alert): boolean =>
  alert.type === 'state' && (alert.status === 'pending' || (alert.status === 'firing' && alert.seen > 0));

function oneChange(id: string, event: AlertEvent, ctx: LifecycleContext): Alert {
  return {
    id,
    type: 'change',
    status: 'firing',
    event,
    since: event.at,
    seen: 0,
    scanId: event.scanId,
    turns: [],
    flapping: false,
    owed: ctx.destinations(event),
    told: {},
  };
}

function seenFailing(
  before: Alert | undefined,
  event: AlertEvent,
  scans: number,
  ctx: LifecycleContext,
  at = event.at,
): Alert {
  if (before?.status === 'firing') return stillFiring(before, event, ctx);
  const pending = before?.status === 'pending' ? before : undefined;
  const counted = (pending?.seen ?? 0) + (pending?.scanId === event.scanId ? 0 : 1);
  const base = { ...oneChange(alertId(event), event, ctx), type: 'state' as const, scanId: event.scanId };
  const kept = { turns: before?.turns ?? [], flapping: before?.flapping ?? false, told: before?.told ?? {} };
  if (counted < scans)
    return { ...base, ...kept, status: 'pending', since: pending?.since ?? at, seen: counted, owed: [] };
  return turn({ ...base, ...kept, status: 'firing', since: at, seen: 0 }, at, ctx);
}

/** The same failure again, worse or in other words: told again only when it got worse. */
function stillFiring(before: Alert, event: AlertEvent, ctx: LifecycleContext): Alert {
  const worse = severityRank(event.severity) < severityRank(before.event.severity);
  const { ack: _ack, ...unacknowledged } = before;
  const kept = worse ? unacknowledged : before;
  return { ...kept, event, seen: 0, scanId: event.scanId, owed: worse ? ctx.destinations(event) : before.owed };
}

function seenPassing(before: Alert, event: AlertEvent, ctx: LifecycleContext): Alert | undefined {
  if (before.status === 'pending') return before.turns.length > 0 ? { ...before, status: 'resolved' } : undefined;
  const counted = before.seen + (before.seen > 0 && before.scanId === event.scanId ? 0 : 1);
  if (counted < ctx.routing.resolveAfter) return { ...before, seen: counted, scanId: event.scanId };
  const { ack: _ack, ...kept } = before;
  return turn({ ...kept, status: 'resolved', since: event.at, seen: 0, scanId: event.scanId, owed: [] }, event.at, ctx);
}

/** It turned: too many turns within the window, and nobody wants to hear of each. */
function turn(alert: Alert, at: string, ctx: LifecycleContext): Alert {
  const turns = [...alert.turns, at];
  const flapping = alert.flapping || recent(turns, new Date(at), ctx).length >= ctx.routing.flap.turns;
  const wasTold = Object.keys(alert.told).length > 0;
  return { ...alert, turns, flapping, owed: alert.flapping && wasTold ? [] : alert.owed };
}

const recent = (turns: readonly string[], now: Date, { routing }: LifecycleContext): readonly string[] =>
  turns.filter((at) => Date.parse(at) > now.getTime() - routing.flap.hours * 3_600_000);

/** The cluster is gone, and everything about it with it. */
function endAll(alerts: Map<string, Alert>, { clusterId, at, scanId }: AlertEvent, ctx: LifecycleContext): void {
  for (const [id, alert] of alerts)
    if (alert.type === 'state' && alert.event.clusterId === clusterId) {
      const ended = end(alert, at, scanId, ctx);
      if (ended) alerts.set(id, ended);
      else alerts.delete(id);
    }
}

/** @returns the alert as resolved, whatever it takes to be; undefined when it never fired */
export function end(alert: Alert, at: string, scanId: string, ctx: LifecycleContext): Alert | undefined {
  if (alert.status === 'resolved') return alert;
  return seenPassing(alert, { ...alert.event, at, scanId }, { ...ctx, routing: { ...ctx.routing, resolveAfter: 1 } });
}

/**
 * Time passes: turns leave the window, what has calmed down is told as it stands, what is over and told is forgotten.
 * @returns the alert, or undefined when nothing is left of it
 */
export function age(alert: Alert, now: Date, ctx: LifecycleContext): Alert | undefined {
  const turns = recent(alert.turns, now, ctx);
  const calm = alert.flapping && turns.length < 2;
  const aged: Alert = {
    ...alert,
    turns: turns.length === alert.turns.length ? alert.turns : turns,
    flapping: alert.flapping && !calm,
    owed: calm && alert.status === 'firing' ? Object.keys(alert.told) : alert.owed,
  };
  if (aged.type === 'change') return aged.owed.length > 0 ? aged : undefined;
  const settled = Object.values(aged.told).every(({ as }) => as === 'resolved');
  return aged.status === 'resolved' && !aged.flapping && aged.turns.length === 0 && settled ? undefined : aged;
}
