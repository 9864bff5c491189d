// Drift: what is told, and what is kept quiet.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carryForward } from '../../shared/drift/carry.ts';
import { compareResults } from '../../shared/drift/compare.ts';
import type { Finding } from '../../shared/model/finding.ts';
import type { Result } from '../../shared/model/result.ts';
import { overallVerdict } from '../../shared/model/result.ts';
import type { UnknownReason, Verdict } from '../../shared/model/verdict.ts';

const finding = (rule: string, verdict: Verdict, more: Partial<Finding> = {}): Finding => ({
  rule,
  subject: 'cluster',
  verdict,
  severity: 'high',
  message: `${rule} says ${verdict}`,
  ...(verdict === 'unknown' ? { reason: 'transient' as UnknownReason } : {}),
  ...more,
});

const result = (findings: readonly Finding[], more: Partial<Result> = {}): Result => ({
  clusterId: '/subscriptions/s/resourcegroups/g/providers/microsoft.containerservice/managedclusters/one',
  name: 'one',
  subscriptionId: 's',
  resourceGroup: 'g',
  location: 'westeurope',
  tags: {},
  engine: 'cilium',
  plugin: 'azure',
  kubernetesVersion: '1.34.2',
  midOperation: false,
  verdict: overallVerdict(findings),
  findings,
  catalogue: '1',
  ...more,
});

const context = { scanId: 's1', at: '2026-11-21T10:00:00.000Z', baseline: false };

/** Stores results one after another, as scans do, and gives the events of each step. */
function follow(...steps: readonly Result[]): string[][] {
  let stored: Result | undefined;
  return steps.map((step) => {
    const next = carryForward(stored, step);
    const events = compareResults(stored, next, { ...context, baseline: stored === undefined });
    stored = next;
    return events.map((event) => [event.kind, event.rule].filter(Boolean).join(' '));
  });
}

describe('a rule over time', () => {
  test.each<[string, readonly Verdict[], readonly string[]]>([
    ['a failure at first sight is a baseline', ['fail'], []],
    ['passing, then failing, is told', ['pass', 'fail'], ['new-failure r']],
    ['failing, then passing, is resolved', ['fail', 'pass'], ['resolved r']],
    ['failing, then not applying, is resolved', ['fail', 'notApplicable'], ['resolved r']],
    ['failing all the time is told never again', ['pass', 'fail', 'fail', 'fail'], ['new-failure r']],
    ['an outage in a failure neither resolves nor repeats it', ['fail', 'unknown', 'unknown', 'fail'], []],
    ['a failure that ends during an outage is resolved after it', ['fail', 'unknown', 'pass'], ['resolved r']],
    ['a failure that begins during an outage is told after it', ['pass', 'unknown', 'fail'], ['new-failure r']],
    ['never known and then failing is told', ['unknown', 'fail'], ['new-failure r']],
    ['never known and then passing is quiet', ['unknown', 'pass'], []],
    ['an exemption resolves', ['fail', 'exempt'], ['resolved r']],
    ['the end of an exemption comes back', ['fail', 'exempt', 'fail'], ['resolved r', 'exemption-expired r']],
  ])('%s', (_name, verdicts, expected) => {
    expect(follow(...verdicts.map((verdict) => result([finding('r', verdict)]))).flat()).toEqual(expected);
  });

  test('a failure that becomes more severe is told again, one that becomes less is not', () => {
    const at = (severity: Finding['severity']): Result => result([finding('r', 'fail', { severity })]);
    expect(follow(at('low'), at('medium'), at('low')).flat()).toEqual(['new-failure r']);
  });

  test('the first findings of a rule that is new in the catalogue are a baseline', () => {
    expect(
      follow(result([finding('r', 'pass')]), result([finding('r', 'pass'), finding('new', 'fail')])).flat(),
    ).toEqual([]);
  });

  test('a new subject that fails under a known rule is told; one that is gone is resolved', () => {
    const a = finding('r', 'fail', { subject: 'namespace/a' });
    const b = finding('r', 'fail', { subject: 'namespace/b' });
    expect(follow(result([a]), result([a, b]), result([b]))).toEqual([[], ['new-failure r'], ['resolved r']]);
  });
});

describe('a cluster over time', () => {
  test('subjects that cannot be looked at stay, unknown, and come back without a word', () => {
    const seen = result([
      finding('r', 'fail', { subject: 'namespace/a' }),
      finding('r', 'pass', { subject: 'namespace/b' }),
    ]);
    const blind = result([finding('r', 'unknown', { reason: 'stopped' })]);
    expect(follow(seen, blind, seen).flat()).toEqual([]);
    const stored = carryForward(seen, blind);
    expect(stored.findings.find((f) => f.subject === 'namespace/a')).toMatchObject({
      verdict: 'unknown',
      reason: 'stopped',
      last: { verdict: 'fail', severity: 'high' },
    });
  });

  test('values seen in the middle of an operation raise nothing, and count when it is over', () => {
    const before = result([finding('r', 'pass')]);
    const during = result([finding('r', 'fail')], { midOperation: true, engine: 'none' });
    expect(follow(before, during, before).flat()).toEqual([]);
    const after = result([finding('r', 'fail')], { engine: 'none' });
    expect(follow(before, during, after)).toEqual([[], [], ['engine-changed', 'new-failure r']]);
  });

  test('an engine that the body does not tell has not changed; behind that, what it was before counts', () => {
    const seen = (more: Partial<Result> = {}) => result([finding('r', 'pass')], more);
    const untold = seen({ engine: 'unrecognised', plugin: '', engineUnread: true });
    expect(follow(seen(), untold, untold, seen())).toEqual([[], [], [], []]);
    expect(follow(seen(), untold, untold, seen({ engine: 'none' }))).toEqual([[], [], [], ['engine-changed']]);
  });

  test('what was never seen has not changed when it is seen first', () => {
    const seen = result([finding('r', 'pass')]);
    const more = { engine: 'unrecognised', plugin: '' } as const;
    const untold = result([finding('r', 'pass')], { ...more, engineUnread: true });
    const blind = result([finding('r', 'unknown')], { ...more, unreadable: { reason: 'timeout', message: 'm' } });
    for (const first of [untold, blind])
      expect(
        follow(first, first, seen)
          .flat()
          .filter((event) => event.endsWith('changed')),
      ).toEqual([]);
  });

  test('an engine that changed behind an outage is told after it', () => {
    const unreadable = { unreadable: { reason: 'subscription-unreadable' as const, message: 'no role' } };
    const blind = result([finding('r', 'unknown')], unreadable);
    const steps = follow(result([finding('r', 'pass')]), blind, result([finding('r', 'pass')], { engine: 'calico' }));
    expect(steps).toEqual([[], ['visibility-lost'], ['engine-changed', 'visibility-regained']]);
  });

  test('a stopped cluster keeps quiet about not being seen', () => {
    const inside = (verdict: Verdict): Result =>
      result([
        finding('auditor-visibility', verdict, {
          severity: 'info',
          ...(verdict === 'unknown' ? { reason: 'stopped' } : {}),
        }),
      ]);
    expect(follow(inside('pass'), inside('unknown'), inside('pass')).flat()).toEqual([]);
  });

  test('a plugin that changed is told', () => {
    expect(follow(result([]), result([], { plugin: 'kubenet' })).flat()).toEqual(['plugin-changed']);
  });

  test('appearing, going and coming back are told, the first sight of its subscription is not', () => {
    const here = result([finding('r', 'fail')]);
    expect(compareResults(undefined, here, { ...context, baseline: true })).toEqual([]);
    expect(compareResults(undefined, here, context)).toMatchObject([{ kind: 'cluster-appeared', severity: 'high' }]);
    expect(follow(here, { ...here, gone: true }, { ...here, gone: true }).flat()).toEqual(['cluster-gone']);
    expect(compareResults({ ...here, gone: true }, here, context)).toMatchObject([{ kind: 'cluster-appeared' }]);
  });
});

test('whatever happens to a rule, failures and their ends alternate', () => {
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'unknown', 'notApplicable', 'exempt');
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1, maxLength: 12 }), (verdicts) => {
      const events = follow(...verdicts.map((v) => result([finding('r', v)]))).flat();
      const starts = events.map((event) => !event.startsWith('resolved'));
      for (let i = 1; i < starts.length; i++) expect(starts[i]).not.toBe(starts[i - 1]);
    }),
  );
});

test('the same result twice tells nothing, whatever it is', () => {
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'unknown', 'notApplicable', 'exempt');
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 5 }), fc.boolean(), (verdicts, midOperation) => {
      const step = result(
        verdicts.map((v, i) => finding(`r${i}`, v)),
        { midOperation },
      );
      expect(follow(step, step)[1]).toEqual([]);
    }),
  );
});
