// A remedy that is applied mends its finding and breaks nothing: the whole sample estate, and generated clusters under each engine.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { estateFromFiles } from '../../infra/local/azure/estate-files.ts';
import { clusterState } from '../../infra/local/kubernetes/cluster-state.ts';
import { createManifestReader } from '../../infra/local/kubernetes/manifests.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import { settings } from '../../shared/app/settings.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { between, parseObjects } from '../../shared/network/index.ts';
import type { ClusterObjects, PolicyRef } from '../../shared/network/objects.ts';
import { refName } from '../../shared/network/objects.ts';
import { catalogue, rules } from '../../shared/rules/index.ts';
import { isDnsPod } from '../../shared/rules/evidence/dns.ts';
import { viewOf } from '../../shared/rules/evidence/view.ts';
import { workloadSubject } from '../../shared/rules/subjects.ts';
import { sampleCluster } from '../support/estate.ts';
import { calicoClusters, ciliumClusters, clusters } from '../network/arbitrary.ts';
import { runs, sampled } from '../support/runs.ts';

const RUNS = runs(15);

const inside = rules.filter(({ plane }) => plane === 'in-cluster');
const excludedNamespaces = settings.excludedNamespaces.schema.parse(settings.excludedNamespaces.default ?? '');
const now = new Date('2026-11-21T00:00:00Z');

interface Judged {
  readonly findings: ReadonlyMap<string, Finding>;
  /** Workloads that the cluster's DNS hears, whether policies close them or not. */
  readonly heard: ReadonlySet<string>;
}

function judge(cluster: Cluster, objects: ClusterObjects): Judged {
  const snapshot = {
    cluster,
    inCluster: { status: 'read', objects, forbiddenKinds: [] } as const,
    now,
    excludedNamespaces,
  };
  const { findings } = auditCluster(snapshot, { ...catalogue, rules: inside });
  const { net, workloads } = viewOf(snapshot);
  const dns = [...net.classes.keys()].filter((c) =>
    net.classes[c]!.members.some((member) => isDnsPod(net.objects.pods[member]!)),
  );
  const hears = (c: number): boolean =>
    dns.some((pod) => (['UDP', 'TCP'] as const).every((one) => net.ports.includes(between(net, c, pod), one, 53)));
  const heard = workloads.filter(({ classes }) => classes.every(hears)).map(workloadSubject);
  return {
    findings: new Map(findings.map((finding) => [`${finding.rule} ${finding.subject}`, finding])),
    heard: new Set(heard),
  };
}

/**
 * Rules that judge only what a policy selects, and by RULES say nothing of what is open: a remedy that closes a workload for most lets them
 * begin, and what they then tell was so before. The labels of a workload are its own: that others of its application lack them no remedy mends.
 */
const BEGIN = new Set(['npm-load-balancer-bypass', 'cross-namespace-ingress', 'internet-ingress', 'policy-labels']);

/** @returns what is wrong once the remedy of a finding is applied */
function flaws(cluster: Cluster, objects: ClusterObjects, { findings: before, heard }: Judged, key: string): string[] {
  const { remediation = '' } = before.get(key)!;
  const applied = applyRemedy(objects, remediation);
  if (!applied) return [];
  const after = judge(cluster, applied).findings;
  const broken = [...after].filter(([other, { rule, subject, verdict }]) => {
    const was = before.get(other)?.verdict;
    // Where DNS lets nobody in, it was not the remedy that broke it.
    const deaf = rule === 'dns-reachable' && !heard.has(subject);
    const begins = (was === undefined || was === 'notApplicable') && (BEGIN.has(rule) || deaf);
    return verdict === 'fail' && was !== 'fail' && !begins;
  });
  return [
    ...(after.get(key)?.verdict === 'fail' ? [`${key}: still fails: ${after.get(key)!.message}\n${remediation}`] : []),
    ...broken.map(([other, { message }]) => `${key}: breaks ${other}: ${message}\n${remediation}`),
  ];
}

/** @returns the objects with the manifests or the patch of a remedy; undefined when it is something for a person to do */
function applyRemedy(objects: ClusterObjects, remedy: string): ClusterObjects | undefined {
  const patch = /^kubectl patch service (\S+) --namespace (\S+) .*externalTrafficPolicy":"Local"/m.exec(remedy);
  if (patch)
    return {
      ...objects,
      services: objects.services.map((service) =>
        service.name === patch[1] && service.namespace === patch[2]
          ? { ...service, externalTrafficPolicy: 'Local' }
          : service,
      ),
    };
  if (!/^kind: /m.test(remedy)) return undefined;
  const parsed = parseObjects(parseAllDocuments(remedy).map((document) => document.toJS() as unknown)).objects;
  expect(parsed.problems).toEqual([]);
  const merged = <T extends PolicyRef>(old: readonly T[], added: readonly T[]): readonly T[] => {
    const names = new Set(added.map(refName));
    return [...old.filter((policy) => !names.has(refName(policy))), ...added];
  };
  return {
    ...objects,
    policies: merged(objects.policies, parsed.policies),
    ciliumPolicies: merged(objects.ciliumPolicies, parsed.ciliumPolicies),
    foreignPolicies: merged(objects.foreignPolicies, parsed.foreignPolicies),
  };
}

/** @param tried chooses among the keys of what fails */
function flawsOf(
  cluster: Cluster,
  objects: ClusterObjects,
  tried = (keys: readonly string[]): readonly string[] => keys,
): string[] {
  const before = judge(cluster, objects);
  const failing = [...before.findings.keys()].filter((key) => before.findings.get(key)!.verdict === 'fail');
  return tried(failing).flatMap((key) => flaws(cluster, objects, before, key));
}

describe('in the sample estate', () => {
  const dir = fileURLToPath(new URL('../../infra/local/estate', import.meta.url));
  const estate = estateFromFiles(dir, expect.unreachable);
  const manifests = createManifestReader(expect.unreachable);
  const all = estate
    .subscriptions()
    .flatMap(({ id }) => estate.clusters(id))
    .filter((cluster) => existsSync(cluster.manifests));

  test.each(all.map((cluster) => [String(cluster.body['name']), cluster] as const))('%s', (_name, simulated) => {
    const listed = parseCluster(simulated.body);
    if ('problem' in listed) throw new Error(listed.problem);
    const { served } = clusterState(simulated.body, manifests.read(simulated.manifests));
    const { objects } = parseObjects([...served.values()].flat(), { throughReplicaSets: true });
    expect(flawsOf(listed.cluster, objects, sampled)).toEqual([]);
  });
});

describe('in generated clusters', () => {
  const base = sampleCluster('s', 'c');
  const under = (policy: string, os = 'linux'): Cluster => ({
    ...base,
    network: { ...base.network!, policy, dataplane: policy === 'cilium' ? 'cilium' : 'azure' },
    pools: [{ name: 'a', os, autoscaling: false }],
  });

  test.each([
    ['NPM', clusters(false), under('azure')],
    ['NPM on Windows', clusters(false), under('azure', 'windows')],
    ['Cilium', ciliumClusters(), under('cilium')],
    ['Calico', calicoClusters(), under('calico')],
    ['Calico and admin policies', clusters(true), under('calico')],
  ] as const)(
    '%s',
    (_name, arbitrary, cluster) => {
      fc.assert(
        fc.property(arbitrary, (objects) => {
          expect(flawsOf(cluster, objects)).toEqual([]);
        }),
        { numRuns: RUNS },
      );
    },
    60_000,
  );
});
