// What people give as a list of clusters: every shape that tools print is read, and everything else is named with what to do instead.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit } from '../../infra/cli/audit-command.ts';
import { connectivity } from '../../infra/cli/connectivity-command.ts';
import { file, folder, root, runHere } from './in-process.ts';

const body = (path: string) =>
  JSON.parse(readFileSync(join(root, 'infra/local/estate', `${path}.json`), 'utf8')) as Record<string, unknown>;
const shop = body('retail-production/shop-prod');
const pos = body('retail-production/pos-prod');
const vm = { id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1', name: 'vm1' };
const pool = { id: `${String(shop['id'])}/agentPools/system`, name: 'system' };

const given = (content: unknown, ...args: string[]) => runHere(audit, ['--clusters', file(content), ...args]);
const names = (content: unknown): string[] =>
  (JSON.parse(given(content, '--format', 'json').stdout) as { clusters: { name: string }[] }).clusters.map(
    (c) => c.name,
  );

describe('is read', () => {
  test.each<[string, unknown]>([
    ['an answer of Resource Graph', { totalRecords: 2, count: 2, data: [shop, pos], resultTruncated: 'false' }],
    ['what az graph query prints', { count: 2, data: [shop, pos], skip_token: null, total_records: 2 }],
    ['what PowerShell makes of it', { Data: [shop, pos], SkipToken: null }],
    ['a page of ARM', { value: [shop, pos] }],
    ['JSON lines', `${JSON.stringify(shop)}\n${JSON.stringify(pos)}\n`],
    ['JSON lines as Windows ends them', `${JSON.stringify(shop)}\r\n${JSON.stringify(pos)}\r\n`],
    ['lists of several subscriptions, one after the other', JSON.stringify([shop], null, 2) + JSON.stringify([pos])],
    ['a list with an empty one behind it', `${JSON.stringify([shop, pos])}\n[]\n`],
  ])('%s', (_name, content) => {
    expect(names(content).toSorted()).toEqual(['pos-prod', 'shop-prod']);
    expect(given(content, '--strict', '--fail-on', 'never')).toMatchObject({ status: 0, stderr: '' });
  });

  test('what lies among other resources, and these are counted', () => {
    const { stdout, stderr } = given([vm, shop, vm, pool], '--format', 'json');
    expect(stdout).toContain('shop-prod');
    expect(stderr).toContain(
      'skipped, not managed clusters: 2 Microsoft.Compute/virtualMachines, 1 Microsoft.ContainerService/managedClusters/agentPools',
    );
  });
});

test('a cluster that is listed twice is judged once, as it stands last', () => {
  const renamed = { ...shop, id: String(shop['id']).toUpperCase(), name: 'later' };
  const lines = [shop, pos, renamed].map((cluster) => JSON.stringify(cluster)).join('\n');
  expect(names(lines).toSorted()).toEqual(['later', 'pos-prod']);
  expect(given(lines).stderr).toMatch(/1 of 3 clusters are listed again: the last of each counts/);
});

describe('is judged as far as it goes, says that more exist, and fails with --strict', () => {
  test.each<[string, unknown, RegExp]>([
    [
      'a page with nextLink',
      { value: [shop], nextLink: 'https://management.azure.com/x' },
      /nextLink leads to the next page/,
    ],
    ['a part of Resource Graph with a token', { count: 1, data: [shop], skip_token: 'abc' }, /--first 1000/],
    ['a part with $skipToken', { data: [shop], $skipToken: 'abc' }, /--first 1000/],
    ['a part that says so', { data: [shop], resultTruncated: 'true' }, /--first 1000/],
    ['fewer than there are', { count: 1, total_records: 2, data: [shop] }, /--first 1000/],
  ])('%s', (_name, content, text) => {
    expect(given(content).stdout).toContain('1 cluster: 1 pass');
    expect(given(content)).toMatchObject({ status: 0 });
    expect(given(content).stderr).toMatch(/more clusters exist than are judged here/);
    expect(given(content).stderr).toMatch(text);
    expect(JSON.parse(given(content, '--format', 'json').stdout)).toMatchObject({ leftOut: 1 });
    expect(given(content, '--strict')).toMatchObject({ status: 2 });
    expect(given(content, '--strict').stdout).toContain('1 cluster: 1 pass');
  });
});

describe('is named, with what to do, and exit 2', () => {
  const template = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
  test.each<[string, unknown, RegExp]>([
    ['an empty list', [], /holds no cluster: the list is empty.*az account show/],
    ['an empty page', { value: [] }, /holds no cluster/],
    ['an empty answer of Resource Graph', { count: 0, data: [] }, /holds no cluster/],
    [
      'a list of virtual machines',
      [vm, vm],
      /holds 2 Microsoft.Compute\/virtualMachines and no managed cluster.*az aks list/,
    ],
    ['one virtual machine', vm, /holds 1 Microsoft.Compute\/virtualMachines/],
    [
      'an error of ARM',
      { error: { code: 'AuthorizationFailed', message: 'The client may not read.' } },
      /error of Azure instead of clusters: AuthorizationFailed: The client may not read/,
    ],
    ['an ARM template', { $schema: template, resources: [] }, /ARM template: what it would deploy.*az aks list/],
    ['a table of Resource Graph', { data: { columns: [], rows: [] } }, /resultFormat objectArray/],
    ['what kubectl prints', { apiVersion: 'v1', kind: 'List', items: [] }, /Kubernetes objects \(List\).*--manifests/],
    ['objects of Kubernetes', [{ apiVersion: 'v1', kind: 'Pod' }], /Kubernetes objects \(Pod\).*--manifests/],
    ['a SARIF report', { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', runs: [] }, /SARIF/],
    ['names without bodies', [{ id: shop['id'], name: 'shop' }], /without telling anything about them.*az aks list/],
    ['null', 'null', /holds null/],
    ['a value that is not a list', { value: 7 }, /"value" is not an array/],
    ['a broken line among lines', `${JSON.stringify(shop)}\n{"id": }\n`, /:2:\d+ is not valid JSON/],
    ['words behind the list', `${JSON.stringify([shop])} done\n`, /:1:\d+ is not valid JSON/],
  ])('%s', (_name, content, text) => {
    const { status, stdout, stderr } = given(content);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(text);
  });

  test('a folder that holds nothing to judge', () => {
    const path = folder({ 'config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' });
    const { status, stdout, stderr } = runHere(audit, ['--manifests', path]);
    expect(status).toBe(2);
    expect(stdout).not.toContain('Nothing to complain about');
    expect(stderr).toMatch(/there is nothing to judge/);
  });
});

describe('--fail-on', () => {
  const unread = { ...shop, id: `${String(shop['id'])}-2`, name: 'unread', properties: { networkProfile: 7 } };
  test.each<[string, unknown[], string, number]>([
    ['nothing unknown', [shop], 'unknown', 0],
    ['something unknown', [unread], 'unknown', 1],
    ['something unknown, which is not asked for', [unread], 'high', 0],
    ['a high failure beside unknown', [pos], 'unknown', 1],
    ['a severity and unknown', [unread], 'low,unknown', 1],
    ['the other way round', [unread], 'unknown,low', 1],
    ['never', [unread, pos], 'never', 0],
  ])('%s', (_name, clusters, failOn, status) => {
    expect(given(clusters, '--fail-on', failOn)).toMatchObject({ status });
  });

  test.each([
    ['low,high', /one severity/],
    ['never,unknown', /low, medium, high, unknown or never, not never/],
    ['', /--fail-on takes/],
  ])('%s is refused', (failOn, text) => {
    expect(given([shop], '--fail-on', failOn)).toMatchObject({ status: 2, stdout: '' });
    expect(given([shop], '--fail-on', failOn).stderr).toMatch(text);
  });
});

test('a cause that leaves many rules open has one row for its cluster', () => {
  const broken = { ...pos, properties: { ...(pos['properties'] as object), networkProfile: 7 } };
  const lines = given([broken]).stdout.split('\n');
  const rows = lines.filter((line) => line.includes('cannot be understood'));
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatch(/engine-enabled and \d+ more\s+cluster\s+unrecognised-value: networkProfile in the ARM body/);
});

describe('a table', () => {
  const clusters = file([shop, pos]);
  const whole = pos['name'] as string;
  const at = (width?: number) => runHere(audit, ['--clusters', clusters], '', width).stdout.split('\n');

  test('has one line per finding where it is wide enough, and when piped', () => {
    expect(at()[0]).toMatch(/^CLUSTER +VERDICT +SEVERITY +RULE +SUBJECT +WHAT$/);
    expect(at(400)[0]).toBe(at()[0]);
  });

  test.each([80, 40])('cuts no message in a terminal of %i columns', (width) => {
    const lines = at(width);
    expect(lines[0]).toBe(whole);
    expect(lines.join('\n')).not.toContain('…');
    const messages = lines.filter((line) => line.startsWith('    '));
    expect(Math.max(...messages.map((line) => line.length))).toBeLessThanOrEqual(width);
    const told = at()
      .filter((line) => line.startsWith(whole))
      .map((line) => line.split(/ {2,}/).at(-1)!);
    const shown = messages.map((line) => line.trim()).join(' ');
    for (const message of told) expect(shown).toContain(message);
  });
});

test.each([
  ['audit', runHere(audit, ['--help'])],
  ['connectivity', runHere(connectivity, ['--help'])],
])('the help of %s fits a terminal of 80 columns', (_name, { status, stdout }) => {
  expect(status).toBe(0);
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('a wrong field that no verdict needs is told once, and fails with --strict', () => {
  const { properties } = shop as { properties: { agentPoolProfiles: object[] } };
  const [first, ...others] = properties.agentPoolProfiles;
  const wrong = {
    ...shop,
    properties: { ...properties, agentPoolProfiles: [{ ...first, count: 'three' }, ...others] },
  };
  const { status, stderr } = given([wrong], '--strict', '--fail-on', 'never');
  expect(stderr.match(/agentPoolProfiles\.0\.count in the ARM body cannot be understood/g)).toHaveLength(1);
  expect(status).toBe(2);
});
