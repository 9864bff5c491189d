// One field of the ARM body that cannot be understood costs the verdicts that need it, and no other.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
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
    [
      'the system of a pool: what is known to be wrong stays so, although the way out of it is not known',
      { agentPoolProfiles: [{ name: 'a', count: 3, osSKU: 7 }] },
      ['engine-supported: unknown unrecognised-value', 'recommended-engine: unknown unrecognised-value'],
    ],
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

describe('no verdict rests on a field that cannot be understood', () => {
  type Path = readonly (string | number)[];
  const estate = fileURLToPath(new URL('../../infra/local/estate/', import.meta.url));
  const bodies = globSync('*/*.json', { cwd: estate }).map((path) => read(path.slice(0, -'.json'.length)));

  const pathsOf = (value: unknown, at: Path = []): Path[] => {
    const inner = value !== null && typeof value === 'object' ? Object.entries(value) : [];
    const keyOf = (key: string) => (Array.isArray(value) ? Number(key) : key);
    return [...(at.length > 0 ? [at] : []), ...inner.flatMap(([key, item]) => pathsOf(item, [...at, keyOf(key)]))];
  };
  const change = (value: unknown, [step, ...inner]: Path): unknown => {
    if (step === undefined) return typeof value === 'string' ? 7 : 'wrong';
    const copy = structuredClone(value) as Record<string | number, unknown>;
    copy[step] = change(copy[step], inner);
    return copy;
  };
  const judgeBody = (body: unknown): Map<string, string> => {
    const listed = parseCluster(body);
    if ('problem' in listed) return new Map();
    const { cluster } = listed;
    const { findings } = auditCluster({ cluster, now: new Date('2026-11-21'), excludedNamespaces: [] });
    return new Map(findings.map((f) => [`${f.rule} ${f.subject}`, f.verdict]));
  };

  test('whichever field of whichever sample it is: every verdict is the same, or unknown', () => {
    let count = 0;
    for (const body of bodies) {
      const whole = judgeBody(body);
      for (const path of pathsOf(body.properties)) {
        count++;
        const wrong = [...judgeBody({ ...body, properties: change(body.properties, path) })].filter(
          ([key, verdict]) => verdict !== whole.get(key) && verdict !== 'unknown',
        );
        expect({ path: path.join('.'), wrong }).toEqual({ path: path.join('.'), wrong: [] });
      }
    }
    expect(count).toBeGreaterThan(500);
  });
});
