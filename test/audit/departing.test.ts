// A namespace that is being deleted: nobody is asked to mend what is in it, and its pods count until they are gone.
import { expect, test } from 'vitest';
import { slimmer } from '../../shared/estate/kubernetes/slim.ts';
import { auditCluster } from '../../shared/audit/audit.ts';
import type { Finding } from '../../shared/model/finding.ts';
import { subjectNamespace } from '../../shared/model/finding.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { sampleCluster } from '../support/estate.ts';

const terminating = { metadata: { deletionTimestamp: '2026-11-20T10:00:00Z' }, status: { phase: 'Terminating' } };
const active = { metadata: {}, status: { phase: 'Active' } };
const namespace = (name: string, { metadata, status }: { metadata: object; status: object }) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
  status,
});
const pod = (ns: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: ns, labels: { app: 'web' } },
  spec: {},
});
const broad = (ns: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'all', namespace: ns },
  spec: { podSelector: { matchLabels: { app: 'nobody' } }, ingress: [{}] },
});

function audit(state: { metadata: object; status: object }) {
  const raws = [
    namespace('old', state),
    namespace('shop', active),
    ...['old', 'shop'].flatMap((ns) => [pod(ns), broad(ns)]),
  ];
  return auditCluster({
    cluster: sampleCluster('sub', 'shop'),
    inCluster: { status: 'read', objects: parseObjects(raws).objects, forbiddenKinds: [] },
    now: new Date('2026-11-21T00:00:00Z'),
    excludedNamespaces: [],
  });
}
const inside = (findings: readonly Finding[], name: string) =>
  findings.filter(({ subject }) => subjectNamespace(subject) === name);

test('nothing in it fails or is unknown, and no remedy asks for an object that nobody can make there', () => {
  const found = inside(audit(terminating).findings, 'old');
  expect(inside(audit(active).findings, 'old').some(({ verdict }) => verdict === 'fail')).toBe(true);
  expect(found.filter(({ verdict }) => verdict === 'fail' || verdict === 'unknown')).toEqual([]);
  expect(found.filter((finding) => finding.remediation !== undefined || finding.reason !== undefined)).toEqual([]);
  const own = found.filter(({ subject }) => subject === 'namespace/old');
  expect(own.length).toBeGreaterThan(0);
  for (const finding of own)
    expect(finding).toMatchObject({ verdict: 'notApplicable', message: 'The namespace old is being deleted.' });
});

test('other namespaces are judged as ever, and its pods still talk', () => {
  const [before, after] = [audit(active), audit(terminating)];
  expect(inside(after.findings, 'shop')).toEqual(inside(before.findings, 'shop'));
  expect([after.exposure, after.reach]).toEqual([before.exposure, before.reach]);
});

test.each([
  ['by its phase', { metadata: {}, status: { phase: 'Terminating' } }],
  ['by the time of its deletion', { ...terminating, status: {} }],
])('is known %s, after the reader has cut it down as well', (_name, state) => {
  const raw = namespace('old', state);
  for (const given of [raw, slimmer('Namespace', 'v1')(raw)])
    expect(parseObjects([given]).objects.namespaces).toMatchObject([{ name: 'old', terminating: true }]);
  expect(parseObjects([namespace('old', active)]).objects.namespaces[0]).not.toHaveProperty('terminating');
});
