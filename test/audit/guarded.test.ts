// One field of the ARM body that cannot be understood costs the verdicts that need it, and no other.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { auditCluster } from '../../shared/audit/audit.ts';
import { parseCluster } from '../../shared/estate/parse-cluster.ts';
import type { Result } from '../../shared/model/result.ts';
import { parseObjects } from '../../shared/network/index.ts';

const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../../infra/local/estate/${path}.json`, import.meta.url), 'utf8')) as {
    properties: Record<string, Record<string, unknown>>;
  };
const npm = read('retail-staging/shop-staging');

function judge(more: Record<string, unknown>, inside = false): Result {
  const listed = parseCluster({ ...npm, properties: { ...npm.properties, ...more } });
  if ('problem' in listed) throw new Error(listed.problem);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop' }, spec: {} };
  const { objects } = parseObjects([pod]);
  const inCluster = { status: 'read' as const, objects, forbiddenKinds: [] };
  const now = new Date('2026-11-21');
  return auditCluster({ cluster: listed.cluster, now, excludedNamespaces: [], ...(inside ? { inCluster } : {}) });
}
const verdicts = (result: Result) =>
  new Map(result.findings.map((f) => [f.rule, `${f.verdict} ${f.reason ?? ''}`.trim()]));
const changed = (more: Record<string, unknown>): string[] => {
  const whole = verdicts(judge({}));
  return [...verdicts(judge(more))].filter(([rule, told]) => whole.get(rule) !== told).map((entry) => entry.join(': '));
};
const network = (more: Record<string, unknown>) => ({
  networkProfile: { ...npm.properties['networkProfile'], ...more },
});

describe('what is unknown', () => {
  test.each<[string, Record<string, unknown>, string[]]>([
    ['a count', { agentPoolProfiles: [{ name: 'a', count: 'three' }] }, ['npm-node-limit: unknown unrecognised-value']],
    ['the address families', network({ ipFamilies: 'IPv4' }), ['npm-ipv6: unknown unrecognised-value']],
    ['a field that no rule asks for', { fqdn: 7 }, []],
  ])('%s', (_name, more, expected) => {
    expect(changed(more)).toEqual(expected);
  });

  test('the engine: every rule that asks for it, inside the cluster too, and nothing is measured by a guess', () => {
    const result = judge(network({ networkPolicy: 7 }), true);
    expect(result).toMatchObject({ engine: 'unrecognised', verdict: 'unknown' });
    expect(result).not.toHaveProperty('exposure');
    const decided = result.findings.filter((finding) => finding.verdict !== 'unknown').map((finding) => finding.rule);
    expect(decided.filter((rule) => rule.startsWith('npm-') || rule.startsWith('pod-'))).toEqual([]);
    expect(result.findings.find((finding) => finding.rule === 'engine-enabled')!.message).toBe(
      'networkProfile.networkPolicy in the ARM body cannot be understood: expected string, received number.',
    );
  });
});
