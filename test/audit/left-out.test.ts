// What is too large to be kept is said in the result and told once, and hides nothing else: above all not that the engine was switched off.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditCluster } from '../../shared/audit/audit.ts';
import { sayLeftOut } from '../../shared/audit/left-out.ts';
import { carryForward } from '../../shared/drift/carry.ts';
import { compareResults } from '../../shared/drift/compare.ts';
import type { Cluster } from '../../shared/model/cluster.ts';
import { compareFindings } from '../../shared/model/finding.ts';
import { isNews } from '../../shared/model/fit-result.ts';
import type { Result } from '../../shared/model/result.ts';
import { countVerdicts } from '../../shared/model/result.ts';
import { parseObjects } from '../../shared/network/index.ts';
import { sampleCluster, withoutEngine } from '../support/estate.ts';
import { runs } from '../support/runs.ts';

const shop = sampleCluster('11111111-1111-4111-8111-111111111111', 'shop');
const namespaces = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `ns-${i}` } }));

const audited = (cluster: Cluster, size = 3): Result =>
  auditCluster({
    cluster,
    inCluster: { status: 'read', objects: parseObjects(namespaces(size)).objects, forbiddenKinds: [] },
    now: new Date('2026-11-21T10:00:00Z'),
    excludedNamespaces: [],
    exemptions: { entries: [], maxDays: 365, zone: 'UTC' },
  });

/** As the store cuts it, only much earlier. */
function cut(whole: Result, most: number): Result {
  const lost = whole.findings.slice(most);
  if (lost.length === 0) return whole;
  const { reach: _reach, ...rest } = whole;
  return { ...rest, findings: whole.findings.slice(0, most), leftOut: countVerdicts(lost) };
}

/** Stores results one after another, as scans do, and gives the events of each step. */
function follow(...steps: readonly (readonly [Result, number])[]) {
  let stored: Result | undefined;
  return steps.map(([current, most]) => {
    const carried = carryForward(stored, current);
    const { whole, kept } = sayLeftOut({ whole: carried, kept: cut(carried, most) });
    const before = stored;
    const context = { scanId: 's', at: '2026-11-21T10:00:00Z', baseline: !before };
    const events = compareResults(before, whole, context).filter((event) => isNews(before, event));
    stored = kept;
    return { kept, events };
  });
}

const ALL = Number.POSITIVE_INFINITY;
const sight = ({ findings }: Result) => findings.find(({ rule }) => rule === 'auditor-visibility');

describe('a cluster that holds more than is kept', () => {
  const large = audited(shop, 30);

  test('says in a finding of its own what is left out, and is in order otherwise', () => {
    const [{ kept }] = follow([large, 10]) as [ReturnType<typeof follow>[number]];
    expect(sight(kept)).toMatchObject({ verdict: 'unknown', reason: 'too-large', severity: 'info' });
    expect(sight(kept)!.message).toMatch(
      /^The cluster holds more than is kept of one\. Left out: \d+ of \d+ findings \(\d+ of them failures\), who reaches whom\./,
    );
    expect(kept.verdict).toBe(large.verdict);
    expect(kept.findings).toEqual(kept.findings.toSorted(compareFindings));
  });

  test('is told once, and again when all of it fits', () => {
    const steps = follow([large, ALL], [large, 10], [large, 11], [large, ALL], [large, ALL]);
    expect(steps.map(({ events }) => events.map(({ title }) => title))).toEqual([
      [],
      ['shop holds more than Bulkhead can take in'],
      [],
      ['Bulkhead can take in all of shop again'],
      [],
    ]);
    expect(steps[1]!.events[0]).toMatchObject({ kind: 'visibility-lost', severity: 'medium' });
  });

  test('tells that its engine was switched off all the same', () => {
    const [, , off] = follow([large, ALL], [large, 10], [audited(withoutEngine(shop), 30), 10]);
    expect(off!.events.map(({ kind, rule = '' }) => `${kind} ${rule}`.trim())).toEqual(
      expect.arrayContaining(['engine-changed', 'new-failure engine-enabled']),
    );
    expect(off!.kept.engine).toBe('none');
  });

  test('keeps what it said before of what cannot be seen anyway', () => {
    const unread = { status: 'unknown', reason: 'forbidden', message: 'Not allowed.', remedy: 'Grant it.' } as const;
    const exemptions = { entries: [], maxDays: 365, zone: 'UTC' };
    const now = new Date('2026-11-21T10:00:00Z');
    const dark = auditCluster({ cluster: shop, inCluster: unread, now, excludedNamespaces: [], exemptions });
    const { kept } = sayLeftOut({ whole: dark, kept: cut(dark, 3) });
    expect(sight(kept)).toMatchObject({ verdict: 'unknown', reason: 'forbidden' });
    expect(sight(kept)!.message).toMatch(/^Not allowed\. The cluster holds more/);
  });
});

test('wherever it is cut, the sentence stands in both, nothing is there twice, and what fits stays as it is', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(120), (size, most) => {
      const whole = audited(shop, size);
      const given = { whole, kept: cut(whole, most) };
      const said = sayLeftOut(given);
      expect(said.whole === whole).toBe(given.kept === whole);
      for (const { findings } of [said.whole, said.kept])
        expect(findings.filter(({ rule }) => rule === 'auditor-visibility')).toEqual([sight(said.whole)]);
      expect(said.kept.findings.length - given.kept.findings.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: runs(100) },
  );
});
