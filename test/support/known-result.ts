// A result as the API knows it: of one real audit of a small cluster.
import { auditCluster } from '../../shared/audit/audit.ts';
import type { KnownResult } from '../../shared/api/api-services.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { apiFleet } from './api.ts';

const pod = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, labels: { app: name } },
});
const raws = [
  pod('web', 'front'),
  pod('pay', 'db'),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'closed', namespace: 'pay' },
    spec: { podSelector: {}, policyTypes: ['Ingress'] },
  },
];

/** @param inside whether somebody could look inside @returns what is known of the first cluster of the sample fleet */
export function known(inside: boolean): KnownResult {
  const listed = parseCluster({
    id: apiFleet.clusters[0]!.id,
    properties: { networkProfile: { networkPlugin: 'azure', networkPolicy: 'calico' } },
  });
  if ('problem' in listed) throw new Error(listed.problem);
  const read = { status: 'read' as const, objects: parseObjects(raws).objects, forbiddenKinds: [] };
  const blind = { status: 'unknown' as const, reason: 'disabled' as const, message: 'off', remedy: 'on' };
  const result = auditCluster({
    cluster: listed.cluster,
    inCluster: inside ? read : blind,
    now: new Date('2026-11-21T10:00:00Z'),
    excludedNamespaces: [],
  });
  const at = '2026-11-21T10:00:00.000Z';
  const scanId = apiFleet.scanId;
  const line = apiFleet.clusters[0]!;
  return { result, scanId, checkedAt: at, changedScanId: scanId, since: at, storedAt: at, line };
}
