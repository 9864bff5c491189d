// Who reaches whom, as the last scan that could look inside saw it.
import { describe, expect, test } from 'vitest';
import { auditCluster } from '../../shared/audit/audit.ts';
import type { KnownResult } from '../../shared/api/api-services.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { apiFleet, ask, makeServices } from '../support/api.ts';

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

function known(inside: boolean): KnownResult {
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

const services = (inside: boolean) => makeServices({ result: async () => known(inside) });

describe('clusters/{id}/reach', () => {
  test('every workload with who reaches it and whom it reaches, and how exposed each namespace is', async () => {
    const { status, body } = await ask('cluster', '', { services: services(true), params: { id: 'shop/reach' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'shop',
      scan: apiFleet.scanId,
      exposure: 0.5,
      namespaceExposure: { web: 1, pay: 0 },
      workloads: [
        {
          workload: 'pay/db[Pod]',
          from: { namespaces: [], internet: false },
          to: { namespaces: ['web'], internet: true },
        },
        {
          workload: 'web/front[Pod]',
          from: { namespaces: ['pay', 'web'], internet: true },
          to: { namespaces: ['web'], internet: true },
        },
      ],
    });
  });

  test('of a cluster nobody looked into is a 404 that says so', async () => {
    const { status, body } = await ask('cluster', '', { services: services(false), params: { id: 'shop/reach' } });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: 'ReachNotKnown' } });
  });
});
