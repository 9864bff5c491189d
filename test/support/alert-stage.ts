// What a stage of the alerts is given, for tests that look at one stage alone.
import type { Alert, AlertEvent } from '../../shared/alerts/alert.ts';
import type { AdvanceInput } from '../../shared/alerts/model.ts';
import { emptyState } from '../../shared/alerts/model.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import type { Due, Work } from '../../shared/alerts/stages/stage.ts';
import { begin } from '../../shared/alerts/stages/stage.ts';
import { alertEvent, alertView } from './alerts.ts';
import { fleetCluster, fleetOf } from './fleet.ts';

/** @returns an alert that fires in cluster c of subscription sub, was told to nobody and is owed to nobody */
export function alertOf(id: string, more: Partial<Alert> = {}, event: Partial<AlertEvent> = {}): Alert {
  const { suppressedBy: _suppressedBy, ...alert } = alertView({ id, ...more });
  return { ...alert, event: alertEvent({ id, clusterId: 'c', clusterName: 'c', subscriptionId: 'sub', ...event }) };
}

export const workOf = (alerts: readonly Alert[], more: Partial<Work> = {}): Work => ({
  ...begin({ ...emptyState, alerts }),
  ...more,
});

/** @returns what a step goes by when nothing happens at noon, one conversation T being subscribed */
export const inputOf = (more: Partial<AdvanceInput> = {}): AdvanceInput => ({
  events: [],
  sightings: new Map(),
  fleet: undefined,
  catalogue: '1',
  routing: defaultRouting,
  silences: [],
  targets: [{ key: 'T' }],
  overdue: undefined,
  digest: undefined,
  scanId: 's2',
  now: new Date('2026-11-21T12:00:00Z'),
  ...more,
});

export const dueOf = (alert: Alert, more: Partial<Due> = {}): Due => ({
  alert,
  destination: 'T',
  route: defaultRouting.route,
  kind: 'alerts',
  group: '',
  ...more,
});

/** @returns a fleet of clusters that can be read, in subscription sub */
export function fleetOfIds(...ids: readonly string[]): NonNullable<AdvanceInput['fleet']> {
  const { clusters, at } = fleetOf(ids.map((id) => ({ ...fleetCluster(id), id, subscriptionId: 'sub' })));
  return { clusters, subscriptions: [{ id: 'sub', name: 'Shop', readable: true, since: at }] };
}
