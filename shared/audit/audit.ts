// From a snapshot to a result: every rule is run, and one that breaks says so instead of saying nothing.
import type { InClusterUnknown } from '../model/in-cluster.ts';
import { engineOf, isByoCni, isMidOperation } from '../model/cluster.ts';
import type { Finding } from '../model/finding.ts';
import { compareFindings } from '../model/finding.ts';
import { parseClusterId } from '../model/keys.ts';
import type { Result } from '../model/result.ts';
import { overallVerdict } from '../model/result.ts';
import type { UnknownReason } from '../model/verdict.ts';
import { TooInvolved, exposureOf, toReachSnapshot } from '../network/index.ts';
import { declaredExemptions } from '../rules/exemptions/declared.ts';
import type { Catalogue } from '../rules/index.ts';
import { catalogue, catalogueVersion, rules } from '../rules/index.ts';
import type { Rule, Snapshot } from '../rules/rule.ts';
import { toFinding, unknown } from '../rules/rule.ts';
import { runningEngine } from '../rules/evidence/engine.ts';
import { viewOf } from '../rules/evidence/view.ts';
import { withoutDeparting } from './departing.ts';
import { exempt } from '../rules/exemptions/overlay.ts';
import { UnreadableFact, guarded } from './guarded.ts';

const ruleIds = rules.map((rule) => rule.id);
const neverExempt = new Set(rules.filter((rule) => rule.neverExempt).map((rule) => rule.id));

/**
 * @param by the rules to run; all of them unless given
 * @returns all findings of one cluster and their summary
 */
export function auditCluster(given: Snapshot, by: Catalogue = catalogue): Result {
  try {
    return auditWhole(given, by);
  } catch (error) {
    if (!(error instanceof TooInvolved)) throw error;
    return auditWhole({ ...given, inCluster: tooInvolved(error.message) }, by);
  }
}

/** @param why as a sentence @returns the inside of a cluster that was read, and is too large or too entangled to be judged */
export const tooInvolved = (why: string): InClusterUnknown => ({
  status: 'unknown',
  reason: 'too-large',
  message: why,
  remedy:
    'Look for policies that a program made, many and each a little different: fewer with wider selectors say the same.',
});

function auditWhole(given: Snapshot, { version, rules: all }: Catalogue): Result {
  const { cluster, inCluster } = given;
  const snapshot = { ...given, ruleIds, cluster: guarded(cluster) };
  const asked = all.filter((rule) => rule.plane === 'cluster' || inCluster !== undefined);
  const judged = withoutDeparting(
    asked.flatMap((rule) => runRule(rule, snapshot)),
    inCluster,
  );
  const findings = exempt(judged, declaredExemptions({ ...given, ruleIds }).active, neverExempt).toSorted(
    compareFindings,
  );
  const counted = cluster.pools.filter((pool) => pool.count !== undefined);
  return {
    clusterId: cluster.id,
    name: cluster.name,
    subscriptionId: cluster.subscriptionId,
    resourceGroup: cluster.resourceGroup,
    location: cluster.location,
    tags: cluster.tags,
    ...enforcement(snapshot),
    kubernetesVersion: cluster.kubernetesVersion ?? '',
    ...(counted.length > 0 ? { nodes: counted.reduce((sum, pool) => sum + (pool.count ?? 0), 0) } : {}),
    midOperation: isMidOperation(cluster),
    verdict: overallVerdict(findings),
    findings,
    ...(inCluster?.status === 'read' ? lookInside(snapshot) : {}),
    catalogue: version,
  };
}

/** On a bring-your-own CNI only the inside of the cluster shows what enforces policy. Without it the engine is unknown, which is not the same as none. */
function enforcement({ cluster, inCluster }: Snapshot): Pick<Result, 'engine' | 'plugin' | 'engineUnread'> {
  try {
    const plugin = cluster.network?.plugin ?? '';
    if (!isByoCni(cluster)) return { engine: engineOf(cluster), plugin };
    const running = inCluster?.status === 'read' ? runningEngine(inCluster.objects) : undefined;
    return running ? { engine: running, plugin } : { engine: 'unrecognised', plugin, engineUnread: true };
  } catch (error) {
    if (error instanceof UnreadableFact) return { engine: 'unrecognised', plugin: '', engineUnread: true };
    throw error;
  }
}

/** Exposure and reach, beside the findings; neither where a field cannot be read that decides what is enforced. */
function lookInside(snapshot: Snapshot): Pick<Result, 'exposure' | 'namespaceExposure' | 'reach'> {
  try {
    return measure(snapshot);
  } catch (error) {
    if (error instanceof UnreadableFact) return {};
    throw error;
  }
}

function measure(snapshot: Snapshot): Pick<Result, 'exposure' | 'namespaceExposure' | 'reach'> {
  const { net } = viewOf(snapshot);
  const { cluster, namespaces } = exposureOf(net);
  const inhabited = [...namespaces].filter(([, { pairs }]) => pairs > 0);
  return {
    exposure: rounded(cluster.share),
    namespaceExposure: Object.fromEntries(inhabited.map(([name, { share }]) => [name, rounded(share)])),
    reach: toReachSnapshot(net),
  };
}

/** A thousandth: one more replica of a large workload is not a change worth a row of history. */
const rounded = (share: number): number => Math.round(share * 1_000) / 1_000;

/** @returns the findings of one rule; a rule that breaks is unknown, a cluster that could not be read is unknown for every in-cluster rule, and a field that could not be read makes every rule unknown that asks for it */
export function runRule(rule: Rule, snapshot: Snapshot): Finding[] {
  try {
    const { inCluster } = snapshot;
    if (rule.plane === 'in-cluster' && inCluster?.status === 'unknown')
      return [toFinding(rule, unknown(inCluster.reason, inCluster.message, inCluster.remedy))];
    return [...rule.evaluate(snapshot)].map((judgement) => toFinding(rule, judgement));
  } catch (error) {
    if (error instanceof TooInvolved) throw error;
    if (error instanceof UnreadableFact) return [toFinding(rule, unknown('unrecognised-value', error.message))];
    const cause = error instanceof Error ? error.message : String(error);
    return [toFinding(rule, unknown('error', `The rule itself failed: ${cause}`))];
  }
}

/**
 * The result of a cluster that could not be looked at: every rule is unknown for the same reason.
 * @param previous what was known of it: names, tags and engine stay on show
 */
export function unreadableResult(
  cluster: { readonly id: string; readonly name: string },
  reason: UnknownReason,
  message: string,
  previous: Result | undefined,
): Result {
  const parts = parseClusterId(cluster.id);
  const asked = rules.filter((rule) => rule.plane === 'cluster' || previous?.findings.some((f) => f.rule === rule.id));
  const findings = asked.map((rule) => toFinding(rule, unknown(reason, message)));
  const known = previous ?? {
    clusterId: cluster.id,
    name: cluster.name,
    subscriptionId: parts?.subscriptionId ?? '',
    resourceGroup: parts?.resourceGroup ?? '',
    location: '',
    tags: {},
    engine: 'unrecognised' as const,
    plugin: '',
    kubernetesVersion: '',
    catalogue: catalogueVersion,
  };
  const {
    gone: _gone,
    exposure: _exposure,
    namespaceExposure: _namespaceExposure,
    settled: _settled,
    ...kept
  } = { gone: false, exposure: 0, namespaceExposure: {}, settled: undefined, ...known };
  return {
    ...kept,
    midOperation: false,
    verdict: overallVerdict(findings),
    unreadable: { reason, message },
    findings: findings.toSorted(compareFindings),
  };
}
