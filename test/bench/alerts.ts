// The alerts of a large fleet: one step over fifty thousand of them, with a storm coming in.
import { deflateRawSync } from 'node:zlib';
import { advance } from '../../shared/alerts/advance.ts';
import { emptyState } from '../../shared/alerts/model.ts';
import { defaultRouting } from '../../shared/alerts/routing.ts';
import type { DriftEvent } from '../../shared/model/result.ts';
import { shellLine } from '../../shared/model/shell.ts';
import { fleetCluster, fleetOf } from '../support/fleet.ts';
import type { Figure } from './report.ts';
import { median, ms } from './report.ts';
import type { AdvanceInput } from '../../shared/alerts/model.ts';
import { benchTelling } from './telling.ts';

const CLUSTERS = 20_000;
/** On every second cluster one less. */
const PER_CLUSTER = 3;

const clusters = Array.from({ length: CLUSTERS }, (_, i) => fleetCluster(`cluster-${i}`));
const fleet = fleetOf(clusters);

function eventsOf(scanId: string, per: number): DriftEvent[] {
  return clusters.flatMap((cluster, i) =>
    Array.from({ length: Math.max(1, per - (i % 2)) }, (_, n): DriftEvent => ({
      id: `${scanId}|${cluster.id}|new-failure|rule-${n}|workload/shop/web-${n}[Deployment]`,
      kind: 'new-failure',
      scanId,
      at: fleet.at,
      subscriptionId: cluster.subscriptionId,
      clusterId: cluster.id,
      clusterName: cluster.name,
      resourceGroup: cluster.resourceGroup,
      tags: { team: `team-${i % 50}` },
      severity: 'medium',
      rule: `rule-${scanId}-${n}`,
      subject: `workload/shop/web-${n}[Deployment]`,
      title: `rule-${n} fails on web-${n} in ${cluster.name}`,
      detail: 'No policy selects it for ingress or egress.',
      remediation: shellLine('kubectl', 'apply', '-f', `policy-${i}.yaml`),
    })),
  );
}

export async function benchAlerts(): Promise<Figure[]> {
  const input: AdvanceInput = {
    events: [],
    sightings: new Map(),
    fleet,
    catalogue: '1',
    routing: defaultRouting,
    silences: [],
    targets: [{ key: 'a' }, { key: 'b' }, { key: 'c' }],
    overdue: undefined,
    digest: undefined,
    scanId: 's1',
    now: new Date(fleet.closedAt),
  };
  const { state } = advance(emptyState, { ...input, events: eventsOf('s1', PER_CLUSTER) });
  const timed = (given: Partial<AdvanceInput>): string =>
    ms(median(5, () => void advance(state, { ...input, ...given })));
  const stored = deflateRawSync(JSON.stringify(state.alerts)).length;
  return [
    { what: `${state.alerts.length} alerts, nothing happens`, measured: timed({}), bar: '-' },
    {
      what: '  a scan that brings a failure on every cluster',
      measured: timed({ events: eventsOf('s2', 1), scanId: 's2' }),
      bar: '-',
    },
    { what: '  stored', measured: `${Math.round(stored / 1024)} KB`, bar: '-' },
    ...(await benchTelling(fleet, eventsOf, PER_CLUSTER)),
  ];
}
