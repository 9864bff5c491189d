// A small fleet for tests of what shows it.
import type { Fleet, FleetCluster } from '../../shared/model/fleet.ts';
import { clusterKey } from '../../shared/model/keys.ts';
import { countVerdicts } from '../../shared/model/result.ts';
import { summarise } from '../../shared/scan/fleet-cluster.ts';

export const SUBSCRIPTION = '6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01';

export function fleetCluster(name: string, more: Partial<FleetCluster> = {}): FleetCluster {
  const group = (more.resourceGroup ?? 'rg').toLowerCase();
  const id = `/subscriptions/${SUBSCRIPTION}/resourcegroups/${group}/providers/microsoft.containerservice/managedclusters/${name.toLowerCase()}`;
  return {
    id,
    key: clusterKey(id),
    name,
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg',
    location: 'westeurope',
    tags: {},
    engine: 'cilium',
    plugin: 'azure',
    kubernetesVersion: '1.34.2',
    verdict: 'pass',
    since: '2026-11-20T00:00:00.000Z',
    failing: [],
    unknownReasons: [],
    counts: countVerdicts([]),
    midOperation: false,
    ...more,
  };
}

export function fleetOf(clusters: readonly FleetCluster[], more: Partial<Fleet> = {}): Fleet {
  const subscriptions = [{ id: SUBSCRIPTION, name: 'Retail', readable: true, since: '2026-11-01T00:00:00.000Z' }];
  return {
    scanId: '20261121T1000Z',
    at: '2026-11-21T10:00:00.000Z',
    closedAt: '2026-11-21T10:01:00.000Z',
    outcome: 'complete',
    missing: [],
    missingCount: more.missing?.length ?? 0,
    summary: summarise(clusters, subscriptions),
    clusters,
    subscriptions,
    ...more,
  };
}
