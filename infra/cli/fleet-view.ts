// The fleet as a terminal shows it: worst first, the reasons below.
import type { Fleet, FleetCluster } from '../../shared/model/fleet.ts';
import { missingLines } from '../../shared/model/missing.ts';
import type { Verdict } from '../../shared/model/verdict.ts';
import { verdicts } from '../../shared/model/verdict.ts';
import type { Style, TableOptions } from './table.ts';
import { paint, printable, renderTable } from './table.ts';

export const verdictStyle: Readonly<Record<Verdict, Style>> = {
  fail: 'red',
  unknown: 'yellow',
  exempt: 'cyan',
  pass: 'green',
  notApplicable: 'dim',
};

const why = (cluster: FleetCluster): string => {
  if (cluster.unreadable) return `${cluster.unreadable.reason}: ${cluster.unreadable.message}`;
  return cluster.failing.join(', ') || cluster.unknownReasons.join(', ');
};

/** @returns lines to print */
export function fleetLines(fleet: Fleet, options: TableOptions): string[] {
  const names = new Map(fleet.subscriptions.map((subscription) => [subscription.id, subscription.name]));
  const { summary } = fleet;
  const counts = verdicts.filter((verdict) => summary.byVerdict[verdict] > 0);
  const headline = counts.map((verdict) =>
    paint(`${summary.byVerdict[verdict]} ${verdict}`, verdictStyle[verdict], options.color),
  );
  const table = renderTable<FleetCluster>(
    [
      { title: 'CLUSTER', value: (c) => c.name },
      { title: 'VERDICT', value: (c) => c.verdict, style: (c) => verdictStyle[c.verdict] },
      { title: 'WORST', value: (c) => c.worst ?? '', style: (c) => (c.worst === 'high' ? 'red' : undefined) },
      { title: 'ENGINE', value: (c) => c.engine },
      { title: 'SUBSCRIPTION', value: (c) => names.get(c.subscriptionId) ?? c.subscriptionId, shrinks: true },
      { title: 'WHY', value: why, shrinks: true },
    ],
    fleet.clusters,
    options,
  );
  const unreadable = fleet.subscriptions.filter((subscription) => !subscription.readable);
  return [
    '',
    ...table,
    '',
    `${summary.clusters} clusters in ${summary.subscriptions} subscriptions: ${headline.join(', ')}`,
    ...(fleet.outcome === 'partial'
      ? [paint('The scan is partial:', 'yellow', options.color), ...missingLines(fleet).map((m) => `  ${printable(m)}`)]
      : []),
    ...(unreadable.length > 0 && fleet.outcome === 'complete'
      ? unreadable.map((s) => `  ${s.name}: ${s.message}`)
      : []),
  ];
}
