// The life of an alert: pending, firing, resolved, and flapping when it keeps turning. Pure; moments are passed in.
import { createHash } from 'node:crypto';
import { severityRank } from '../model/verdict.ts';
import type { Alert, AlertEvent } from './alert.ts';
import type { AdvanceInput, Sighting } from './model.ts';
import type { Routing } from './routing.ts';
import { destinationsFor } from './routing.ts';

/** How often something must be seen, and who is to hear of it. */
type Context = Pick<AdvanceInput, 'routing' | 'targets'>;

/** The scan that looked, and when. */
type Look = Pick<Sighting, 'scanId' | 'at'>;

/** What an event says about something that lasts; nothing for a change that is over as soon as it happened. */
const says: Readonly<Partial<Record<AlertEvent['kind'], readonly ['fails' | 'passes', 'rule' | 'visibility']>>> = {
  'new-failure': ['fails', 'rule'],
  'exemption-expired': ['fails', 'rule'],
  resolved: ['passes', 'rule'],
  'visibility-lost': ['fails', 'visibility'],
  'visibility-regained': ['passes', 'visibility'],
  'subscription-lost': ['fails', 'visibility'],
  'subscription-regained': ['passes', 'visibility'],
};

const hash = (text: string, characters: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, characters);

/** @returns how the ids of all alerts about a cluster begin, or about a subscription: an id tells where to look for what it is about */
export const placeOf = ({ clusterId, subscriptionId }: Pick<AlertEvent, 'clusterId' | 'subscriptionId'>): string =>
  hash(clusterId || subscriptionId, 3);

const idOf = (event: AlertEvent, about: string): string => placeOf(event) + hash(about, 9);

/** @returns the id of the alert that an event is about: for what lasts by cluster, rule and subject; for a change by the event itself */
export function alertId(event: AlertEvent): string {
  if (event.kind === 'scans-stopped') return idOf(event, 'scans-stopped');
  const about = says[event.kind];
  if (!about) return idOf(event, event.id);
  const where = event.clusterId || event.subscriptionId;
  return idOf(event, [where, about[1], event.rule ?? '', event.subject ?? ''].join('|'));
}

/** @returns the alert with the id that its event gives it: older versions gave others */
export const reidentified = (alert: Alert): Alert => ({
  ...alert,
  id: alert.type === 'change' ? idOf(alert.event, alert.event.id) : alertId(alert.event),
});

/** @returns an alert that fires at once, as a change that happened; everybody whom its routes name is to hear of it */
export function raised(event: AlertEvent, { routing, targets }: Context): Alert {
  return {
    id: alertId(event),
    type: 'change',
    status: 'firing',
    event,
    since: event.at,
    seen: 0,
    scanId: event.scanId,
    turns: [],
    flapping: false,
    owed: destinationsFor(routing, event, targets),
    told: {},
  };
}

/**
 * @param before the alert that the event is about, if there is one
 * @param event in the order of time; the same event must not come twice
 * @returns the alert after it; undefined when nothing is left of it
 */
export function afterEvent(before: Alert | undefined, event: AlertEvent, ctx: Context): Alert | undefined {
  const verdict = says[event.kind]?.[0];
  if (verdict === undefined) return raised(event, ctx);
  if (verdict === 'fails') return seenFailing(before, event, event.at, ctx);
  // It failed before anybody was told anything: that it no longer does is news all the same.
  return before ? seenPassing(before, event, ctx) : { ...raised(event, ctx), id: idOf(event, event.id) };
}

/** @returns the alert after one more scan looked at it; undefined when nothing is left of it */
export function afterSighting(alert: Alert, { verdict, scanId, at }: Sighting, ctx: Context): Alert | undefined {
  if (alert.scanId === scanId) return alert;
  if (verdict === 'passes') return seenPassing(alert, { scanId, at }, ctx);
  if (alert.status === 'firing') return { ...alert, seen: 0, scanId };
  return seenFailing(alert, { ...alert.event, scanId }, at, ctx);
}

/** @returns true while only further scans can tell what becomes of it */
export const awaitsSighting = (alert: Alert): boolean =>
  alert.type === 'state' && (alert.status === 'pending' || (alert.status === 'firing' && alert.seen > 0));

/** @returns the alert as resolved, however often it must be seen to pass; undefined when it never fired */
export const ended = (alert: Alert, look: Look, ctx: Context): Alert | undefined => seenPassing(alert, look, ctx, 1);

function seenFailing(before: Alert | undefined, event: AlertEvent, at: string, ctx: Context): Alert {
  if (before?.status === 'firing') return stillFiring(before, event, ctx);
  const { fireAfter, visibilityAfter } = ctx.routing;
  const scans = says[event.kind]?.[1] === 'visibility' ? visibilityAfter : fireAfter;
  const pending = before?.status === 'pending' ? before : undefined;
  const seen = (pending?.seen ?? 0) + (pending?.scanId === event.scanId ? 0 : 1);
  const { turns = [], flapping = false, told = {} } = before ?? {};
  const alert: Alert = { ...raised(event, ctx), type: 'state', since: at, turns, flapping, told };
  if (seen < scans) return { ...alert, status: 'pending', since: pending?.since ?? at, seen, owed: [] };
  return turned(alert, at, ctx);
}

/** The same failure again, worse or in other words: told again only when it got worse. */
function stillFiring(before: Alert, event: AlertEvent, { routing, targets }: Context): Alert {
  const again = { ...before, event, seen: 0, scanId: event.scanId };
  if (severityRank(event.severity) >= severityRank(before.event.severity)) return again;
  const { ack: _ack, baseline: _baseline, ...unacknowledged } = again;
  return { ...unacknowledged, owed: destinationsFor(routing, event, targets) };
}

function seenPassing(
  before: Alert,
  { scanId, at }: Look,
  ctx: Context,
  scans = ctx.routing.resolveAfter,
): Alert | undefined {
  if (before.status === 'resolved') return before;
  if (before.status === 'pending') return before.turns.length > 0 ? { ...before, status: 'resolved' } : undefined;
  const seen = before.seen + (before.seen > 0 && before.scanId === scanId ? 0 : 1);
  if (seen < scans) return { ...before, seen, scanId };
  const { ack: _ack, ...kept } = before;
  return turned({ ...kept, status: 'resolved', since: at, seen: 0, scanId, owed: [] }, at, ctx);
}

/** It turned between failing and not. One that turns too often is flapping, and nobody who knows it wants to hear of each turn. */
function turned(alert: Alert, at: string, { routing }: Context): Alert {
  const turns = [...alert.turns, at];
  const flapping = alert.flapping || recent(turns, new Date(at), routing).length >= routing.flap.turns;
  const owed = alert.flapping ? alert.owed.filter((key) => alert.told[key] === undefined) : alert.owed;
  return { ...alert, turns, flapping, owed };
}

/** @returns the turns that count for flapping now */
export const recent = (turns: readonly string[], now: Date, { flap }: Pick<Routing, 'flap'>): readonly string[] =>
  turns.filter((at) => Date.parse(at) > now.getTime() - flap.hours * 3_600_000);
