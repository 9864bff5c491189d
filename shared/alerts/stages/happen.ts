// What happened: every event makes, changes or ends alerts.
import type { Alert } from '../alert.ts';
import { afterEvent, alertId, ended } from '../lifecycle.ts';
import type { Stage, Work } from './stage.ts';

export const happen: Stage = (work, input) => {
  const alerts = new Map(work.alerts.map((alert) => [alert.id, alert]));
  const put = (id: string, alert: Alert | undefined): unknown =>
    alert ? alerts.set(alert.id, alert) : alerts.delete(id);
  for (const { event, inhibited } of inOrder(work)) {
    const id = alertId(event);
    const after = afterEvent(alerts.get(id), event, input);
    put(id, after && inhibited ? { ...after, owed: [] } : after);
    if (event.kind !== 'cluster-gone') continue;
    for (const alert of alerts.values())
      if (alert.type === 'state' && alert.event.clusterId === event.clusterId)
        put(alert.id, ended(alert, event, input));
  }
  return { ...work, alerts: [...alerts.values()] };
};

const inOrder = ({ events, inhibited }: Work) =>
  [
    ...events.map((event) => ({ event, inhibited: false })),
    ...inhibited.map((event) => ({ event, inhibited: true })),
  ].toSorted((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at));
