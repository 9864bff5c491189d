// Exemptions, as they are declared on a cluster: they overlay failures, and nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCluster } from '../../../shared/audit/audit.ts';
import { exempt } from '../../../shared/rules/exemptions/overlay.ts';
import { declaredExemptions } from '../../../shared/rules/exemptions/declared.ts';
import type { ExemptionEntry } from '../../../shared/model/exemption.ts';
import type { DeclaredExemption } from '../../../shared/rules/exemptions/declared.ts';
import { parseCluster } from '../../../shared/estate/parse-cluster.ts';
import type { Finding } from '../../../shared/model/finding.ts';
import { verdicts } from '../../../shared/model/verdict.ts';
import { parseObjects } from '../../../shared/network/index.ts';
import { parseExemptionText } from '../../../shared/rules/exemptions/sentence.ts';
import type { Snapshot } from '../../../shared/rules/rule.ts';

const ID =
  '/subscriptions/6f1c1d52-0b0e-4c1b-9a57-1d0c6f3b7a01/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/Shop';
const now = new Date('2026-11-21T00:00:00Z');

function snapshot(tags: Record<string, string>, objects: readonly unknown[] = [], entries: ExemptionEntry[] = []) {
  const listed = parseCluster({ id: ID, tags, properties: { networkProfile: { networkPlugin: 'azure' } } });
  if ('problem' in listed) throw new Error(listed.problem);
  const inCluster = { status: 'read' as const, objects: parseObjects(objects).objects, forbiddenKinds: [] };
  const made: Snapshot = {
    cluster: listed.cluster,
    inCluster,
    now,
    excludedNamespaces: [],
    exemptions: { entries, maxDays: 365 },
  };
  return made;
}
const verdictsOf = (given: Snapshot, rule: string) =>
  auditCluster(given)
    .findings.filter((finding) => finding.rule === rule)
    .map(({ subject, verdict }) => `${subject} ${verdict}`);

const entry = (over: Partial<ExemptionEntry>): ExemptionEntry => ({
  id: 'e1',
  cluster: '*',
  rule: 'engine-enabled',
  owner: 'ann',
  reason: 'a lab',
  expires: '2027-01-01T00:00:00Z',
  createdBy: 'bob',
  createdAt: '2026-11-01T00:00:00Z',
  ...over,
});

describe('a tag on the cluster', () => {
  test('exempts the failure it names and keeps who accepted it, why and until when', () => {
    const tags = { 'bulkhead-exempt': 'engine-enabled until 2027-01-31 by ann@contoso.example because it is a lab' };
    const found = auditCluster(snapshot(tags)).findings.find(({ rule }) => rule === 'engine-enabled');
    expect(found).toMatchObject({
      verdict: 'exempt',
      severity: 'high',
      exemption: {
        owner: 'ann@contoso.example',
        reason: 'it is a lab',
        expires: '2027-01-31T23:59:59.999Z',
        source: 'tag bulkhead-exempt',
      },
    });
  });

  test.each<[string, string, string]>([
    ['that has ended', 'engine-enabled until 2026-11-20 by ann because of a lab', 'cluster fail'],
    ['of the last day', 'engine-enabled until 2026-11-21 by ann because of a lab', 'cluster exempt'],
    ['for another rule', 'npm-ipv6 until 2027-01-31 by ann because of a lab', 'cluster fail'],
    ['for one namespace, on a failure of the cluster', 'engine-*@shop until 2027-01-31 by a because b', 'cluster fail'],
    ['that is malformed', 'engine-enabled', 'cluster fail'],
    ['that runs too long', 'engine-enabled until 2028-01-31 by ann because of a lab', 'cluster fail'],
  ])('%s', (_name, text, expected) => {
    expect(verdictsOf(snapshot({ 'bulkhead-exempt': text }), 'engine-enabled')).toEqual([expected]);
  });

  test('cannot exempt its own mistakes', () => {
    const tags = { 'bulkhead-exempt': '* until 2027-01-31 by ann because of a lab; nonsense' };
    expect(verdictsOf(snapshot(tags), 'exemption-valid')).toEqual(['cluster fail']);
  });
});

describe('an annotation', () => {
  const namespace = (name: string, text?: string) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, annotations: text === undefined ? {} : { 'bulkhead.io/exempt': text } },
  });
  const policy = (text: string) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'open', namespace: 'shop', annotations: { 'bulkhead.io/exempt': text } },
    spec: { podSelector: {}, ingress: [{}] },
  });
  const sentence = (rule: string) => `${rule} until 2027-01-31 by ann because of the move`;

  test('on a namespace exempts what is in that namespace only, whatever it says of others', () => {
    const given = snapshot({}, [namespace('shop', sentence('namespace-has-policy@lab')), namespace('lab')]);
    expect(verdictsOf(given, 'namespace-has-policy').toSorted()).toEqual([
      'namespace/lab fail',
      'namespace/shop exempt',
    ]);
    expect(verdictsOf(snapshot({}, [namespace('shop', sentence('*'))]), 'engine-enabled')).toEqual(['cluster fail']);
  });

  test('on a policy exempts that policy only', () => {
    const given = snapshot({}, [policy(sentence('*'))]);
    expect(verdictsOf(given, 'no-allow-all')).toEqual(['policy/shop/open[NetworkPolicy] exempt']);
    expect(verdictsOf(given, 'default-deny-ingress')).toEqual(['namespace/shop fail']);
  });

  test('that is malformed is a finding on the object', () => {
    const given = snapshot({}, [namespace('shop', 'please'), policy('why not')]);
    expect(verdictsOf(given, 'exemption-valid')).toEqual([
      'namespace/shop fail',
      'policy/shop/open[NetworkPolicy] fail',
    ]);
  });
});

describe('an entry', () => {
  test.each<[string, Partial<ExemptionEntry>, string]>([
    ['for every cluster', {}, 'cluster exempt'],
    ['for the cluster by name, in any case', { cluster: 'shop' }, 'cluster exempt'],
    ['for the cluster by id', { cluster: ID }, 'cluster exempt'],
    ['for clusters by pattern', { cluster: '/subscriptions/6f1c*' }, 'cluster exempt'],
    ['for another cluster', { cluster: 'sho' }, 'cluster fail'],
    ['for another subject', { subject: 'namespace/*' }, 'cluster fail'],
    ['that has ended', { expires: '2026-11-20T00:00:00Z' }, 'cluster fail'],
    ['without an owner', { owner: ' ' }, 'cluster fail'],
    ['without a reason', { reason: '' }, 'cluster fail'],
    ['longer than allowed from when it was made', { expires: '2027-11-02T00:00:00Z' }, 'cluster fail'],
    ['with an end that is no date', { expires: 'never' }, 'cluster fail'],
    ['with a beginning that is no date', { createdAt: '?' }, 'cluster fail'],
  ])('%s', (_name, over, expected) => {
    expect(verdictsOf(snapshot({}, [], [entry(over)]), 'engine-enabled')).toEqual([expected]);
  });

  test('made long ago may still run within the limit', () => {
    const long = entry({ createdAt: '2026-01-01T00:00:00Z', expires: '2026-12-31T00:00:00Z' });
    expect(declaredExemptions(snapshot({}, [], [long]))).toMatchObject({ active: [{}], problems: [] });
  });
});

test('whoever mends an exemption is told how, by where it was made', () => {
  const tags = { 'bulkhead-exempt': 'nonsense', 'bulkhead-exempt-2': 'more nonsense' };
  const found = auditCluster(snapshot(tags, [], [entry({ id: 'e7', reason: '' })])).findings;
  expect(found.find(({ rule }) => rule === 'exemption-valid')?.remediation?.split('\n')).toEqual([
    expect.stringContaining('RULE[,RULE] until YYYY-MM-DD') as string,
    '# End exemption e7 (in chat: unexempt e7), then make it again.',
  ]);
});

test('of two that cover a failure the one that ends last counts', () => {
  const tags = {
    'bulkhead-exempt': 'engine-* until 2026-12-01 by ann because a; engine-* until 2027-02-01 by bob because b',
  };
  const found = auditCluster(snapshot(tags)).findings.find(({ rule }) => rule === 'engine-enabled');
  expect(found!.exemption!.owner).toBe('bob');
});

test('whatever is exempted, only failures change, and only their verdict and exemption', () => {
  const finding = fc.record({
    rule: fc.constantFrom('a', 'b'),
    subject: fc.constantFrom('cluster', 'namespace/x', 'workload/x/y[Pod]'),
    verdict: fc.constantFrom(...verdicts),
    severity: fc.constant('high' as const),
    message: fc.constant('m'),
  });
  const declared: fc.Arbitrary<DeclaredExemption> = fc.record({
    rule: fc.constantFrom('a', '*', 'c'),
    subject: fc.constantFrom('*', 'cluster', 'workload/*'),
    exemption: fc.constant({ owner: 'o', reason: 'r', expires: '2027-01-01T00:00:00Z', source: 's' }),
  });
  fc.assert(
    fc.property(fc.array(finding), fc.array(declared), (findings: Finding[], active) => {
      const after = exempt(findings, active, new Set(['b']));
      expect(after).toHaveLength(findings.length);
      for (const [i, now] of after.entries()) {
        const before = findings[i]!;
        const change = `${before.verdict} ${now.verdict}`;
        expect([`${before.verdict} ${before.verdict}`, 'fail exempt']).toContain(change);
        expect(before.rule === 'b' && change === 'fail exempt').toBe(false);
        expect('exemption' in now).toBe(now.verdict === 'exempt' && before.verdict === 'fail');
        expect({ ...now, verdict: 0, exemption: 0 }).toEqual({ ...before, verdict: 0, exemption: 0 });
      }
    }),
  );
});

test('no text makes the parser throw, and each part gives an exemption or a problem', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(parseExemptionText(text, 'UTC').length).toBeGreaterThan(0);
    }),
  );
  expect(parseExemptionText('x'.repeat(1_000_000), 'UTC')).toMatchObject([
    { problem: expect.stringContaining('form') },
  ]);
  expect(parseExemptionText(';a'.repeat(1_000), 'UTC')).toMatchObject([
    { problem: expect.stringContaining('at most') },
  ]);
});
