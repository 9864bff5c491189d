// So many alerts are remembered and no more. Each cluster has an equal share: what one has beyond it is forgotten, the least severe
// first, and said; a cluster with less than its share loses nothing because others have too many.
import { compareText } from '../../model/finding.ts';
import type { Alert, AlertEvent } from '../alert.ts';
import { compareAlerts, isOwn } from '../alert.ts';
import { raised } from '../lifecycle.ts';
import type { AdvanceInput } from '../model.ts';
import { isSpent } from './forget.ts';
import type { Stage } from './stage.ts';
import { aboutUs } from './watch-self.ts';

export const MAX_ALERTS = 50_000;

export const keepWorst: Stage = (work, input) => {
  if (work.alerts.length <= MAX_ALERTS) return work;
  const own = work.alerts.filter(({ event }) => isOwn(event));
  const lasting = work.alerts.filter((alert) => !isOwn(alert.event) && !isSpent(alert));
  if (lasting.length <= MAX_ALERTS) return work;
  const byCluster = [...Map.groupBy(lasting, clusterOf).values()];
  const share = shareOf(byCluster.map(({ length }) => length));
  const over = byCluster.filter(({ length }) => length > share);
  const kept = byCluster.flatMap((alerts) =>
    alerts.length > share ? alerts.toSorted(compareAlerts).slice(0, share) : alerts,
  );
  const forgotten = lasting.length - kept.length;
  const notice = raised(said(forgotten, over, input), input);
  return { ...work, alerts: [...own, ...kept, notice], dropped: work.dropped + forgotten };
};

const clusterOf = ({ event }: Alert): string => event.clusterId || event.subscriptionId;

/** @returns how many alerts each cluster may have, so that those of all are as many as are remembered; at least one */
function shareOf(sizes: readonly number[]): number {
  let left = MAX_ALERTS;
  for (const [index, size] of sizes.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (sizes.length - index));
    if (size > share) return Math.max(1, share);
    left -= size;
  }
  return left;
}

/** @param over the alerts of each cluster that has too many */
function said(forgotten: number, over: readonly (readonly Alert[])[], input: AdvanceInput): AlertEvent {
  const [most] = over.toSorted((a, b) => b.length - a.length || compareText(clusterOf(a[0]!), clusterOf(b[0]!)));
  const name = most?.[0]!.event.clusterName ?? '';
  return {
    ...aboutUs(input, 'alerts-forgotten'),
    title: `Bulkhead forgot ${forgotten} alerts: there are more than ${MAX_ALERTS}`,
    detail: `${over.length === 1 ? 'They are' : `They are of ${over.length} clusters, most of them`} of ${name || 'a subscription'}, the least severe first. Their findings still stand in the results.`,
    remediation: 'Mend what fails there, or exempt what is accepted.',
  };
}
