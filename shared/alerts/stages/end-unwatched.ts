// What nobody looks at any more cannot go on failing: a subscription left out, a cluster no longer in the fleet.
import { ended } from '../lifecycle.ts';
import type { Stage } from './stage.ts';

export const endUnwatched: Stage = (work, input) => {
  const { fleet, now, scanId } = input;
  if (!fleet) return work;
  const watched = new Set([...fleet.clusters, ...fleet.subscriptions].map(({ id }) => id));
  const alerts = work.alerts.flatMap((alert) => {
    const { clusterId, subscriptionId } = alert.event;
    const lasts = alert.type === 'state' && alert.status === 'firing';
    if (!lasts || subscriptionId === '' || watched.has(clusterId || subscriptionId)) return alert;
    return ended(alert, { at: now.toISOString(), scanId }, input) ?? [];
  });
  return { ...work, alerts };
};
