// One step of the alerts: what happened, what scans saw and what people did in; cards out. Pure, the clock passed in.
import { createHash } from 'node:crypto';
import type { Fleet, FleetSummary } from '../model/fleet.ts';
import type { Alert, AlertEvent } from './alert.ts';
import type { Card, DigestCard, DigestPoint } from './card.ts';
import { inhibit } from './inhibit.ts';
import type { LifecycleContext, Sighting } from './lifecycle.ts';
import { age, alertId, applyEvent, applySighting, end } from './lifecycle.ts';
import type { AlertsState, Notification } from './model.ts';
import { createMuting } from './mute.ts';
import type { CardUpdate } from './notify.ts';
import { compareAlerts, notify, toItem } from './notify.ts';
import type { Routing, Target } from './routing.ts';
import { destinationsFor, targetsOf } from './routing.ts';
import type { Silence } from './service.ts';
import { digestDate } from './time.ts';

export interface AdvanceInput {
  /** Everything in the outbox, taken up before or not, in the order of time. */
  readonly events: readonly AlertEvent[];
  /** What the scan saw of alerts that wait for it, by their ids. */
  readonly sightings: ReadonlyMap<string, Sighting>;
  readonly fleet: Pick<Fleet, 'clusters' | 'subscriptions'> | undefined;
  readonly catalogue: string;
  readonly routing: Routing;
  readonly silences: readonly Silence[];
  /** Conversations that can be posted to. */
  readonly targets: readonly Target[];
  /** Conversations that cannot any more. */
  readonly failed: readonly (Target & { readonly why: string })[];
  /** One sentence when scans have stopped. */
  readonly overdue: string | undefined;
  /** What the digest tells, when one is due. */
  readonly digest: DigestContent | undefined;
  readonly scanId: string;
  readonly now: Date;
}

export interface DigestContent {
  readonly summary: FleetSummary;
  readonly trend: readonly DigestPoint[];
  readonly changes: DigestCard['changes'];
}

export interface Advanced {
  readonly state: AlertsState;
  /** New cards. */
  readonly cards: readonly Card[];
  readonly updates: readonly CardUpdate[];
  /** One for every new card and every update, in the order of telling. */
  readonly notifications: readonly Notification[];
  /** Call again: more is owed than fits one transaction. */
  readonly more: boolean;
}

/** The state is one document: beyond this the least severe are forgotten, and counted. */
export const MAX_ALERTS = 20_000;
const MAX_PROCESSED = 20_000;
/** Cards and updates in one transaction, two rows each, beside the rows of the state. */
const MOST_CARDS = 35;
/** Alerts named on a digest. */
const MAX_UNACKNOWLEDGED = 20;

/** @returns which outbox an event came in: a scan's outbox of one cluster is written and taken up as a whole */
const outboxOf = ({ scanId, clusterId, subscriptionId }: AlertEvent): string =>
  createHash('sha256')
    .update(`${scanId}|${clusterId || subscriptionId}`)
    .digest('base64url')
    .slice(0, 10);

/** @returns what to tell, and what to remember */
export function advance(state: AlertsState, input: AdvanceInput): Advanced {
  const { routing, targets, now, scanId } = input;
  const lifecycle: LifecycleContext = {
    routing,
    destinations: (event) => destinationsFor(routing, event, targets),
  };
  const taken = new Set(state.processed);
  const fresh = input.events.filter((event) => !taken.has(outboxOf(event)));
  const reassigned = state.alerts.map((alert) => leaveFailed(alert, input, lifecycle));
  const alerts = new Map(reassigned.map((alert) => [alert.id, alert]));
  sight(alerts, input, lifecycle);
  const { told, muted } = inhibit(fresh);
  const quiet = new Set(muted);
  for (const event of [...told, ...muted].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)))
    applyEvent(alerts, event, lifecycle, quiet.has(event));
  tellOwn(alerts, state, input, lifecycle);
  const endOutside = createEnding(input, lifecycle);
  const living = [...alerts.values()].flatMap((alert) => age(endOutside(alert), now, lifecycle) ?? []);
  const kept = living.length > MAX_ALERTS ? living.toSorted(compareAlerts).slice(0, MAX_ALERTS) : living;
  const muting = createMuting({ alerts, silences: input.silences, routing, fleet: input.fleet, now });
  const result = notify(kept, {
    routing,
    targets,
    muting,
    now,
    scanId,
    fleetSize: input.fleet?.clusters.length ?? 0,
    subscriptionName: (id) => input.fleet?.subscriptions.find((one) => one.id === id)?.name ?? id,
    newRules: fresh.length > 0 && state.catalogue !== undefined && state.catalogue !== input.catalogue,
    overdue: input.overdue,
    most: MOST_CARDS,
  });
  const room = MOST_CARDS - result.posts.length - result.updates.length;
  const digest = digestOf(state, input, result.alerts, room);
  const cards = [...result.posts, ...digest.cards];
  const notifications = [
    ...cards.map(({ id, destination }) => ({ card: id, destination, mode: 'post' as const })),
    ...result.updates.map(({ card, destination }) => ({ card, destination, mode: 'update' as const })),
  ].map((one, index): Notification => ({ ...one, seq: state.seq + index, scanId }));
  return {
    state: {
      seq: state.seq + notifications.length,
      processed: [...new Set([...state.processed, ...input.events.map(outboxOf)])].slice(-MAX_PROCESSED),
      alerts: result.alerts.flatMap((alert) => age(alert, now, lifecycle) ?? []),
      ...(digest.told ? { digest: digest.told } : {}),
      ...(fresh.length > 0 || state.catalogue === undefined
        ? { catalogue: input.catalogue }
        : { catalogue: state.catalogue }),
      failures: input.failed.map(({ key }) => key),
      dropped: state.dropped + living.length - kept.length,
    },
    cards,
    updates: result.updates,
    notifications,
    more: result.more || digest.more,
  };
}

type MutableAlerts = Map<string, Alert>;

function sight(alerts: MutableAlerts, { sightings }: AdvanceInput, lifecycle: LifecycleContext): void {
  for (const [id, sighting] of sightings) {
    const alert = alerts.get(id);
    const next = alert && applySighting(alert, sighting, lifecycle);
    if (next) alerts.set(id, next);
    else alerts.delete(id);
  }
}

/** Who was told in a conversation that failed, and nowhere else, is owed it elsewhere. */
function leaveFailed(alert: Alert, { failed }: AdvanceInput, lifecycle: LifecycleContext): Alert {
  if (failed.length === 0 || alert.status !== 'firing') return alert;
  const lost = new Set(failed.map(({ key }) => key));
  const known = [...alert.owed, ...Object.keys(alert.told)];
  if (known.length === 0 || !known.every((key) => lost.has(key))) return alert;
  return { ...alert, owed: lifecycle.destinations(alert.event), told: {} };
}

/** What is about Bulkhead itself: scans that stopped, conversations that cannot be reached. */
function tellOwn(alerts: MutableAlerts, state: AlertsState, input: AdvanceInput, lifecycle: LifecycleContext): void {
  const { overdue, now, scanId } = input;
  const base = {
    scanId,
    at: now.toISOString(),
    subscriptionId: '',
    clusterId: '',
    clusterName: '',
    resourceGroup: '',
    tags: {},
    severity: 'high' as const,
  };
  for (const { key, name, why } of input.failed) {
    if (state.failures.includes(key)) continue;
    const event: AlertEvent = {
      ...base,
      id: ['destination-failed', key, now.toISOString()].join('|'),
      kind: 'destination-failed',
      title: `Bulkhead can no longer post to ${name ?? 'a conversation that subscribed'}`,
      detail: why,
      remediation: 'Add the app to the conversation again, then send it: subscribe',
    };
    applyEvent(alerts, event, lifecycle);
  }
  const stopped: AlertEvent = {
    ...base,
    id: ['scans-stopped', now.toISOString()].join('|'),
    kind: 'scans-stopped',
    title: 'Scans have stopped',
    detail: overdue ?? '',
    remediation: 'Look at the Function App: is it running, and does its log show errors?',
  };
  const id = alertId(stopped);
  const known = alerts.get(id);
  if (overdue !== undefined && known?.status !== 'firing') {
    applyEvent(alerts, stopped, lifecycle);
    alerts.set(id, { ...alerts.get(id)!, type: 'state', turns: known?.turns ?? [], told: known?.told ?? {} });
  } else if (overdue === undefined && known?.status === 'firing') {
    const over = end(known, now.toISOString(), scanId, lifecycle);
    if (over) alerts.set(id, over);
  }
}

/** What nobody looks at any more cannot go on failing: a subscription left out, a cluster no longer in the fleet. */
function createEnding({ fleet, now, scanId }: AdvanceInput, lifecycle: LifecycleContext): (alert: Alert) => Alert {
  const known = new Set([...(fleet?.clusters ?? []), ...(fleet?.subscriptions ?? [])].map(({ id }) => id));
  return (alert) => {
    const { clusterId, subscriptionId } = alert.event;
    if (!fleet || alert.type !== 'state' || subscriptionId === '' || alert.status !== 'firing') return alert;
    if (known.has(clusterId || subscriptionId)) return alert;
    return end(alert, now.toISOString(), scanId, lifecycle) ?? alert;
  };
}

/** @returns the local date of a digest that is due, and who has and has not got it; undefined when everybody has */
export function digestDue(state: Pick<AlertsState, 'digest'>, routing: Routing, targets: readonly Target[], now: Date) {
  const { digest } = routing;
  if (!digest) return undefined;
  const date = digestDate(digest, now);
  // The clock on the wall was put back past the hour.
  if (state.digest && date < state.digest.date) return undefined;
  const told = state.digest?.date === date ? state.digest.told : [];
  // Who subscribed when its hour was past gets the next one.
  const present = targets.filter(({ since }) => since === undefined || digestDate(digest, new Date(since)) < date);
  const owed = targetsOf(digest, present).filter((key) => !told.includes(key));
  return owed.length > 0 ? { date, told, owed, every: digest.every } : undefined;
}

interface DigestStep {
  readonly told: AlertsState['digest'];
  readonly cards: readonly DigestCard[];
  readonly more: boolean;
}

function digestOf(state: AlertsState, input: AdvanceInput, alerts: readonly Alert[], room: number): DigestStep {
  const { routing, digest: content, targets, now, scanId, overdue, silences } = input;
  const due = digestDue(state, routing, targets, now);
  // Digests were switched on a moment ago: one whose hour is past today is not made up for.
  if (routing.digest && state.digest === undefined)
    return { told: { date: digestDate(routing.digest, now), told: due?.owed ?? [] }, cards: [], more: false };
  if (!due || !content) return { told: state.digest, cards: [], more: false };
  const { date, told, owed, every } = due;
  const open = alerts
    .filter((alert) => alert.type === 'state' && alert.status === 'firing' && !alert.ack)
    .toSorted(compareAlerts);
  const cards = owed.slice(0, room).map((destination): DigestCard => ({
    id: createHash('sha256').update(`digest\n${date}\n${destination}`).digest('hex').slice(0, 20),
    kind: 'digest',
    destination,
    scanId,
    at: now.toISOString(),
    ...(overdue === undefined ? {} : { overdue }),
    period: every,
    ...content,
    unacknowledged: open.slice(0, MAX_UNACKNOWLEDGED).map(toItem),
    more: Math.max(0, open.length - MAX_UNACKNOWLEDGED),
    silences: silences.length,
  }));
  const done = cards.map(({ destination }) => destination);
  return { told: { date, told: [...told, ...done] }, cards, more: done.length < owed.length };
}
