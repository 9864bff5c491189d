// Alerts about Bulkhead itself: scans that stopped, conversations that cannot be reached any more.
import type { Alert, AlertEvent } from './alert.ts';
import type { LifecycleContext } from './lifecycle.ts';
import { alertId, applyEvent, end } from './lifecycle.ts';
import type { AdvanceInput, AlertsState } from './model.ts';

type Own = Pick<AdvanceInput, 'failed' | 'overdue' | 'now' | 'scanId'>;

/** Changes the alerts in place by what is the case with Bulkhead itself. */
export function tellOwn(alerts: Map<string, Alert>, state: AlertsState, input: Own, lifecycle: LifecycleContext): void {
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
