// What enforces where the owner brings the CNI: ARM does not tell, the inside of the cluster may.
import { expect, test } from 'vitest';
import { auditCluster } from '../../shared/audit/audit.ts';
import type { InCluster } from '../../shared/model/in-cluster.ts';
import { noObjects } from '../../shared/network/objects.ts';
import { sampleCluster } from '../support/estate.ts';

const { network, ...rest } = sampleCluster('11111111-1111-4111-8111-111111111111', 'own');
const { policy: _policy, dataplane: _dataplane, ...plain } = network!;
const cluster = { ...rest, network: { ...plain, plugin: 'none' } };
const judged = (inCluster?: InCluster) => {
  const asked = inCluster ? { inCluster } : {};
  const { engine, engineUnread } = auditCluster({ cluster, now: new Date(), excludedNamespaces: [], ...asked });
  return { engine, engineUnread };
};
const running = (name: string, ready: number): InCluster => ({
  status: 'read',
  objects: { ...noObjects, daemonSets: [{ namespace: 'kube-system', name, desired: 3, ready }] },
  forbiddenKinds: [],
});

test('the engine that runs inside is the cluster’s engine', () => {
  expect(judged(running('cilium', 3))).toEqual({ engine: 'cilium', engineUnread: undefined });
  expect(judged(running('calico-node', 3))).toEqual({ engine: 'calico', engineUnread: undefined });
});

test.each([
  ['nobody looked inside', undefined],
  ['the inside cannot be read', { status: 'unknown', reason: 'private', message: 'x', remedy: 'y' } as const],
  ['nothing known runs there', running('kindnet', 3)],
  ['its engine runs on no node', running('cilium', 0)],
])('where %s the engine is not known, which is not none', (_name, inCluster) => {
  expect(judged(inCluster)).toEqual({ engine: 'unrecognised', engineUnread: true });
});
