// `npm run audit` as a person or a pipeline runs it: inputs, outputs, exit codes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit as command } from '../../infra/cli/audit-command.ts';
import { file, root, runHere, spawned } from './in-process.ts';

const body = (folder: string, name: string) =>
  JSON.parse(readFileSync(join(root, 'infra/local/estate', folder, `${name}.json`), 'utf8')) as Record<string, unknown>;
const shop = body('retail-production', 'shop-prod');
const open = body('retail-staging', 'checkout-staging');

const audit = (...args: string[]) => runHere(command, args);
const json = (...args: string[]) =>
  JSON.parse(audit('--format', 'json', ...args).stdout) as {
    clusters: {
      name: string;
      verdict: string;
      findings: { rule: string; verdict: string; severity: string; reason?: string; remediation?: string }[];
    }[];
  };

describe('input', () => {
  const { properties, ...head } = shop as { properties: Record<string, unknown> };
  test.each<[string, unknown]>([
    ['a bare array as ARM returns it', [shop]],
    ['{"value": []}', { value: [shop] }],
    ['a single cluster', shop],
    ['a flattened array as az prints it', [{ ...head, ...properties }]],
    ['a single flattened cluster', { ...head, ...properties }],
  ])('%s', (_name, content) => {
    expect(json('--clusters', file(content)).clusters).toMatchObject([{ name: 'shop-prod', verdict: 'pass' }]);
  });

  test.each<[string, unknown, RegExp]>([
    ['no JSON', '[{"id": "x",\n bad}]', /:2:2 is not valid JSON/],
    ['JSON cut off', '[{"id": "x"', /:1:12 /],
    ['nothing', '', /is empty/],
    ['a text', '"hello"', /string/],
    ['a list of something else', [{ kind: 'Pod' }], /element 0 is not a managed cluster/],
  ])('%s is exit 2 with file, place and cause', (_name, content, text) => {
    const path = file(content);
    const { status, stdout, stderr } = audit('--clusters', path);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(path);
    expect(stderr).toMatch(text);
  });

  test('a cluster whose body is broken is unknown, and the others are judged', () => {
    const properties = { networkProfile: 7, apiServerAccessProfile: { enablePrivateCluster: true } };
    const broken = { ...shop, id: `${String(shop['id'])}-2`, name: 'broken', properties };
    expect(json('--clusters', file([broken, shop])).clusters.map((c) => `${c.name} ${c.verdict}`)).toEqual([
      'broken unknown',
      'shop-prod pass',
    ]);
  });
});

describe('exit codes', () => {
  test.each<[string, unknown[], string[], number]>([
    ['nothing fails', [shop], [], 0],
    ['a high failure, by default', [open], [], 1],
    ['a high failure, never', [open], ['--fail-on', 'never'], 0],
    ['a low failure, by default', [body('retail-production', 'search-prod')], [], 0],
    ['a low failure, from low', [body('retail-production', 'search-prod')], ['--fail-on', 'low'], 1],
  ])('%s', (_name, clusters, args, status) => {
    expect(audit('--clusters', file(clusters), ...args).status).toBe(status);
  });

  test.each([
    [['--clusters'], 'clusters'],
    [[], '--clusters'],
    [['--clusters', 'x', '--frobnicate'], '--frobnicate'],
    [['--clusters', 'x', '--format', 'xml'], 'xml'],
    [['--clusters', 'x', '--fail-on', 'bad'], 'bad'],
    [['--clusters', 'x', '--now', 'soon'], 'soon'],
  ])('%j is exit 2 and says what is wrong', (args, text) => {
    const { status, stderr } = audit(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(text);
  });
});

test('the program prints what it is given on standard input, and ends with its exit code', () => {
  const { status, stdout } = spawned('audit', ['--clusters', '-'], JSON.stringify([open]));
  expect(status).toBe(1);
  expect(stdout).toContain('checkout-staging');
  expect(spawned('audit', ['--clusters', 'nowhere.json'])).toMatchObject({ status: 2, stdout: '' });
});

test('a table is plain when piped, worst first, with the command that mends', () => {
  const { stdout } = audit('--clusters', file([shop, open]));
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toMatch(/checkout-staging\s+fail\s+high\s+engine-enabled/);
  expect(stdout).toContain('-n checkout-staging --network-dataplane cilium');
});

test('reason and remediation stand only where they apply', () => {
  const findings = json('--clusters', file([open])).clusters[0]!.findings;
  for (const finding of findings) {
    expect('reason' in finding).toBe(finding.verdict === 'unknown');
    expect(finding.verdict === 'pass' && 'remediation' in finding).toBe(false);
  }
});

test('retirement is judged by the moment given', () => {
  const npm = file([body('retail-staging', 'shop-staging')]);
  const severity = (now: string) =>
    json('--clusters', npm, '--now', now).clusters[0]!.findings.find((f) => f.rule === 'npm-retirement')!.severity;
  expect([severity('2026-11-21'), severity('2028-01-01'), severity('2028-09-01')]).toEqual(['low', 'medium', 'high']);
});
