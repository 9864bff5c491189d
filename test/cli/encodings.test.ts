// Files as Windows, Helm and people write them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit } from '../../infra/cli/audit-command.ts';
import { connectivity } from '../../infra/cli/connectivity-command.ts';
import { db, dbFromWeb, documents, expected, pod, web } from './connectivity-given.ts';
import { file, folder, root, runHere } from './in-process.ts';

const shop = readFileSync(join(root, 'infra/local/estate/retail-production/shop-prod.json'), 'utf8');

const littleEndian = (text: string): Uint8Array => Buffer.from(text, 'utf16le');
const bigEndian = (text: string): Uint8Array => Buffer.from(text, 'utf16le').swap16();
const encodings: [string, (text: string) => Uint8Array][] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16 little-endian with a mark, as Windows PowerShell writes it', (text) => littleEndian(`\uFEFF${text}`)],
  ['UTF-16 big-endian with a mark', (text) => bigEndian(`\uFEFF${text}`)],
  ['UTF-16 little-endian without a mark', littleEndian],
  ['UTF-16 big-endian without a mark', bigEndian],
];

describe.each(encodings)('%s', (_name, encode) => {
  test('is read as a list of clusters', () => {
    const { status, stdout } = runHere(audit, ['--clusters', file(encode(`[${shop}]`))]);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('1 cluster: 1 pass') });
  });

  test.each([
    ['YAML', 'all.yaml', documents(web, db, dbFromWeb)],
    ['YAML of Windows', 'all.yaml', documents(web, db, dbFromWeb).replaceAll('\n', '\r\n')],
  ])('is read as manifests: %s', (_kind, name, text) => {
    const { stdout } = runHere(connectivity, [folder({ [name]: encode(text) }), '--strict']);
    expect(stdout.trimEnd().split('\n')).toEqual(expected);
  });
});

test('a file that is not text in any encoding is named with its line', () => {
  const bytes = Buffer.concat([Buffer.from('[\n{"name": "caf'), Buffer.from([0xe9]), Buffer.from('"}]')]);
  const { status, stderr } = runHere(audit, ['--clusters', file(bytes)]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/clusters\.json:2 is not UTF-8 text: save it as UTF-8/);
});

test('JSON manifests may be one object, a list of kubectl, or JSON lines', () => {
  const asPod = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name } },
    spec: {},
  });
  const lines = [asPod('web'), asPod('db')].map((object) => JSON.stringify(object)).join('\n');
  const path = folder({ 'pods.json': lines, 'db.yaml': dbFromWeb });
  expect(runHere(connectivity, [path, '--strict']).stdout.trimEnd().split('\n')).toEqual(expected);
});

describe('a document that cannot be read', () => {
  const good = documents(web, db, dbFromWeb);
  const helm = `
apiVersion: v1
kind: Pod
metadata: { name: other, namespace: shop }
spec: { nodeName: "{{ .Values.node }}" }
`;
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'broken YAML among good',
      { 'a.yaml': `${documents(web, '\na: [1,\nb: }\n', db)}---${dbFromWeb}` },
      /a\.yaml:8:1 is not valid YAML/,
    ],
    ['broken YAML beside good', { 'a.yaml': good, 'b.yaml': 'a: [1,\nb: }' }, /b\.yaml:2:\d+ is not valid YAML/],
    ['broken JSON beside good', { 'a.yaml': good, 'b.json': '{"kind": ' }, /b\.json:1:\d+ is not valid YAML/],
    ['a file of bytes', { 'a.yaml': good, 'b.yaml': '\u0000\u0001\u0000' }, /b\.yaml/],
    [
      'a Helm template that is not YAML',
      { 'a.yaml': good, 'b.yaml': '{{- if .Values.on }}\nkind: Pod\n{{- end }}\n' },
      /b\.yaml:\d+ is a Helm template; render it first: helm template/,
    ],
    ['a Helm template that happens to be YAML', { 'a.yaml': documents(good, helm) }, /a\.yaml:\d+ is a Helm template/],
    [
      'a Helm template without quotes',
      { 'a.yaml': good, 'b.yaml': 'kind: Pod\nmetadata: { name: x }\nspec: {{ toYaml .Values.spec | nindent 2 }}\n' },
      /b\.yaml:\d+ is a Helm template/,
    ],
    [
      'a kustomization',
      { 'a.yaml': good, 'kustomization.yaml': 'resources: [a.yaml]\n' },
      /kustomization\.yaml is a kustomization, .* kubectl kustomize/,
    ],
    [
      'a kustomization in a folder with a blank in its name',
      { 'a.yaml': good, 'for review/kustomization.yaml': 'resources: [a.yaml]\n' },
      /kubectl kustomize '.*for review' > rendered\.yaml/,
    ],
  ])('%s is named with its place; the rest is judged, and --strict fails', (_name, files, text) => {
    const path = folder(files);
    const run = runHere(connectivity, [path]);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(text);
    expect(run.stdout.trimEnd().split('\n')).toEqual(expected);
    const strict = runHere(connectivity, [path, '--strict']);
    expect(strict).toMatchObject({ status: 2, stdout: run.stdout });
    expect(strict.stderr).toMatch(/--strict: 1 part of the input was left out\.\n$/);
    expect(runHere(audit, ['--manifests', path, '--fail-on', 'never'])).toMatchObject({ status: 0 });
    expect(runHere(audit, ['--manifests', path, '--fail-on', 'never', '--strict'])).toMatchObject({ status: 2 });
  });

  test('among thousands is one of the first twenty, and the rest are counted', () => {
    const path = folder({ 'a.yaml': documents(good, ...Array.from({ length: 50 }, () => '\na: [\n')) });
    expect(runHere(connectivity, [path]).stderr).toMatch(/and 30 more like these/);
  });

  test('has a line of its own, also where nothing could be read', () => {
    const path = folder({ 'a.yaml': 'a: [', 'b.yaml': '{{ .Values.all }}' });
    const lines = runHere(audit, ['--manifests', path]).stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/a\.yaml:1:\d+ is not valid YAML/);
    expect(lines[1]).toMatch(/b\.yaml:1 is a Helm template/);
  });

  test('alone is exit 2', () => {
    const path = folder({ 'a.yaml': '{{ .Values.all }}' });
    expect(runHere(connectivity, [path])).toMatchObject({ status: 2, stdout: '' });
    expect(runHere(audit, ['--manifests', path])).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('is not taken for a template', () => {
  test.each([
    ['braces of another tool', pod('shop', 'job', ', annotations: { a: "{{ $labels.instance }}" }')],
    [
      'a chart kept in a ConfigMap',
      '\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { t: "{{ .Values.x }}" }\n',
    ],
  ])('%s', (_name, text) => {
    const path = folder({ 'a.yaml': documents(web, text) });
    expect(runHere(connectivity, [path, '--strict'])).toMatchObject({ status: 0 });
  });

  test('a chart beside its rendered manifests: its own files are counted as of another tool', () => {
    const path = folder({
      'Chart.yaml': 'apiVersion: v2\nname: shop\nversion: 1.0.0\n',
      'values.yaml': 'replicas: 3\n',
      'all.yaml': web,
    });
    const { status, stderr } = runHere(connectivity, [path, '--strict']);
    expect(status).toBe(0);
    expect(stderr).toContain('skipped, not about network policy: 2 documents of other tools');
  });
});
