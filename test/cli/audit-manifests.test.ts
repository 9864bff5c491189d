// `npm run audit` on folders of manifests, beside an export and alone, and its formats for other programs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { audit as command } from '../../infra/cli/audit-command.ts';
import { toCsv } from '../../shared/audit/csv.ts';
import type { Result } from '../../shared/model/result.ts';
import { dir, root, runHere } from './in-process.ts';

const write = (path: string, text: string): string => {
  const full = join(dir, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
  return full;
};

const open = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: 2
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`;
const policies = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: shop }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: v1
kind: List
items:
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: { name: dns, namespace: shop }
    spec:
      podSelector: {}
      policyTypes: [Egress]
      egress:
        - to:
            - namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } }
              podSelector: { matchLabels: { k8s-app: kube-dns } }
          ports: [{ protocol: UDP, port: 53 }, { port: 53 }]
---
apiVersion: example.com/v1
kind: Recipe
metadata: { name: soup }
`;

let clusters: string;
beforeAll(() => {
  write('open/web.yaml', open);
  write('closed/apps/web.yaml', open);
  write('closed/policies.yaml', policies);
  const shop = readFileSync(join(root, 'infra/local/estate/retail-production/shop-prod.json'), 'utf8');
  clusters = write('clusters.json', `[${shop}]`);
});

const audit = (...args: string[]) => runHere(command, args);

interface Printed {
  readonly clusters: readonly {
    id: string;
    name: string;
    engine: string;
    verdict: string;
    findings: readonly { rule: string; subject: string; verdict: string; severity: string }[];
  }[];
}
const json = (...args: string[]) => JSON.parse(audit('--format', 'json', ...args).stdout) as Printed;
const failing = (printed: Printed): string[] =>
  printed.clusters[0]!.findings.filter((f) => f.verdict === 'fail').map((f) => `${f.rule} ${f.subject} ${f.severity}`);

describe('a folder alone', () => {
  test('is one cluster, judged by what is inside', () => {
    const printed = json('--manifests', join(dir, 'open'));
    expect(printed.clusters).toMatchObject([{ name: 'open', engine: 'unrecognised', verdict: 'fail' }]);
    expect(failing(printed)).toEqual([
      'namespace-has-policy namespace/shop high',
      'pod-isolated workload/shop/web[Deployment] high',
      'default-deny-ingress namespace/shop medium',
      'default-deny-egress namespace/shop low',
      'metadata-endpoint-blocked workload/shop/web[Deployment] low',
    ]);
    expect(printed.clusters[0]!.findings.map((f) => f.rule)).not.toContain('engine-enabled');
  });

  test('passes where everything is closed, and skipped kinds are counted', () => {
    const { status, stdout, stderr } = audit(
      '--manifests',
      join(dir, 'closed'),
      '--format',
      'json',
      '--fail-on',
      'low',
    );
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as Printed).clusters).toMatchObject([{ verdict: 'pass' }]);
    expect(stderr).toContain('1 Recipe');
  });

  test.each(['azure', 'calico', 'cilium'])('is judged under the engine %s', (engine) => {
    expect(json('--manifests', join(dir, 'closed'), '--engine', engine).clusters[0]!.engine).toBe(engine);
  });

  test('exits with 1 when it is open', () => {
    expect(audit('--manifests', join(dir, 'open')).status).toBe(1);
  });
});

describe('a folder beside an export', () => {
  test.each(['shop-prod', 'SHOP-PROD'])('adds what is inside to the cluster %s', (name) => {
    const printed = json('--clusters', clusters, '--manifests', `${name}=${join(dir, 'open')}`);
    const ruleIds = printed.clusters[0]!.findings.map((finding) => finding.rule);
    expect(ruleIds).toEqual(expect.arrayContaining(['engine-enabled', 'pod-isolated']));
    expect(failing(printed)).toContain('pod-isolated workload/shop/web[Deployment] high');
  });
});

test.each<[string, () => string[], RegExp]>([
  [
    'a cluster that is not there',
    () => ['--clusters', clusters, '--manifests', `nobody=${dir}`],
    /no cluster nobody; it holds shop-prod/,
  ],
  ['a folder without a cluster', () => ['--clusters', clusters, '--manifests', dir], /CLUSTER=DIR/],
  ['a folder that is not there', () => ['--manifests', join(dir, 'nowhere')], /nowhere cannot be read/],
  [
    'a folder without manifests',
    () => ['--manifests', write('empty/readme.txt', '').replace('/readme.txt', '')],
    /holds no/,
  ],
  ['two folders alone', () => ['--manifests', dir, '--manifests', dir], /one folder/],
  ['an engine beside clusters', () => ['--clusters', clusters, '--engine', 'azure'], /--engine/],
  ['an engine that does not exist', () => ['--manifests', dir, '--engine', 'antrea'], /antrea/],
  ['YAML that is broken', () => ['--manifests', write('broken/a.yaml', 'a: [1,\nb: }')], /a\.yaml:2:/],
])('%s is exit 2 and says what is wrong', (_name, args, text) => {
  const { status, stdout, stderr } = audit(...args());
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(text);
});

test('a policy that cannot be understood is named, and the rest is judged', () => {
  const bad = `${open}---${policies.replace('podSelector: {}, policyTypes', 'podSelector: 7, policyTypes')}`;
  const { stderr, stdout } = audit('--manifests', write('bad/all.yaml', bad), '--format', 'json');
  expect(stderr).toMatch(/shop\/deny\[NetworkPolicy\] is left out, spec\.podSelector/);
  expect((JSON.parse(stdout) as Printed).clusters[0]!.findings.length).toBeGreaterThan(5);
});

describe('SARIF', () => {
  interface Log {
    readonly version: string;
    readonly runs: readonly {
      tool: { driver: { rules: { id: string }[] } };
      results: {
        ruleId: string;
        ruleIndex: number;
        kind: string;
        level: string;
        locations: { logicalLocations: { fullyQualifiedName: string }[] }[];
        partialFingerprints: Record<string, string>;
        suppressions?: { kind: string; justification: string }[];
      }[];
    }[];
  }
  const log = (...args: string[]) => JSON.parse(audit('--format', 'sarif', ...args).stdout) as Log;

  test('has a result for each finding, a level only for failures, and its rule at its index', () => {
    const { version, runs } = log('--clusters', clusters, '--manifests', `shop-prod=${join(dir, 'open')}`);
    expect(version).toBe('2.1.0');
    const { results, tool } = runs[0]!;
    for (const result of results) {
      expect(tool.driver.rules[result.ruleIndex]!.id).toBe(result.ruleId);
      expect(result.level === 'none').toBe(result.kind !== 'fail');
    }
    expect(results.find((r) => r.ruleId === 'pod-isolated')).toMatchObject({ kind: 'fail', level: 'error' });
    expect(results.find((r) => r.ruleId === 'engine-running')).toMatchObject({ kind: 'open', level: 'none' });
    const prints = results.map((result) => result.partialFingerprints['bulkhead/v1']);
    expect(new Set(prints).size).toBe(results.length);
  });

  test('shows an exempted failure as suppressed, with who accepted it', () => {
    const annotated = `${open}---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  annotations: { bulkhead.io/exempt: pod-isolated until 2027-01-31 by ann because they move out }
`;
    const folder = write('exempt/all.yaml', annotated);
    const result = log('--manifests', folder, '--now', '2026-11-21').runs[0]!.results.find(
      (r) => r.ruleId === 'pod-isolated',
    );
    expect(result).toMatchObject({ kind: 'fail', suppressions: [{ kind: 'external', status: 'accepted' }] });
    expect(result!.suppressions![0]!.justification).toContain('they move out (ann');
  });
});

describe('CSV', () => {
  test('has a line for each finding under one heading', () => {
    const { stdout } = audit('--format', 'csv', '--clusters', clusters);
    const lines = stdout.split('\r\n');
    expect(lines[0]).toMatch(/^clusterId,cluster,subscription,engine,rule,subject,verdict,reason,severity,message/);
    expect(lines.filter((line) => line.includes(',engine-enabled,cluster,pass,'))).toHaveLength(1);
  });

  test('quotes what needs it, and lets no name run as a formula', () => {
    const result = { clusterId: 'x', name: '=cmd|calc', subscriptionId: 's', engine: 'none' } as Result;
    const finding = {
      rule: 'r',
      subject: 'cluster',
      verdict: 'fail',
      severity: 'low',
      message: 'a "b", c\nd',
    } as const;
    expect(toCsv([{ ...result, findings: [finding] }]).split('\r\n')[1]).toBe(
      `x,'=cmd|calc,s,none,r,cluster,fail,,low,"a ""b"", c\nd",,,,`,
    );
  });
});
