// Which rules judge what an engine enforces: those, and no others, change their mind when it is gone.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { estateFromFiles } from '../../infra/local/azure/estate-files.ts';
import { clusterState } from '../../infra/local/kubernetes/cluster-state.ts';
import { createManifestReader } from '../../infra/local/kubernetes/manifests.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { findingKey } from '../../shared/model/finding.ts';
import type { ClusterObjects } from '../../shared/network/objects.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { catalogueRevision, rules } from '../../shared/rules/index.ts';

const estate = estateFromFiles(fileURLToPath(new URL('../../infra/local/estate', import.meta.url)), expect.unreachable);
const manifests = createManifestReader(expect.unreachable);

const simulated = estate
  .subscriptions()
  .flatMap(({ id }) => estate.clusters(id))
  .filter((cluster) => existsSync(cluster.manifests))
  .map((cluster) => {
    const listed = parseCluster(cluster.body);
    if ('problem' in listed) throw new Error(listed.problem);
    const { served } = clusterState(cluster.body, manifests.read(cluster.manifests));
    const { objects } = parseObjects([...served.values()].flat(), { throughReplicaSets: true });
    return { cluster: listed.cluster, objects };
  });

function verdicts(cluster: Cluster, objects: ClusterObjects, engine: string | undefined): ReadonlyMap<string, string> {
  const { policy: _policy, ...network } = cluster.network!;
  const dataplane = engine === 'cilium' ? 'cilium' : 'azure';
  const under: Cluster = { ...cluster, network: { ...network, ...(engine ? { policy: engine } : {}), dataplane } };
  const { findings } = auditCluster({
    cluster: under,
    inCluster: { status: 'read', objects, forbiddenKinds: [] },
    now: new Date('2026-11-21T00:00:00Z'),
    excludedNamespaces: ['kube-system'],
  });
  return new Map(findings.map((one) => [findingKey(one), one.verdict === 'fail' ? one.severity : one.verdict]));
}

test('rules that change their mind when the engine goes are those that say they need one', () => {
  const moved = new Set<string>();
  for (const { cluster, objects } of simulated)
    for (const engine of ['cilium', 'calico', 'azure']) {
      const [under, without] = [verdicts(cluster, objects, engine), verdicts(cluster, objects, undefined)];
      for (const key of [...under.keys(), ...without.keys()])
        if (under.get(key) !== without.get(key)) moved.add(key.split(' ', 1)[0]!);
    }
  const inside = rules.filter(({ plane }) => plane === 'in-cluster');
  expect(inside.filter(({ id }) => moved.has(id)).map(({ id }) => id)).toEqual(
    inside.filter(({ needsEngine }) => needsEngine).map(({ id }) => id),
  );
});

test('no rule came with a revision of the catalogue that is still to come', () => {
  expect(rules.filter(({ since = 1 }) => since > catalogueRevision)).toEqual([]);
});
