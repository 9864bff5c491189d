// What keeps an alert from being told: silences, maintenance, and a larger failure that explains it. History keeps all of it.
import type { Fleet } from '../model/fleet.ts';
import type { Alert, AlertEvent } from './alert.ts';
import { isInside } from './inhibit.ts';
import type { Alerts } from './lifecycle.ts';
import { matchesAll, parseMatchers } from './matchers.ts';
import type { Routing } from './routing.ts';
import { maintenanceFor } from './routing.ts';
import type { Silence } from './alert-service.ts';

interface MuteContext {
  readonly alerts: Alerts;
  readonly silences: readonly Silence[];
  readonly routing: Routing;
  /** The fleet as last seen; absent before the first scan. */
  readonly fleet: Pick<Fleet, 'clusters' | 'subscriptions'> | undefined;
  readonly now: Date;
}

/** @returns why an alert is not told at present, for people to read; empty when it is */
export type Muting = (alert: Alert) => readonly string[];

export function createMuting(ctx: MuteContext): Muting {
  const { routing, now } = ctx;
  const silences = ctx.silences
    .filter((silence) => isActive(silence, now))
    .flatMap((silence) => {
      const parsed = parseMatchers(silence.matchers);
      return 'matchers' in parsed ? [{ silence, matchers: parsed.matchers }] : [];
    });
  const explained = createInhibition(ctx);
  return (alert) => {
    const { event } = alert;
    if (event.kind === 'scans-stopped' || event.kind === 'destination-failed') return [];
    const silenced = silences
      .filter(({ matchers }) => matchesAll(matchers, event))
      .map(({ silence: { id, createdBy, endsAt } }) => `silence ${id} by ${createdBy} until ${endsAt}`);
    const maintained = maintenanceFor(routing, event, now);
    const larger = explained(event);
    return [
      ...silenced,
      ...(maintained ? [`maintenance: ${maintained.comment}`] : []),
      ...(larger === undefined ? [] : [larger]),
    ];
  };
}

const isActive = ({ startsAt, endsAt }: Silence, now: Date): boolean =>
  Date.parse(startsAt) <= now.getTime() && now.getTime() < Date.parse(endsAt);

/**
 * A subscription that cannot be read explains its clusters; a cluster that cannot be read explains what its rules would say;
 * one without an engine explains what is wrong inside.
 */
function createInhibition({ alerts, fleet }: MuteContext): (event: AlertEvent) => string | undefined {
  const clusters = new Map(fleet?.clusters.map((cluster) => [cluster.id, cluster]));
  const blind = new Set(fleet?.subscriptions.filter(({ readable }) => !readable).map(({ id }) => id));
  for (const { event, status } of alerts.values())
    if (event.kind === 'subscription-lost' && status !== 'resolved') blind.add(event.subscriptionId);
  return (event) => {
    if (event.kind === 'subscription-lost' || event.kind === 'subscription-regained') return undefined;
    if (event.clusterId !== '' && blind.has(event.subscriptionId)) return 'its subscription cannot be read';
    const cluster = clusters.get(event.clusterId);
    if (!cluster || event.rule === undefined) return undefined;
    if (cluster.unreadable) return 'its cluster cannot be read';
    return isInside(event) && cluster.engine === 'none' ? 'its cluster has no engine' : undefined;
  };
}
