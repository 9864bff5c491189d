// One step of the alerts: what happened, what scans saw and what people did in; cards out. Pure, the clock passed in.
import { createHash } from 'node:crypto';
import type { Alert, AlertEvent } from './alert.ts';
import type { Card } from './card.ts';
import { digestOf } from './digest.ts';
import { inhibit } from './inhibit.ts';
import type { LifecycleContext } from './lifecycle.ts';
import { age, applyEvent, applySighting, end } from './lifecycle.ts';
import type { AdvanceInput, AlertsState, Notification } from './model.ts';
import { createMuting } from './mute.ts';
import type { CardUpdate } from './notify.ts';
import { compareAlerts, notify } from './notify.ts';
import { tellOwn } from './own.ts';
import { destinationsFor } from './routing.ts';

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

function sight(alerts: Map<string, Alert>, { sightings }: AdvanceInput, lifecycle: LifecycleContext): void {
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
